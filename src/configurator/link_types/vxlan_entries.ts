/** The entries that a file gave a VXLAN, which go, and those of an adopted one, which come back. */
import type { VxlanEntry } from "../../models/interface/vxlan.ts";
import { linkAt } from "../observed/lookup.ts";
import type { LinkBefore, OptionsBefore, VxlanEntryBefore } from "../ownership/prior_state.ts";
import type { LinkEnd } from "../ownership/records.ts";
import { entryKey, optionsBefore, vxlanEntries } from "../ownership/snapshot.ts";
import type { ActionOf, Task } from "../plan/actions.ts";
import type { PlanBuilder } from "../plan/plan_builder.ts";
import type { PlannedLink } from "../plan/planned_link.ts";
import type { TaskList } from "../plan/task_list.ts";

/** The address of all hardware addresses that have no entry. */
export const OTHERS = "00:00:00:00:00:00";

/** An entry that the kernel has, with what a file cannot say of it. */
export type ListedEntry = VxlanEntry & Pick<ActionOf<"delete-entry">, "way">;

/** An entry, as a task names it. */
export const listed = ({ mac, remote, ...way }: VxlanEntryBefore): ListedEntry => ({ mac, remote, way });

/**
 * Plans that the table of a VXLAN has the entries that it would have without this configuration.
 *
 * @param before What an adopted one was; undefined: this configuration made it.
 * @param end What the file gave it: of this, what was not there before goes.
 */
export function planEntriesBack(
  builder: PlanBuilder,
  item: string,
  link: PlannedLink,
  before: LinkBefore | undefined,
  end: LinkEnd | undefined,
  ends?: Pick<Task, "drops">,
): void {
  const { namespace, index = 0 } = link;
  const given = end?.entries ?? [];
  const formerly = before?.entries ?? [];
  if (given.length + formerly.length === 0) return;
  const now = vxlanEntries(namespace, { index });
  const textOf = (one: VxlanEntryBefore): string => JSON.stringify(listed(one));
  const [has, had] = [new Set(now.map(textOf)), new Set(formerly.map(textOf))];
  const isByKernel = byKernel(before?.options ?? optionsBefore(linkAt(namespace, index)?.data));
  for (const one of now.filter((one) => given.includes(entryKey(one)) && !had.has(textOf(one)) && !isByKernel(one))) {
    builder.add("configure", item, { kind: "delete-entry", link, ...listed(one) }, ends);
  }
  for (const one of formerly.filter((one) => !has.has(textOf(one)) && !isByKernel(one))) {
    builder.add("configure", item, { kind: "add-entry", link, ...listed(one) }, ends);
  }
}

/** Plans that a VXLAN which is made again has the entries that it had. */
export function fillEntries(
  plan: TaskList,
  item: string,
  link: PlannedLink,
  { entries = [], options }: LinkBefore,
): void {
  const isByKernel = byKernel(options);
  for (const one of entries.filter((one) => !isByKernel(one))) {
    plan.add("configure", item, { kind: "add-entry", link, ...listed(one) });
  }
}

/** True of the entry that the kernel makes of where packets go without one. */
function byKernel({ remote, remote6, group, group6 }: OptionsBefore = {}): (one: VxlanEntryBefore) => boolean {
  const other = remote ?? remote6 ?? group ?? group6;
  return (one) => one.mac === OTHERS && one.remote === other;
}
