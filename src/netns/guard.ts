/** The guard that ends a switch whose synchronous section ended without a revert. */
import process from "node:process";
import { NamespaceLeakError } from "../errors.ts";
import { leaveAll, leftOpen } from "./switch.ts";

let armed = false;

/**
 * Sees to it that no switch outlives the synchronous section in which this is called.
 *
 * The check is queued twice, because the runtimes drain two queues after a section and their order depends on
 * what called it: whichever comes first finds the open switch. Only callbacks that were queued before the
 * switch can run before it.
 */
export function armGuard(): void {
  if (armed) return;
  armed = true;
  queueMicrotask(check);
  process.nextTick(check);
}

function check(): void {
  armed = false;
  const leaked = leaveAll();
  if (leaked.length === 0) return;
  throw new NamespaceLeakError(
    `A synchronous section ended and ${leftOpen(leaked)}. Call revert() before the section ends and before any ` +
      "await, or use withNamespace(), which always returns",
  );
}
