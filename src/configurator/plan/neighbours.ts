/** ARP entries: what the file describes against what exists. */
import { familyOf } from "../../ip/address.ts";
import type { LinuxArpEntry } from "../../models/arp.ts";
import type { NeighbourState } from "../../netlink/constants/neighbour.ts";
import { lookup } from "../observed/lookup.ts";
import type { ObservedNeighbour } from "../observed/observed_namespace.ts";
import { arpItem } from "../report.ts";
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
    if ("reason" in link) builder.wait(item, link.reason);
    else if (!isAsDescribed(builder, entry, link)) {
      const { ipAddr: ip, hwAddress: address, state: { type } } = entry;
      const stage = needsCarrier(entry) && link.carrier === "comes" ? "after-carrier" : "configure";
      builder.add(stage, item, { kind: "set-neighbour", link, ip, address, state: STATES[type] });
    }
  }
}

/** The link that an entry is set on, or why it has to wait. */
export function neighbourTarget(builder: PlanBuilder, entry: LinuxArpEntry): PlannedLink | NoLink {
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

function isAsDescribed(builder: PlanBuilder, entry: LinuxArpEntry, link: PlannedLink): boolean {
  if (losesNeighbour(builder, entry, link) || (needsCarrier(entry) && link.carrier === "comes")) return false;
  const state = STATES[entry.state.type];
  const actual = neighbourOf(entry, link);
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

const neighboursByKey = lookup((one: ObservedNeighbour) => `${one.index} ${one.ip}`);

function neighbourOf({ ipAddr }: LinuxArpEntry, { namespace, index }: PlannedLink): ObservedNeighbour | undefined {
  return neighboursByKey(namespace.neighbours(familyOf(ipAddr)), `${index} ${ipAddr}`)[0];
}

/** Plans that an entry of an earlier description goes, if it still has the address of that description. */
export function removeNeighbour(builder: PlanBuilder, entry: LinuxArpEntry, link: PlannedLink): void {
  if (link.isNew || link.losesNeighbours || neighbourOf(entry, link)?.address !== entry.hwAddress) return;
  builder.add("delete-entries", arpItem(entry.name), { kind: "delete-neighbour", link, ip: entry.ipAddr });
}
