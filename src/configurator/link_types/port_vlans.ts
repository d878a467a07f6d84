/** The VLANs that a port of a bridge is in. */
import { linkAt } from "../observed/lookup.ts";
import type { ObservedNamespace } from "../observed/observed_namespace.ts";
import type { LinkBefore, VlanBefore } from "../ownership/prior_state.ts";
import type { Stage, Task, VlanFlags } from "../plan/actions.ts";
import type { PlannedLink } from "../plan/planned_link.ts";
import type { TaskList } from "../plan/task_list.ts";

/** VLANs by their numbers. */
export type PortVlans = ReadonlyMap<number, VlanFlags>;

/** What differs between the VLANs that a port is in and those that it is to be in. */
export interface VlanChange {
  readonly remove: readonly number[];
  readonly add: PortVlans;
}

/** The VLANs of a port that is there. */
export function vlansOf(namespace: ObservedNamespace, index: number): PortVlans {
  return asMap(namespace.bridgeVlans(index));
}

/** VLANs of a record, or of the kernel, by their numbers. */
export const asMap = (vlans: readonly VlanBefore[]): PortVlans =>
  new Map(vlans.map(({ id, pvid, untagged }) => [id, { pvid, untagged }]));

/** VLANs as a record keeps them. */
export const asList = (vlans: PortVlans): VlanBefore[] => [...vlans].map(([id, flags]) => ({ id, ...flags }));

/** The VLANs of a port that its bridge has just taken; 0: the bridge puts it into none. */
export function newPortVlans(pvid: number): PortVlans {
  return new Map(pvid === 0 ? [] : [[pvid, { pvid: true, untagged: true }]]);
}

/**
 * The VLANs of a port after its bridge got another default one, 0 for none: the kernel moves a port that has the old one
 * as it gave it, and puts one into the new one where there was none, unless it is in that already.
 */
export function withDefaultPvid(now: PortVlans, before: number, then: number): PortVlans {
  const has = now.get(before);
  const isAsGiven = has?.pvid === true && has.untagged;
  if (before === then || before !== 0 && !isAsGiven || then !== 0 && now.has(then)) return now;
  const others = [...now].filter(([id]) => id !== before)
    .map(([id, { untagged }]): [number, VlanFlags] => [id, { pvid: false, untagged }]);
  // One that had no default may have a PVID of its own, which the new one takes the place of.
  return new Map(then === 0 ? [...now].filter(([id]) => id !== before) : [...others, ...newPortVlans(then)]);
}

/** What leads from some VLANs to others. */
export function changeOfVlans(now: PortVlans, then: PortVlans): VlanChange {
  return {
    remove: [...now.keys()].filter((id) => !then.has(id)),
    add: new Map([...then].filter(([id, flags]) => !isSame(now.get(id), flags))),
  };
}

/** True of the same flags. */
export const isSame = (a: VlanFlags | undefined, b: VlanFlags | undefined): boolean =>
  a?.pvid === b?.pvid && a?.untagged === b?.untagged;

/** Plans that a port is in other VLANs. */
export function planVlans(
  plan: TaskList,
  stage: Stage,
  item: string,
  link: PlannedLink,
  { remove, add }: VlanChange,
  ends?: Pick<Task, "drops">,
): void {
  for (const ids of runsOf(remove, () => "")) plan.add(stage, item, { kind: "delete-vlan", link, ids }, ends);
  const flagsOf = (id: number): VlanFlags => add.get(id) ?? { pvid: false, untagged: false };
  for (const ids of runsOf([...add.keys()], (id) => `${flagsOf(id).pvid ? id : ""} ${flagsOf(id).untagged}`)) {
    plan.add(stage, item, { kind: "add-vlan", link, ids, flags: flagsOf(ids[0]) }, ends);
  }
}

/**
 * Plans that a port of a bridge that is there, to which it has just come, is in the VLANs that it was in, and that the bridge
 * has the entries for it that it had.
 */
export function planNewPortTables(
  plan: TaskList,
  item: string,
  link: PlannedLink,
  { vlans, forwarding = [], master }: Pick<LinkBefore, "vlans" | "forwarding" | "master">,
  ends?: Pick<Task, "drops">,
): void {
  if (master === undefined || master === 0) return;
  if (vlans !== undefined) {
    const data = linkAt(link.namespace, master)?.data;
    const now = newPortVlans(data?.kind === "bridge" ? data.vlanDefaultPvid ?? 1 : 1);
    planVlans(plan, "after-carrier", item, link, changeOfVlans(now, asMap(vlans)), ends);
  }
  for (const ofPort of forwarding) { // after its VLANs: the bridge takes no entry of another one
    plan.add("after-carrier", item, { kind: "add-entry", link, mac: ofPort.address, ofPort }, ends);
  }
}

/** The first and the last of each run of neighbouring numbers of one kind. */
function runsOf(ids: readonly number[], kindOf: (id: number) => string): (readonly [from: number, to: number])[] {
  const runs: [number, number][] = [];
  for (const id of [...ids].sort((a, b) => a - b)) {
    const last = runs.at(-1);
    if (last !== undefined && last[1] === id - 1 && kindOf(last[1]) === kindOf(id)) last[1] = id;
    else runs.push([id, id]);
  }
  return runs;
}
