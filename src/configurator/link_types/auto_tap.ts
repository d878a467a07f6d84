/** TAPs that another program makes in the default namespace: taken to where the file wants them, and given back. */
import { defined } from "../../collections.ts";
import type { LinuxInterface } from "../../models/interface.ts";
import { namespaceOfItem } from "../../models/references.ts";
import { isLinkLocal6 } from "../../ip/arithmetic.ts";
import { carrierOf, type LinkChange, type PlannedLink } from "../plan/actions.ts";
import { planAddresses } from "../plan/addresses.ts";
import { interfaceItem, isAvailable, type PlanBuilder } from "../plan/plan_builder.ts";
import { changeLink } from "../plan/change_link.ts";
import { addressesOf, linkNamed, type ObservedLink, type ObservedNamespace } from "../observed/observed_namespace.ts";

const temporaryName = ({ tap, hostIfName }: LinuxInterface): string => tap?.tempIfName ?? hostIfName;

/** Plans every TAP of the file. */
export function planTaps(builder: PlanBuilder): void {
  for (const model of builder.input.config.interfaces) {
    if (model.type !== "AUTO_TAP") continue;
    const missing = planTap(builder, model);
    if (missing === undefined) continue;
    builder.links.set(model.name, { reason: missing.reason });
    if (missing.broken) builder.fail(interfaceItem(model.name), missing.reason);
    else builder.wait(interfaceItem(model.name), missing.reason);
  }
}

function planTap(
  builder: PlanBuilder,
  model: LinuxInterface,
): { readonly reason: string; readonly broken: boolean } | undefined {
  const item = interfaceItem(model.name);
  const namespace = builder.input.namespaceOf(namespaceOfItem(model));
  if (!isAvailable(namespace)) return { reason: namespace.unavailable, broken: namespace.broken };
  const there = linkNamed(namespace, model.hostIfName);
  if (there?.kind === "tun") return void keep(builder, model, namespace, there);
  // The file may have had a pair of this name here before.
  const wasPair = there?.kind === "veth" && builder.formerly(model)?.type === "VETH";
  if (there !== undefined && !wasPair) {
    return { reason: `${there.name} in ${namespace.label} is no TAP (${there.kind ?? "hardware"})`, broken: true };
  }
  if (there !== undefined) builder.unlink(item, namespace, there);
  const former = builder.formerly(model);
  const before = former === undefined || builder.isDescribed(namespace, former.hostIfName)
    ? undefined
    : linkNamed(namespace, former.hostIfName);
  if (before?.kind === "tun") return void keep(builder, model, namespace, before);
  const home = builder.input.namespaceOf();
  const waiting = isAvailable(home) ? linkNamed(home, temporaryName(model)) : undefined;
  if (!isAvailable(home) || waiting?.kind !== "tun") {
    return { reason: `there is no TAP ${temporaryName(model)} in the default namespace`, broken: false };
  }
  if (home === namespace) return void keep(builder, model, namespace, waiting);
  move(builder, model, namespace, home, waiting);
  return undefined;
}

function keep(
  builder: PlanBuilder,
  model: LinuxInterface,
  namespace: ObservedNamespace,
  observed: ObservedLink,
): void {
  builder.keep(namespace, observed);
  const link = changeLink(builder, model, namespace, observed, observed.carrier);
  builder.links.set(model.name, link);
  planAddresses(builder, model, link);
}

/** Moves `observed` with what is on it, and changes what the file has otherwise. */
function move(
  builder: PlanBuilder,
  model: LinuxInterface,
  namespace: ObservedNamespace,
  home: ObservedNamespace,
  observed: ObservedLink,
): void {
  const { physAddress, mtu, enabled } = model;
  const { index, name } = observed;
  const item = interfaceItem(model.name);
  const link = movedLink(namespace, model.hostIfName, enabled, observed.carrier);
  builder.need(namespace, item);
  builder.moveAway(home, observed);
  builder.links.set(model.name, link);
  builder.do("create", item, { kind: "move-link", link, from: home, index, name, whole: true });
  const change: LinkChange = defined({
    address: physAddress === observed.address ? undefined : physAddress,
    mtu: mtu === observed.mtu ? undefined : mtu,
    up: enabled === observed.up ? undefined : enabled,
  });
  planAddresses(builder, model, link, addressesOf(home, index).filter(({ text }) => !isLinkLocal6(text)));
  if (Object.keys(change).length > 0) {
    builder.do("configure", item, { kind: "change-link", link, name: link.name, change });
  }
}

const movedLink = (namespace: ObservedNamespace, name: string, up: boolean, carried: boolean): PlannedLink => ({
  namespace,
  name,
  index: undefined,
  fresh: true,
  up,
  goesDown: false,
  losesNeighbours: false,
  carrier: carrierOf(false, up && carried),
});

/** Plans that a TAP that is described no longer goes back to the default namespace, under its first name. */
export function releaseTap(
  builder: PlanBuilder,
  model: LinuxInterface,
  namespace: ObservedNamespace,
  observed: ObservedLink,
): void {
  const item = interfaceItem(model.name);
  const home = builder.input.namespaceOf();
  const name = temporaryName(model);
  if (!isAvailable(home)) return builder.leave(item, home.unavailable);
  if (observed.kind !== "tun") {
    return builder.leave(
      item,
      `${observed.name} in ${namespace.label} is left: it is no TAP (${observed.kind ?? "hardware"})`,
    );
  }
  if (home === namespace && name === observed.name) return;
  if (linkNamed(home, name) !== undefined) {
    return builder.leave(
      item,
      `${observed.name} in ${namespace.label} is left: the default namespace has a link ${name}`,
    );
  }
  if (home === namespace) {
    const link = builder.plannedLink(namespace, observed);
    return builder.do("delete-links", item, { kind: "change-link", link, name: observed.name, change: { name } });
  }
  builder.moveAway(namespace, observed);
  const link = movedLink(home, name, observed.up, observed.carrier);
  builder.do("delete-links", item, {
    kind: "move-link",
    link,
    from: namespace,
    index: observed.index,
    name: observed.name,
    whole: false,
  });
  if (observed.up) builder.do("configure", item, { kind: "change-link", link, name, change: { up: true } });
}
