/** ARP entries: what the file describes against what is there. */
import type { LinuxArpEntry } from "../../models/arp.ts";
import { arpItem, type NoLink, type PlanBuilder } from "./plan_builder.ts";
import type { PlannedLink } from "./actions.ts";
import { familyOf, lookup, type ObservedNeighbour } from "../observed/observed_namespace.ts";

/** NUD_* of linux/neighbour.h. */
const STATES = { PERMANENT: 0x80, NOARP: 0x40, REACHABLE: 0x02, STALE: 0x04 } as const;
/** REACHABLE, STALE, DELAY and PROBE: what an entry that ages goes through by itself. */
const AGEING = 0x02 | 0x04 | 0x08 | 0x10;

/** Plans every ARP entry of the file. */
export function planNeighbours(builder: PlanBuilder): void {
  for (const entry of builder.input.config.arpEntries) {
    const item = arpItem(entry.name);
    const target = placeFor(builder, entry);
    if ("reason" in target) builder.wait(item, target.reason);
    else if (!isAsDescribed(builder, entry, target)) {
      const { ipAddr: ip, hwAddress: address, state } = entry;
      const stage = needsCarrier(entry) && target.carrier === "comes" ? "after-carrier" : "configure";
      builder.do(stage, item, { kind: "set-neighbour", link: target, ip, address, state: STATES[state.type] });
    }
  }
}

/** The link that an entry is given to, or why it has to wait. */
export function placeFor(builder: PlanBuilder, entry: LinuxArpEntry): PlannedLink | NoLink {
  const target = builder.target(entry);
  if ("reason" in target) return target;
  const name = `${target.name} in ${target.namespace.label}`;
  if (!target.up) return { reason: `${name} is down` };
  return needsCarrier(entry) && target.carrier === "missing" ? { reason: `${name} has no carrier` } : target;
}

/**
 * True of an entry that the kernel forgets when the link loses its carrier: every one that is not PERMANENT. It does so
 * up to a second later, so one that is there says nothing.
 */
const needsCarrier = ({ state }: LinuxArpEntry): boolean => state.type !== "PERMANENT";

function isAsDescribed(builder: PlanBuilder, entry: LinuxArpEntry, link: PlannedLink): boolean {
  if (losesNeighbour(builder, entry, link) || (needsCarrier(entry) && link.carrier === "comes")) return false;
  const state = STATES[entry.state.type];
  const actual = neighbourOf(entry, link);
  return actual !== undefined && actual.address === entry.hwAddress &&
    (actual.state === state || ((state & AGEING) !== 0 && (actual.state & AGEING) !== 0));
}

/** True if what is there goes by what the plan does to the link. */
function losesNeighbour(
  builder: PlanBuilder,
  { ipAddr }: LinuxArpEntry,
  { fresh, losesNeighbours, namespace, index }: PlannedLink,
): boolean {
  return fresh || losesNeighbours ||
    (familyOf(ipAddr) === 4 && index !== undefined && builder.losesIpv4(namespace, index));
}

const neighboursByKey = lookup((one: ObservedNeighbour) => `${one.index} ${one.ip}`);

function neighbourOf({ ipAddr }: LinuxArpEntry, { namespace, index }: PlannedLink): ObservedNeighbour | undefined {
  return neighboursByKey(namespace.neighbours(familyOf(ipAddr)), `${index} ${ipAddr}`)[0];
}

/** Plans that an entry that was described once, and has the address it was described with, goes. */
export function removeNeighbour(builder: PlanBuilder, entry: LinuxArpEntry, link: PlannedLink): void {
  if (link.fresh || link.losesNeighbours || neighbourOf(entry, link)?.address !== entry.hwAddress) return;
  builder.do("delete-entries", arpItem(entry.name), { kind: "delete-neighbour", link, ip: entry.ipAddr });
}
