/** What the kernel demands of the link that another one stands on: that it takes one, and an MTU that leaves room. */
import { printable } from "../../../ffi/mod.ts";
import type { LinuxInterface } from "../../models/interface/linux_interface.ts";
import { linkAt } from "../observed/lookup.ts";
import type { ObservedLink } from "../observed/observed_namespace.ts";
import { linkLabel, type Refusal } from "../ownership/refusal.ts";
import { ETH_DATA_LEN, LOOPBACK_INDEX } from "../../netlink/constants/link.ts";
import type { PlanBuilder } from "../plan/plan_builder.ts";
import type { PlannedLink } from "../plan/planned_link.ts";
import { findLink } from "./find_link.ts";
import type { LinkKindOfType } from "./link_kind_of_type.ts";
import type { Member } from "./link_type.ts";
import { describedMaster, existingMaster, TAKING } from "./master.ts";
import { plannedParent, sharedParent } from "./parent.ts";
import { masterBack } from "./used_master.ts";

/** The types of the file of these kinds. */
const TAKING_TYPES: ReadonlySet<LinuxInterface["type"]> = new Set(["BRIDGE", "BOND"]);
/** The kinds that have no Ethernet packets, or hand none to a link on them. */
const WITHOUT_ETHERNET: ReadonlySet<string | undefined> = new Set([
  ...["wireguard", "vrf", "gre", "ip6gre", "ipip", "sit", "ip6tnl", "vti", "vti6"],
]);
/** The types of the file of these kinds, but for those tunnels that carry Ethernet. */
const TYPES_WITHOUT_ETHERNET: ReadonlySet<LinuxInterface["type"]> = new Set([
  ...["LOOPBACK", "TUN", "WIREGUARD", "VRF_DEVICE"] as const,
]);
const ETHERNET_TUNNELS: ReadonlySet<string | undefined> = new Set(["gretap", "ip6gretap"]);
/** The types whose new links have this MTU, whatever else is there. */
const USUAL_MTU = { types: new Set<LinuxInterface["type"]>(["VETH", "DUMMY", "IFB"]), mtu: ETH_DATA_LEN } as const;

/** Why an interface cannot stand on the link below as it is described; undefined: it can, so far as that is known. */
export function refusedBelow<F extends object, O extends object>(
  builder: PlanBuilder,
  kind: LinkKindOfType<F, O>,
  member: Member,
): Refusal | undefined {
  if (kind.mtuBelow === undefined && !kind.takesPackets) return undefined;
  const parent = kind.sharesParent ? sharedParent(builder, member) : plannedParent(builder, member);
  if (parent === undefined || "reason" in parent) return undefined;
  return (kind.takesPackets ? refusedPackets(builder, member, parent) : undefined) ??
    (kind.mtuBelow === undefined ? undefined : refusedMtu(builder, member, parent, kind.mtuBelow(member.model)));
}

/** Something else takes the packets of the link below, or it has none to take. */
function refusedPackets(builder: PlanBuilder, { model }: Member, parent: PlannedLink): Refusal | undefined {
  const hint = "name another link as its parent";
  if (isWithoutEthernet(builder, parent)) {
    return { reason: `the kernel puts no ${model.type} on ${parent.label}, which has no Ethernet packets`, hint };
  }
  const master = takingMaster(builder, parent);
  if (master === undefined) return undefined;
  const reason = `the kernel puts no ${model.type} on ${parent.label}, which is a port of ${master}`;
  return { reason, hint: `${hint}: ${master} itself, for one` };
}

function isWithoutEthernet({ descriptions }: PlanBuilder, { namespace, name, index }: PlannedLink): boolean {
  const model = descriptions.at(namespace, name);
  if (model?.type === "TUNNEL") return !ETHERNET_TUNNELS.has(model.tunnel?.mode);
  if (index === LOOPBACK_INDEX || model !== undefined && TYPES_WITHOUT_ETHERNET.has(model.type)) return true;
  const link = index === undefined ? undefined : linkAt(namespace, index);
  return link !== undefined && (WITHOUT_ETHERNET.has(link.kind) || link.kind === "tun" && link.address === undefined);
}

/** The bridge or bond that a link is a port of at the end of the plan, for people. */
function takingMaster(builder: PlanBuilder, { namespace, name, index }: PlannedLink): string | undefined {
  const model = builder.descriptions.at(namespace, name);
  if (model?.master === null) return undefined;
  const described = model && describedMaster(builder, model);
  if (described !== undefined) {
    return TAKING_TYPES.has(described.type) ? linkLabel(namespace, { name: described.hostIfName }) : undefined;
  }
  const link = index === undefined ? undefined : linkAt(namespace, index);
  const hostName = model && existingMaster(builder, model);
  const master = hostName === undefined
    ? link && masterKept(builder, namespace, link)
    : builder.remainingLink(namespace, hostName);
  return master !== undefined && TAKING.has(master.kind) ? linkLabel(namespace, master) : undefined;
}

/** The master of a link to which the file gives none: the one that it has, or gets back. */
function masterKept(
  { input: { claims }, effects }: PlanBuilder,
  namespace: Member["namespace"],
  link: ObservedLink,
): ObservedLink | undefined {
  const record = claims.linkAt(namespace, link)?.record;
  const back = record?.kind === "borrowed" ? masterBack(namespace, link, record) : undefined;
  const master = back?.master ?? link.master ?? 0;
  return master === 0 || effects.isGone(namespace, master) ? undefined : linkAt(namespace, master);
}

/** @param overhead The bytes that it adds to each packet. */
function refusedMtu(
  builder: PlanBuilder,
  member: Member,
  parent: PlannedLink,
  overhead: number,
): Refusal | undefined {
  const { model: { mtu, hostIfName }, namespace } = member;
  const below = mtu === undefined ? undefined : mtuOf(builder, parent);
  if (mtu === undefined || below === undefined || mtu <= below - overhead) return undefined;
  // As it is already: the kernel lowers it only when the link below changes.
  const observed = parent.index === undefined ? undefined : linkAt(parent.namespace, parent.index);
  if (observed?.mtu === below && findLink(builder, member)?.mtu === mtu) return undefined;
  const most = below - overhead;
  const room = overhead === 0 ? `the mtu of ${parent.label}` : `what the mtu ${below} of ${parent.label} leaves it`;
  return {
    reason: `mtu ${mtu} of ${printable(hostIfName)} in ${printable(namespace.label)} is above ${most}, ${room}`,
    hint: `give it an mtu of at most ${most}, or the link below a larger one`,
  };
}

/** The MTU that a link has at the end of the plan, where that is known. */
function mtuOf(builder: PlanBuilder, { namespace, name, index }: PlannedLink): number | undefined {
  const model = builder.descriptions.at(namespace, name);
  if (model?.mtu !== undefined) return model.mtu;
  const link = index === undefined ? undefined : linkAt(namespace, index);
  if (link !== undefined) return mayChange(builder, namespace, link) ? undefined : link.mtu;
  return model !== undefined && USUAL_MTU.types.has(model.type) ? USUAL_MTU.mtu : undefined;
}

/** True of a link whose MTU may become another one although the file gives it none: by its ports, or what is given back. */
function mayChange({ input }: PlanBuilder, namespace: Member["namespace"], link: ObservedLink): boolean {
  const getsPorts = TAKING.has(link.kind) && input.config.interfaces.some(({ master }) => master !== undefined);
  return getsPorts || input.claims.linkAt(namespace, link)?.record.kind === "borrowed";
}
