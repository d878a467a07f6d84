/** ARP entries: what the file describes against what is there. */
import type { LinuxArpEntry } from "../../models/arp.ts";
import { arpItem, type Draft, type NoLink } from "./plan_builder.ts";
import type { Slot } from "./actions.ts";
import { type ActualNeighbour, familyOf, lookup } from "../observed/observed_namespace.ts";

/** NUD_* of linux/neighbour.h. */
const STATES = { PERMANENT: 0x80, NOARP: 0x40, REACHABLE: 0x02, STALE: 0x04 } as const;
/** REACHABLE, STALE, DELAY and PROBE: what an entry that ages goes through by itself. */
const AGEING = 0x02 | 0x04 | 0x08 | 0x10;

/** Plans every ARP entry of the file. */
export function planNeighbours(draft: Draft): void {
  for (const entry of draft.situation.config.arpEntries) {
    const item = arpItem(entry.name);
    const target = placeFor(draft, entry);
    if ("reason" in target) draft.wait(item, target.reason);
    else if (!isAsDescribed(draft, entry, target)) {
      const { ipAddr: ip, hwAddress: address, state } = entry;
      const stage = needsCarrier(entry) && target.carrier === "comes" ? "carried" : "configure";
      draft.do(stage, item, { kind: "set-neighbour", slot: target, ip, address, state: STATES[state.type] });
    }
  }
}

/** The link that an entry is given to, or why it has to wait. */
export function placeFor(draft: Draft, entry: LinuxArpEntry): Slot | NoLink {
  const target = draft.target(entry);
  if ("reason" in target) return target;
  const name = `${target.name} in ${target.space.label}`;
  if (!target.up) return { reason: `${name} is down` };
  return needsCarrier(entry) && target.carrier === "missing" ? { reason: `${name} has no carrier` } : target;
}

/**
 * True of an entry that the kernel forgets when the link loses its carrier: every one that is not PERMANENT. It does so
 * up to a second later, so one that is there says nothing.
 */
const needsCarrier = ({ state }: LinuxArpEntry): boolean => state.type !== "PERMANENT";

function isAsDescribed(draft: Draft, entry: LinuxArpEntry, slot: Slot): boolean {
  if (losesNeighbour(draft, entry, slot) || (needsCarrier(entry) && slot.carrier === "comes")) return false;
  const state = STATES[entry.state.type];
  const actual = neighbourOf(entry, slot);
  return actual !== undefined && actual.address === entry.hwAddress &&
    (actual.state === state || ((state & AGEING) !== 0 && (actual.state & AGEING) !== 0));
}

/** True if what is there goes by what the plan does to the link. */
function losesNeighbour(
  draft: Draft,
  { ipAddr }: LinuxArpEntry,
  { fresh, losesNeighbours, space, index }: Slot,
): boolean {
  return fresh || losesNeighbours ||
    (familyOf(ipAddr) === 4 && index !== undefined && draft.losesIpv4(space, index));
}

const neighboursByKey = lookup((one: ActualNeighbour) => `${one.index} ${one.ip}`);

function neighbourOf({ ipAddr }: LinuxArpEntry, { space, index }: Slot): ActualNeighbour | undefined {
  return neighboursByKey(space.neighbours(familyOf(ipAddr)), `${index} ${ipAddr}`)[0];
}

/** Plans that an entry that was described once, and has the address it was described with, goes. */
export function removeNeighbour(draft: Draft, entry: LinuxArpEntry, slot: Slot): void {
  if (slot.fresh || slot.losesNeighbours || neighbourOf(entry, slot)?.address !== entry.hwAddress) return;
  draft.do("remove", arpItem(entry.name), { kind: "delete-neighbour", slot, ip: entry.ipAddr });
}
