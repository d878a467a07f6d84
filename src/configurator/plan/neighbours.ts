/** ARP entries: what the file describes against what exists. */
import { defined } from "../../collections.ts";
import { familyOf } from "../../ip/address.ts";
import type { LinuxArpEntry } from "../../models/arp.ts";
import type { NeighbourState } from "../../netlink/constants/neighbour.ts";
import { RTPROT_NETNS } from "../../netlink/constants/route.ts";
import { lookup } from "../observed/indexes.ts";
import { linkAt } from "../observed/lookup.ts";
import type { ObservedNamespace, ObservedNeighbour } from "../observed/observed_namespace.ts";
import type { NeighbourRecord } from "../ownership/records.ts";
import { foreignEntry, ownedByOther } from "../ownership/refusal.ts";
import { isSetNeighbour } from "../ownership/snapshot.ts";
import { arpItem } from "../report.ts";
import { LOOPBACK_INDEX } from "../../netlink/constants/link.ts";
import { refusedIpv6 } from "./ipv6_mtu.ts";
import type { NoLink, PlanBuilder } from "./plan_builder.ts";
import type { PlannedLink } from "./planned_link.ts";

/** The states of the file, as the kernel names them. */
const STATES = {
  PERMANENT: "permanent",
  NOARP: "noarp",
  REACHABLE: "reachable",
  STALE: "stale",
} as const satisfies Readonly<Record<LinuxArpEntry["state"]["type"], NeighbourState>>;
/** The states that an entry goes through by itself as it ages. */
const AGEING: ReadonlySet<NeighbourState | number> = new Set(["reachable", "stale", "delay", "probe"]);

/** Plans every ARP entry of the file. */
export function planNeighbours(builder: PlanBuilder): void {
  for (const entry of builder.input.config.arpEntries) {
    const item = arpItem(entry.name);
    const link = neighbourTarget(builder, entry);
    if ("reason" in link) {
      builder.wait(item, link.reason);
      builder.outOfReach(item, builder.namespaceOf(entry));
      keepWaiting(builder, item, entry);
    } else if (familyOf(entry.ipAddr) === 4 && hasNoArp(link)) {
      const reason = `${link.label} has no ARP: the kernel keeps no IPv4 neighbours on such a link`;
      builder.fail(item, { reason, hint: "take the entry out of the file" });
    } else {
      const refused = familyOf(entry.ipAddr) === 6 ? refusedIpv6(builder, link) : undefined;
      if (refused === undefined) planNeighbour(builder, item, entry, link);
      else builder.fail(item, refused);
    }
  }
}

function planNeighbour(builder: PlanBuilder, item: string, entry: LinuxArpEntry, link: PlannedLink): void {
  const { claims, adopt } = builder.input;
  const { ipAddr: ip, hwAddress: address, state: { type } } = entry;
  const actual = losesNeighbour(builder, entry, link) && !isKept(builder, entry, link)
    ? undefined
    : neighbourOf(entry, link);
  const record = actual && claims.neighbourAt(link.namespace, actual);
  if (record !== undefined) builder.keep(record, record.item === item ? record : { ...record, item });
  const label = (): string => `the neighbour ${ip} on ${link.label}`;
  const other = actual && claims.others.ownerOfNeighbour(link.namespace, actual);
  if (other !== undefined) return builder.fail(item, ownedByOther(label(), other));
  if (actual !== undefined && isAsDescribed(entry, link, actual)) {
    const { namespace: { cookie: namespace = "0" }, index } = link;
    if (record === undefined) builder.match({ kind: "neighbour", item, namespace, link: index ?? 0, ip });
    return;
  }
  const isForeign = actual !== undefined && record === undefined && FIXED.has(actual.state);
  if (isForeign && !adopt) return builder.fail(item, foreignEntry(label()));
  const { namespace, name } = link;
  if (isForeign) builder.add("adopt", item, { kind: "adopt", what: label(), namespace, name });
  const former = link.index === undefined ? undefined : claims.neighbourRecord(link.namespace, link.index, ip);
  if (former !== undefined) builder.keep(former); // what is set takes its place
  // The mark of one that is there cannot be taken away again.
  const protocol = isForeign || (record !== undefined && record.protocol === undefined) ? undefined : RTPROT_NETNS;
  const before = isForeign
    ? defined({ address: actual.address, state: String(actual.state), flags: actual.flags })
    : record?.before;
  const makes = (): NeighbourRecord => ({
    kind: "neighbour",
    item,
    namespace: link.namespace.cookie ?? "0",
    link: link.index ?? 0,
    ip,
    protocol,
    before,
  });
  const stage = needsCarrier(entry) && link.carrier === "comes" ? "after-carrier" : "configure";
  const isLost = !link.isNew && losesNeighbour(builder, entry, link) && neighbourOf(entry, link) !== undefined;
  const why = isLost ? `went with ${link.losesNeighbours ? "a change of its link" : "its address"}` : undefined;
  // The file says nothing of them: they stay as they are.
  const flags = actual === undefined ? former?.before?.flags : actual.flags;
  const action = { kind: "set-neighbour", link, ip, address, state: STATES[type], protocol, flags } as const;
  builder.add(stage, item, action, defined({ makes, why }));
}

