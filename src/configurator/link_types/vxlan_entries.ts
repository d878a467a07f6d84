/** The entries of an adopted VXLAN, which come back. */
import type { VxlanEntry } from "../../models/interface/vxlan.ts";
import type { LinkBefore, VxlanEntryBefore } from "../ownership/prior_state.ts";
import type { LinkEnd } from "../ownership/records.ts";
import { entryKey, vxlanEntries } from "../ownership/snapshot.ts";
import type { ActionOf, Task } from "../plan/actions.ts";
import type { PlanBuilder } from "../plan/plan_builder.ts";
import type { PlannedLink } from "../plan/planned_link.ts";

/** The address of all hardware addresses that have no entry. */
export const OTHERS = "00:00:00:00:00:00";

/** An entry that the kernel has, with what a file cannot say of it. */
export type ListedEntry = VxlanEntry & Pick<ActionOf<"delete-entry">, "way">;

/** An entry, as a task names it. */
export const listed = ({ mac, remote, ...way }: VxlanEntryBefore): ListedEntry => ({ mac, remote, way });

/**
 * Plans that the table of an adopted VXLAN has the entries that it had.
 *
 * @param end What the file gave it: of this, what was not there before goes.
 */
export function planEntriesBack(
  builder: PlanBuilder,
  item: string,
  link: PlannedLink,
  before: LinkBefore,
  end: LinkEnd | undefined,
  ends: Pick<Task, "drops">,
): void {
  const { namespace, index = 0 } = link;
  const given = end?.entries ?? [];
  if (before.entries === undefined) return;
  const now = vxlanEntries(namespace, { index });
  const textOf = (one: VxlanEntryBefore): string => JSON.stringify(listed(one));
  const [has, had] = [new Set(now.map(textOf)), new Set(before.entries.map(textOf))];
  for (const one of now.filter((one) => given.includes(entryKey(one)) && !had.has(textOf(one)))) {
    builder.add("configure", item, { kind: "delete-entry", link, ...listed(one) }, ends);
  }
  const { remote, remote6, group, group6 } = before.options ?? {};
  const byKernel = remote ?? remote6 ?? group ?? group6;
  const isByKernel = (one: VxlanEntryBefore): boolean => one.mac === OTHERS && one.remote === byKernel;
  for (const one of before.entries.filter((one) => !has.has(textOf(one)) && !isByKernel(one))) {
    builder.add("configure", item, { kind: "add-entry", link, ...listed(one) }, ends);
  }
}
