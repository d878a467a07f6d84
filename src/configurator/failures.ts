/** What the failures of tasks mean for the report and for the records. */
import { defined } from "../collections.ts";
import { NetlinkError, reasonOf, SyscallError } from "../errors.ts";
import type { Failure } from "./apply/execute.ts";
import { hintOf } from "./apply/explain.ts";
import { MissingError } from "./apply/executor.ts";
import { ruleKey } from "./ownership/records.ts";
import type { Action } from "./plan/actions.ts";
import { routeKey } from "./plan/route_fields.ts";
import { type FailedItem, ITEMS, type PendingItem } from "./report.ts";

/** Errors of netlink that do not come from the kernel: its answer was lost. */
const LOST: ReadonlySet<string> = new Set(["ETIMEDOUT", "EMSGSIZE"]);

/** What the kernel answers for a gateway that no route reaches yet. */
const UNREACHABLE: ReadonlySet<string> = new Set(["ENETUNREACH", "EHOSTUNREACH"]);

/** True if the kernel may have done what it was asked although the task failed. */
export function isUncertain({ error }: Failure): boolean {
  return !(error instanceof MissingError) && !(error instanceof NetlinkError && !LOST.has(error.code));
}

/** True if the failure ends by itself: a gateway that no route reaches yet. */
export function isPending({ task: { action }, error }: Failure): boolean {
  return (action.kind === "add-route" || action.kind === "replace-route") && error instanceof NetlinkError &&
    UNREACHABLE.has(error.code);
}

/** The failures that end by themselves, as they are reported. */
export function pendingItems(failures: readonly Failure[]): PendingItem[] {
  return failures.filter(isPending).map(({ task: { item }, error }) => ({ item, reason: reasonOf(error) }));
}

/**
 * The other failures, as they are reported. What failed only because an earlier step of its item failed is left out: what
 * that did not make is missing, or what it did not take away is in the way.
 */
export function failedItems(all: readonly Failure[]): FailedItem[] {
  const failures = all.filter((failure) => !isPending(failure));
  const reported = new Set(
    failures.filter(({ error }) => !(error instanceof MissingError)).map(({ task }) => task.item),
  );
  const objects = new Set<string>();
  const items: FailedItem[] = [];
  for (const { task, error } of failures) {
    const { item, action } = task;
    if (error instanceof MissingError && reported.has(item)) continue;
    const object = objectOf(item, action);
    if (object !== undefined && objects.has(object)) continue;
    if (object !== undefined) objects.add(object);
    reported.add(item);
    const code = error instanceof NetlinkError || error instanceof SyscallError ? error.code : undefined;
    items.push(defined({ item, reason: reasonOf(error), code, hint: hintOf({ task, error }) }));
  }
  return items;
}

/** The object of an item that several steps may be for, which take it away and make it again; undefined: of one step. */
function objectOf(item: string, action: Action): string | undefined {
  switch (action.kind) {
    case "set-qdisc":
    case "delete-qdisc":
    case "restore-qdisc":
      return `${item}: qdisc of ${action.link.label}`;
    case "add-address":
    case "delete-address":
      return `${item}: address ${action.address.split("/")[0]} of ${action.link.label}`;
    case "add-entry":
    case "delete-entry":
      // That of all other addresses has several ends.
      return `${item}: entry ${action.mac} ${/[1-9a-f]/.test(action.mac) ? action.ofPort?.vlan ?? "" : action.remote}`;
    case "add-route":
    case "replace-route":
    case "delete-route":
      return `${item}: route ${isOne(item, "routes") ? "" : routeKey(action.route)}`;
    case "set-neighbour":
    case "delete-neighbour":
      return `${item}: neighbour ${isOne(item, "arpEntries") ? "" : action.ip}`;
    case "add-rule":
    case "delete-rule":
      return `${item}: rule ${isOne(item, "rules") ? "" : ruleKey(action.rule)}`;
    case "set-sysctl":
      return `${item}: sysctl ${action.key}`;
    default:
      return undefined;
  }
}

/** True of an item of a list whose items are one object each, however many steps change it into another one. */
const isOne = (item: string, section: "routes" | "arpEntries" | "rules"): boolean =>
  item.startsWith(ITEMS[section](""));
