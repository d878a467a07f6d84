/** The master that the file gives a link that this configuration uses, and the one that the link gets back. */
import type { LinuxInterface } from "../../models/interface/linux_interface.ts";
import { namespaceOfItem } from "../../models/references.ts";
import { linkAt, linkNamed } from "../observed/lookup.ts";
import type { ObservedLink, ObservedNamespace } from "../observed/observed_namespace.ts";
import { allUsed } from "../ownership/formerly.ts";
import type { BorrowedRecord, UsedFields } from "../ownership/records.ts";
import type { LinkChange } from "../plan/actions.ts";
import type { PlanBuilder } from "../plan/plan_builder.ts";
import type { PlannedLink } from "../plan/planned_link.ts";
import { interfaceItem } from "../report.ts";
import type { FoundMember } from "./link_type.ts";
import { changeMaster, type Cycle, cycleOf, describedMaster, withCycle } from "./master.ts";
import { addEntries } from "./entries_back.ts";
import { givePortBack, giveWholePortBack } from "./used_port.ts";

/** The name of the master of a link; empty for none. */
export const masterName = (namespace: ObservedNamespace, { master }: Pick<ObservedLink, "master">): string =>
  master === undefined ? "" : linkAt(namespace, master)?.name ?? "";

/** The host name of the master that the file gives a link; empty for none. Undefined: it stays as it is. */
export function masterGiven({ descriptions }: PlanBuilder, { master, ...model }: LinuxInterface): string | undefined {
  if (master === undefined || master === null) return master === null ? "" : undefined;
  return descriptions.index.in(namespaceOfItem(model), master)?.hostIfName ?? master;
}

/** The index of the master that the file gives a link; null for one that comes, undefined for one that is not there. */
export function masterIndexGiven(
  builder: PlanBuilder,
  { model, namespace }: Pick<FoundMember, "model" | "namespace">,
): number | null | undefined {
  const described = describedMaster(builder, model);
  const planned = described && builder.links.get(described.name);
  if (planned !== undefined && !("reason" in planned)) return planned.index ?? null;
  return linkNamed(namespace, masterGiven(builder, model) ?? "")?.index;
}

/** The master that a link gets back, and what the kernel does on the way. */
export interface MasterBack extends Cycle {
  /** Its index; 0 for none. */
  readonly master: number;
}

/** The change by which a link gets its master back, and is up or down then. */
export const masterChangeBack = (back: MasterBack, up: boolean): LinkChange =>
  withCycle({ master: back.master }, back, up);

/** The master that a link gets back; undefined if it stays as it is. */
export function masterBack(
  namespace: ObservedNamespace,
  link: ObservedLink,
  record: BorrowedRecord,
): MasterBack | undefined {
  const { before: [before] } = record;
  const isAsSet = ({ master, masterIndex }: UsedFields): boolean => (
    master !== undefined &&
    (masterIndex === undefined ? master === masterName(namespace, link) : masterIndex === link.master)
  );
  if (!allUsed(record).some(isAsSet)) return undefined;
  const master = before?.master ?? 0;
  if (master === (link.master ?? 0)) return undefined;
  if (master !== 0 && linkAt(namespace, master) === undefined) return undefined;
  return { master, ...cycleOf(namespace, link, master) };
}

/** True if a link is set down and up again when it gets back a master that the file no longer gives. */
export function isCycledBack(
  { model: { master }, namespace, link }: FoundMember,
  record: BorrowedRecord | undefined,
): boolean {
  const back = record === undefined || master !== undefined ? undefined : masterBack(namespace, link, record);
  return back?.isCycled ?? false;
}

/** Plans that a link gets the master back that it had, if the file no longer gives it another. */
export function giveMasterBack(
  builder: PlanBuilder,
  { model, namespace, link: observed }: FoundMember,
  link: PlannedLink,
  record: BorrowedRecord,
): void {
  const { name, master: given } = model;
  const back = given === undefined ? masterBack(namespace, observed, record) : undefined;
  const item = interfaceItem(name);
  if (back === undefined) {
    const stays = given === undefined || masterGiven(builder, model) === masterName(namespace, observed);
    if (stays) givePortBack(builder, item, link, { namespace, link: observed }, record, model);
    return;
  }
  changeMaster(builder, item, link, masterChangeBack(back, link.up));
  const [before] = record.before;
  if (before !== undefined && back.master > 0) giveWholePortBack(builder, item, link, before);
  // The kernel took its routes when it came to its master.
  const routes = before?.routes ?? [];
  addEntries(builder, item, link, { up: link.up && back.isCycled, routes, neighbours: [] });
}
