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

/** Why a link is not deleted: a link of somebody else would go with it, or lose its master. */
export function linksOfOthers(
  builder: PlanBuilder,
  ends: readonly (ClaimedEnd | undefined)[],
): Pick<Refusal, "reason" | "owner"> | undefined {
  for (const end of ends) {
    for (const other of end?.namespace.links() ?? []) {
      if (end === undefined || !isOn(other, end.link) || isOwn(builder, end, other)) continue;
      const owner = builder.input.claims.others.ownerOfLink(end.namespace, other);
      const whose = owner === undefined ? "" : ` of the configuration ${JSON.stringify(owner)}`;
      const is = other.master === end.link.index ? "is a port of it" : "stands on it";
      return { reason: `the link ${printable(other.name)}${whose} ${is}`, owner };
    }
    const far = end && farLinkOn(builder, end.namespace, end.link.index, () => true);
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
): Pick<Refusal, "reason" | "owner"> | undefined {
  const { claims } = builder.input;
  const near = namespace.links().find((link) =>
    lowerIndex(link) === index && link.peerNamespaceId === undefined && isMeant(link) &&
    claims.linkAt(namespace, link) === undefined
  );
  return near === undefined ? farLinkOn(builder, namespace, index, isMeant) : standing(builder, namespace, near);
}

function standing(
  { input: { claims } }: PlanBuilder,
  namespace: ObservedNamespace,
  link: ObservedLink,
): Pick<Refusal, "reason" | "owner"> {
  const owner = claims.others.ownerOfLink(namespace, link);
  const whose = owner === undefined ? "" : ` of the configuration ${JSON.stringify(owner)}`;
  return { reason: `the link ${linkLabel(namespace, link)}${whose} stands on it`, owner };
}

/** What stands on a link from another namespace, as a MACVLAN may, and goes with it. */
function farLinkOn(
  builder: PlanBuilder,
  namespace: ObservedNamespace,
  index: number,
  isMeant: (link: ObservedLink) => boolean,
): Pick<Refusal, "reason" | "owner"> | undefined {
  const { claims, linkOn } = builder.input;
  for (const { namespace: at, link } of builder.crossing) {
    if (at === namespace || lowerIndex(link) !== index || !isMeant(link)) continue;
    if (at.namespaceId(namespace) !== link.peerNamespaceId || claims.linkAt(at, link) !== undefined) continue;
    return standing(builder, at, link);
  }
  const found = linkOn(namespace, index, isMeant);
  return found === undefined ? undefined : { reason: `the link ${found} stands on it`, owner: undefined };
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
