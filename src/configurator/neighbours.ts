/** ARP entries: what the file describes against what is there. */
import type { LinuxArpEntry } from "../models/arp.ts";
import { arpItem, type Draft } from "./draft.ts";
import type { Slot } from "./actions.ts";
import { type ActualNeighbour, familyOf, lookup } from "./space.ts";

/** NUD_* of linux/neighbour.h. */
const STATES = { PERMANENT: 0x80, NOARP: 0x40, REACHABLE: 0x02, STALE: 0x04 } as const;
/** REACHABLE, STALE, DELAY and PROBE: what an entry that ages goes through by itself. */
const AGEING = 0x02 | 0x04 | 0x08 | 0x10;

/** Plans every ARP entry of the file. */
export function planNeighbours(draft: Draft): void {
  for (const entry of draft.situation.config.arpEntries) {
    const item = arpItem(entry.name);
    const target = draft.target(entry);
    if ("reason" in target) draft.wait(item, target.reason);
    else if (!target.up) draft.wait(item, `${target.name} in ${target.space.label} is down`);
    else if (!isAsDescribed(entry, target)) {
      const { ipAddr: ip, hwAddress: address, state } = entry;
      draft.do("configure", item, { kind: "set-neighbour", slot: target, ip, address, state: STATES[state.type] });
    }
  }
}

function isAsDescribed(entry: LinuxArpEntry, slot: Slot): boolean {
  if (slot.fresh || slot.losesNeighbours) return false;
  const state = STATES[entry.state.type];
  const actual = neighbourOf(entry, slot);
  return actual !== undefined && actual.address === entry.hwAddress &&
    (actual.state === state || ((state & AGEING) !== 0 && (actual.state & AGEING) !== 0));
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
