/** What a link that is used (EXISTING) is as a port of a bridge that it had: what was set of that is given back. */
import { defined } from "../../collections.ts";
import type { LinuxInterface } from "../../models/interface/linux_interface.ts";
import type { LinkBefore, OptionsBefore } from "../ownership/prior_state.ts";
import type { ClaimedEnd } from "../ownership/claims.ts";
import { allUsed } from "../ownership/formerly.ts";
import type { BorrowedRecord, UsedFields } from "../ownership/records.ts";
import { optionsBefore } from "../ownership/snapshot.ts";
import type { Task } from "../plan/actions.ts";
import type { PlannedLink } from "../plan/planned_link.ts";
import type { TaskList } from "../plan/task_list.ts";
import { describedVlans } from "./bridge_port.ts";
import { ofNewLink } from "./change_back.ts";
import {
  asList,
  asMap,
  changeOfVlans,
  isSame,
  planNewPortTables,
  planVlans,
  type PortVlans,
  vlansOf,
} from "./port_vlans.ts";
import { planPort } from "./restore.ts";

/** The options that the file gives a port. */
function describedOptions({ bridgePort }: LinuxInterface): OptionsBefore {
  const { vlans: _, ...options } = defined({ ...bridgePort });
  return optionsBefore(options) ?? {};
}

/** What is recorded of a port: what this configuration set of it, and what it was before. */
export interface UsedPort {
  readonly used: Pick<UsedFields, "port" | "vlans">;
  readonly before: Pick<LinkBefore, "port" | "vlans" | "forwarding">;
}

/**
 * What is recorded of a port that the file describes.
 *
 * @param model What the file says of it.
 * @param now The link as it is.
 * @param isMoved True if it is at another bridge than the one that it had: that gives it back whole.
 */
export function usedPort(
  model: LinuxInterface,
  now: LinkBefore,
  record: BorrowedRecord | undefined,
  isMoved: boolean,
): UsedPort {
  const { used = {}, before: [first = now] }: Pick<BorrowedRecord, "used" | "before"> = record ?? { before: [now] };
  // What somebody changed since, beside what was set, is what comes back.
  const base = used.master === undefined ? now : first;
  const port = { ...base.port, ...picked(first.port, used.port) };
  const before = {
    port: Object.keys(port).length === 0 ? undefined : port,
    vlans: used.vlans === undefined ? base.vlans : first.vlans,
    forwarding: base.forwarding,
  };
  if (isMoved || base.port === undefined) return { used: {}, before };
  const set = Object.entries(describedOptions(model)).filter(([name, value]) =>
    used.port?.[name] !== undefined || base.port?.[name] !== value
  );
  const vlans = model.bridgePort?.vlans && describedVlans(model.bridgePort.vlans);
  const isSet = vlans !== undefined && (used.vlans !== undefined || differ(asMap(base.vlans ?? []), vlans));
  return {
    used: defined({
      port: set.length === 0 ? undefined : Object.fromEntries(set),
      vlans: isSet ? asList(vlans) : undefined,
    }),
    before,
  };
}

const picked = (options: OptionsBefore = {}, names: OptionsBefore = {}): OptionsBefore =>
  Object.fromEntries(Object.entries(options).filter(([name]) => names[name] !== undefined));

function differ(now: PortVlans, then: PortVlans): boolean {
  const { remove, add } = changeOfVlans(now, then);
  return remove.length + add.size > 0;
}

/**
 * Plans that a port is as it was, as far as it still is as this configuration set it.
 *
 * @param model What the file says of it; what it still gives stays. Undefined: the link is given back.
 */
export function givePortBack(
  plan: TaskList,
  item: string,
  link: PlannedLink,
  { namespace, link: observed }: ClaimedEnd,
  record: BorrowedRecord,
  model: LinuxInterface | undefined,
  ends?: Pick<Task, "drops">,
): void {
  const { used = {}, before: [before] } = record;
  const given = model === undefined ? {} : describedOptions(model);
  const has = optionsBefore(observed.port) ?? {};
  const back = Object.entries(picked(before?.port, used.port)).filter(([name, value]) =>
    given[name] === undefined && allUsed(record).some(({ port }) => has[name] === port?.[name]) && has[name] !== value
  );
  planPort(plan, item, link, Object.fromEntries(back), ends);
  if (used.vlans === undefined || before?.vlans === undefined || model?.bridgePort?.vlans !== undefined) return;
  const [now, set, then] = [vlansOf(namespace, observed.index), asMap(used.vlans), asMap(before.vlans)];
  const { remove, add } = changeOfVlans(now, then);
  const isOurs = (id: number): boolean => isSame(now.get(id), set.get(id));
  planVlans(plan, "after-carrier", item, link, {
    remove: remove.filter((id) => isOurs(id)),
    add: new Map([...add].filter(([id]) => isOurs(id))),
  }, ends);
}

/** Plans that a link which gets back the bridge that it had is the port that it was there. */
export function giveWholePortBack(
  plan: TaskList,
  item: string,
  link: PlannedLink,
  { port, vlans, forwarding, master }: Pick<LinkBefore, "port" | "vlans" | "forwarding" | "master">,
  ends?: Pick<Task, "drops">,
): void {
  if (port === undefined) return;
  planPort(plan, item, link, ofNewLink(port), ends);
  planNewPortTables(plan, item, link, { vlans, forwarding, master }, ends);
}
