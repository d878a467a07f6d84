/** `--adopt`: taking over what somebody else made, and what is never taken over. */
import type { LinuxInterface } from "../../models/interface/linux_interface.ts";
import { RT_TABLE_MAIN } from "../../netlink/constants/route.ts";
import { addressesOf } from "../observed/lookup.ts";
import type { ObservedLink, ObservedNamespace } from "../observed/observed_namespace.ts";
import { otherEnd } from "../observed/other_end.ts";
import { isLinkLocal6 } from "../../ip/arithmetic.ts";
import { lastingReason } from "../ownership/recorded_extras.ts";
import { isLastingRoute } from "../ownership/snapshot.ts";
import { describeLink, linkLabel } from "../ownership/refusal.ts";
import type { PlanBuilder } from "../plan/plan_builder.ts";
import { interfaceItem } from "../report.ts";
import { wholeForeignBefore } from "./link_records.ts";
import { linksOfOthers } from "./used_by_others.ts";

/** The kinds that can be made again as they were: those that have no options of their own. */
const RESTORABLE: ReadonlySet<string> = new Set(["veth", "dummy"]);

/**
 * Why a link is not adopted, whatever is asked: its other end is in use outside of the file, or the default route of the
 * host goes by it. Undefined: it may be.
 */
export function reasonNotToAdopt(
  builder: PlanBuilder,
  namespace: ObservedNamespace,
  link: ObservedLink,
): string | undefined {
  const { input, descriptions } = builder;
  if (namespace === input.namespaceOf() && carriesDefaultRoute(namespace, link)) {
    return "the default route of the default namespace goes by it";
  }
  if (link.kind !== "veth") return undefined;
  const far = otherEnd(namespace, link, input.namespaces());
  if (far === undefined) return "its other end is in a namespace that the file does not describe";
  if (descriptions.has(far.namespace, far.link.name)) return undefined;
  if (far.link.master !== undefined) {
    return `its other end, ${linkLabel(far.namespace, far.link)}, is a port of a bridge`;
  }
  const addresses = addressesOf(far.namespace, far.index).filter(({ text }) => !isLinkLocal6(text));
  return addresses.length === 0
    ? undefined
    : `its other end, ${linkLabel(far.namespace, far.link)}, carries ${addresses[0]?.text}`;
}

function carriesDefaultRoute(namespace: ObservedNamespace, { index }: ObservedLink): boolean {
  return ([4, 6] as const).some((family) =>
    namespace.routes(family, RT_TABLE_MAIN).some((route) => route.destination.endsWith("/0") && route.index === index)
  );
}

/** Plans that a link of somebody else goes, so that another can be made in its place; it is made again by destroy. */
export function replaceForeign(
  builder: PlanBuilder,
  model: LinuxInterface,
  namespace: ObservedNamespace,
  link: ObservedLink,
): void {
  if (builder.effects.isGone(namespace, link.index)) return; // with its other end
  const item = interfaceItem(model.name);
  const far = otherEnd(namespace, link, builder.input.namespaces());
  const ends = [{ namespace, link }, ...far === undefined ? [] : [far]];
  const before = ends.map((end) => wholeForeignBefore(builder, end.namespace, end.link));
  builder.replaced.set(item, before);
  builder.add("adopt", item, { kind: "adopt", what: linkLabel(namespace, link), namespace, name: link.name });
  const near = { namespace, index: link.index, name: link.name };
  builder.deleteLink(item, near, far && { namespace: far.namespace, index: far.index });
}

/** Why a link is not replaced by another: it, or its other end, could not be made again as it was. */
export function reasonNotToReplace(
  builder: PlanBuilder,
  namespace: ObservedNamespace,
  link: ObservedLink,
): string | undefined {
  const isRestorable = link.kind !== undefined && RESTORABLE.has(link.kind);
  if (!isRestorable) return `it is ${describeLink(link)}, which could not be made again as it was`;
  const { claims } = builder.input;
  const far = otherEnd(namespace, link, builder.input.namespaces());
  const ends = [{ namespace, link }, ...far === undefined ? [] : [far]];
  const others = linksOfOthers(builder, ends)?.reason;
  if (others !== undefined) return others;
  for (const end of ends) {
    const reason = lastingReason(end.namespace, end.link, claims) ?? lastingRoute(end.namespace, end.link);
    if (reason !== undefined) {
      return end.link === link ? reason : `of its other end, ${linkLabel(end.namespace, end.link)}: ${reason}`;
    }
  }
  return undefined;
}

/** A route by a link that goes with it and could not be made again, in words. */
function lastingRoute(namespace: ObservedNamespace, { index }: ObservedLink): string | undefined {
  const lasting = namespace.routesOf(index).find(isLastingRoute);
  return lasting && `the route to ${lasting.destination} by it could not be made again as it was`;
}
