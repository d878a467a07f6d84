/** What others have on a link of this configuration, and would lose with it: links that stand on it, ports, qdiscs. */
import { printable } from "../../../ffi/mod.ts";
import { lowerIndex } from "../observed/lookup.ts";
import type { ObservedLink, ObservedNamespace } from "../observed/observed_namespace.ts";
import type { ClaimedEnd } from "../ownership/claims.ts";
import { IMPAIR_HANDLE } from "../ownership/records.ts";
import { linkLabel, type Refusal } from "../ownership/refusal.ts";
import type { PlanBuilder } from "../plan/plan_builder.ts";

/** The handle of a qdisc that the kernel made. */
const KERNEL_HANDLE = "0:";

/** A link of somebody else that is in the way, and what it does there. */
type InTheWay = Pick<Refusal, "reason" | "owner">;

/** Why a link is not deleted: a link of somebody else would go with it, or lose its master. */
export function linksOfOthers(builder: PlanBuilder, ends: readonly (ClaimedEnd | undefined)[]): InTheWay | undefined {
  for (const end of ends) {
    if (end === undefined) continue;
    const { namespace, link } = end;
    const other = namespace.links().find((one) => isOn(one, link) && !isOwn(builder, end, one));
    if (other !== undefined) {
      const is = other.master === link.index ? "is a port of it" : "stands on it";
      return inTheWay(builder, namespace, other, printable(other.name), is);
    }
    const far = farLinkOn(builder, namespace, link.index, () => true);
    if (far !== undefined) return far;
  }
  return undefined;
}

/** A link of somebody else that stands on a link, in whichever namespace it is. */
export function foreignLinkOn(
  builder: PlanBuilder,
  namespace: ObservedNamespace,
  index: number,
  isMeant: (link: ObservedLink) => boolean,
): InTheWay | undefined {
  const near = namespace.links().find((link) =>
    lowerIndex(link) === index && link.peerNamespaceId === undefined && isMeant(link) &&
    builder.input.claims.linkAt(namespace, link) === undefined
  );
  if (near === undefined) return farLinkOn(builder, namespace, index, isMeant);
  return inTheWay(builder, namespace, near, linkLabel(namespace, near), "stands on it");
}

/** What stands on a link from another namespace, as a MACVLAN may, and goes with it. */
function farLinkOn(
  builder: PlanBuilder,
  namespace: ObservedNamespace,
  index: number,
  isMeant: (link: ObservedLink) => boolean,
): InTheWay | undefined {
  const { claims, linkOn } = builder.input;
  const found = linkOn(namespace, index, (link, at) => (
    isMeant(link) && (at === undefined || claims.linkAt(at, link) === undefined)
  ));
  if (found === undefined) return undefined;
  return inTheWay(builder, found.namespace, found.link, linkLabel(found, found.link), "stands on it");
}

/** @param namespace The namespace of the link, if the plan opened it: of others nobody knows whose links they are. */
function inTheWay(
  { input: { claims } }: PlanBuilder,
  namespace: ObservedNamespace | undefined,
  link: ObservedLink,
  label: string,
  is: string,
): InTheWay {
  const owner = namespace && claims.others.ownerOfLink(namespace, link);
  const whose = owner === undefined ? "" : ` of the configuration ${JSON.stringify(owner)}`;
  return { reason: `the link ${label}${whose} ${is}`, owner };
}

/** Why a link is not made anew: it would lose what somebody else has on it. */
export function reasonToStay(builder: PlanBuilder, ends: readonly (ClaimedEnd | undefined)[]): Refusal | undefined {
  const [near] = ends.filter((end) => end !== undefined);
  if (near === undefined) return undefined;
  const label = linkLabel(near.namespace, near.link);
  const links = linksOfOthers(builder, ends);
  if (links !== undefined) {
    return { ...links, reason: `${label} is not made anew: ${links.reason}`, hint: "take that away first" };
  }
  for (const end of ends) {
    const [id] = end?.namespace.extras(end.link).nextHops ?? [];
    if (id !== undefined) {
      const reason = `${label} is not made anew: the nexthop object ${id} goes by it`;
      return { reason, owner: null, hint: `take that away first: ip nexthop del id ${id}` };
    }
    const qdisc = end && qdiscOfOthers(builder, end.namespace, end.link);
    if (end === undefined || qdisc === undefined) continue;
    return {
      reason: `${label} is not made anew: it would lose the qdisc ${qdisc.kind} of ${
        linkLabel(end.namespace, end.link)
      }, which is not this configuration's`,
      owner: builder.input.claims.others.ownerOfQdisc(end.namespace, end.link.index) ?? null,
      hint: `take that away first: tc qdisc del dev ${printable(end.link.name)} ${qdisc.parent}`,
    };
  }
  return undefined;
}

/** A qdisc of a link that neither the kernel nor this configuration made. */
function qdiscOfOthers(
  { input: { claims } }: PlanBuilder,
  namespace: ObservedNamespace,
  { index }: ObservedLink,
): { readonly kind: string; readonly parent: string } | undefined {
  const isOurs = claims.qdiscRecord(namespace, index) !== undefined;
  const found = namespace.qdiscs().find(({ linkIndex, handle }) =>
    linkIndex === index && handle !== KERNEL_HANDLE && !(isOurs && handle === IMPAIR_HANDLE)
  );
  return found && { kind: printable(found.kind), parent: found.parent ?? "root" };
}

/** True of a port of a link, and of a link that the kernel deletes with it. */
const isOn = ({ kind, master, peerIndex, peerNamespaceId, data }: ObservedLink, { index }: ObservedLink): boolean =>
  master === index || kind !== "veth" && peerIndex === index && peerNamespaceId === undefined ||
  data?.kind === "vxlan" && data.link === index;

/** True of a link that this configuration made, or to which it gave the master that it has. */
function isOwn({ input: { claims } }: PlanBuilder, { namespace, link }: ClaimedEnd, other: ObservedLink): boolean {
  const record = claims.linkAt(namespace, other)?.record;
  if (record?.kind !== "borrowed" || record.used === undefined) return record !== undefined;
  return other.master !== link.index || record.used.master !== undefined;
}
