/** What the failures of tasks mean for the report and for the records. */
import { defined } from "../collections.ts";
import { NetlinkError, reasonOf, SyscallError } from "../errors.ts";
import type { Failure } from "./apply/execute.ts";
import { MissingError } from "./apply/executor.ts";
import type { FailedItem, PendingItem } from "./report.ts";

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

/** The other failures, as they are reported. What failed only because an earlier step of its item failed is left out. */
export function failedItems(all: readonly Failure[]): FailedItem[] {
  const failures = all.filter((failure) => !isPending(failure));
  const reported = new Set(
    failures.filter(({ error }) => !(error instanceof MissingError)).map(({ task }) => task.item),
  );
  const items: FailedItem[] = [];
  for (const { task: { item }, error } of failures) {
    if (error instanceof MissingError && reported.has(item)) continue;
    reported.add(item);
    const code = error instanceof NetlinkError || error instanceof SyscallError ? error.code : undefined;
    items.push(defined({ item, reason: reasonOf(error), code }));
  }
  return items;
}