/**
 * Keeps the record of an entry that waits for the carrier of its link. The kernel forgets the entry up to a second after
 * the carrier is gone, and it may come back before that.
 */
function keepWaiting(builder: PlanBuilder, item: string, entry: LinuxArpEntry): void {
  const link = builder.target(entry);
  if ("reason" in link || !link.up || losesNeighbour(builder, entry, link)) return;
  const actual = neighbourOf(entry, link);
  if (actual?.state === "permanent") return; // the kernel does not forget it, and it is not what waits
  const record = actual && builder.input.claims.neighbourAt(link.namespace, actual);
  if (record !== undefined) builder.keep(record, { ...record, item });
}

/** True of the loopback link and of a TUN: whatever neighbour is set there, the kernel makes it 0.0.0.0. */
function hasNoArp({ namespace, index }: PlannedLink): boolean {
  if (index === LOOPBACK_INDEX) return true;
  const link = index === undefined ? undefined : linkAt(namespace, index);
  return link?.kind === "tun" && link.address === undefined;
}

/** The states that somebody sets: all others the kernel learns from the traffic, and they are nobody's. */
const FIXED: ReadonlySet<NeighbourState | number> = new Set(["permanent", "noarp"]);

/** The link that an entry is set on, or why it has to wait. */
function neighbourTarget(builder: PlanBuilder, entry: LinuxArpEntry): PlannedLink | NoLink {
  const target = builder.target(entry);
  if ("reason" in target) return target;
  const name = `${target.name} in ${target.namespace.label}`;
  if (!target.up) return { reason: `${name} is down` };
  return needsCarrier(entry) && target.carrier === "missing" ? { reason: `${name} has no carrier` } : target;
}

/**
 * True of an entry that the kernel forgets when the link loses its carrier: every one that is not PERMANENT. It does so
 * up to a second later, so an entry that is still there does not mean that it stays.
 */
const needsCarrier = ({ state }: LinuxArpEntry): boolean => state.type !== "PERMANENT";

/** @param actual What remains of it when the plan is done with the link. */
function isAsDescribed(entry: LinuxArpEntry, link: PlannedLink, actual: ObservedNeighbour | undefined): boolean {
  if (needsCarrier(entry) && link.carrier === "comes") return false;
  const state = STATES[entry.state.type];
  return actual !== undefined && actual.address === entry.hwAddress &&
    (actual.state === state || (AGEING.has(state) && AGEING.has(actual.state)));
}

/** True if what exists goes by what the plan does to the link. */
function losesNeighbour(
  builder: PlanBuilder,
  { ipAddr }: LinuxArpEntry,
  { isNew, losesNeighbours, namespace, index }: PlannedLink,
): boolean {
  return isNew || losesNeighbours ||
    (familyOf(ipAddr) === 4 && index !== undefined && builder.effects.losesIpv4(namespace, index));
}

/** True of a neighbour of somebody else that goes with a change of its link or an address, and that the plan sets again. */
function isKept(builder: PlanBuilder, entry: LinuxArpEntry, link: PlannedLink): boolean {
  const actual = link.isNew || !link.up || !losesNeighbour(builder, entry, link) ? undefined : neighbourOf(entry, link);
  if (actual === undefined || !isSetNeighbour(actual, linkAt(link.namespace, actual.index))) return false;
  return builder.input.claims.neighbourRecord(link.namespace, actual.index, actual.ip) === undefined;
}

const neighboursByKey = lookup((one: ObservedNeighbour) => `${one.index} ${one.ip}`);

function neighbourOf({ ipAddr }: LinuxArpEntry, { namespace, index }: PlannedLink): ObservedNeighbour | undefined {
  return neighboursByKey(namespace, namespace.neighbours(familyOf(ipAddr)), `${index} ${ipAddr}`)[0];
}

/** Plans that a neighbour goes which this configuration set and no longer describes, or is what it was before. */
export function removeNeighbour(builder: PlanBuilder, namespace: ObservedNamespace, record: NeighbourRecord): void {
  const { ip, link: index, item, before } = record;
  const observed = linkAt(namespace, index);
  if (observed === undefined || builder.effects.isGone(namespace, index)) return;
  const link = builder.effects.linkOf(namespace, observed);
  const [actual] = neighboursByKey(namespace, namespace.neighbours(familyOf(ip)), `${index} ${ip}`);
  if (actual === undefined || link.losesNeighbours && (before === undefined || !link.up)) return;
  if (builder.input.claims.neighbourAt(namespace, actual) !== record) return; // somebody made it anew
  const state = before?.state === "noarp" ? "noarp" : "permanent";
  builder.add(
    link.losesNeighbours ? "configure" : "delete-entries",
    item,
    before?.address === undefined
      ? { kind: "delete-neighbour", link, ip }
      : { kind: "set-neighbour", link, ip, address: before.address, state, flags: before.flags },
    { drops: record },
  );
}
