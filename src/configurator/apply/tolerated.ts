/** Failures that are none: what was to be is so already. */
import { NetlinkError, SyscallError } from "../../errors.ts";
import type { Action, Task } from "../plan/actions.ts";
import type { ApplyContext } from "./executor.ts";

/**
 * True if an error means that what was to be deleted is gone, or what was to be added is there. What was read may have
 * changed since, and the kernel takes some things along by itself.
 */
export function isTolerated(kind: Action["kind"], error: unknown): boolean {
  if (!(error instanceof NetlinkError || error instanceof SyscallError)) return false;
  return TOLERATED[kind]?.includes(error.code) ?? false;
}

/** Finishes a task whose failure is none. What was to be added is there: nothing was done. */
export function finishTolerated(task: Task, context: ApplyContext): void {
  if (ADDITIONS.has(task.action.kind)) context.finishUnchanged(task);
  else context.finish(task);
}

const ADDITIONS: ReadonlySet<Action["kind"]> = new Set(["add-address", "add-rule", "add-entry"]);

const TOLERATED: { readonly [K in Action["kind"]]?: readonly string[] } = {
  "delete-namespace": ["ENOENT"],
  "delete-link": ["ENODEV"],
  "add-address": ["EEXIST"],
  "delete-address": ["EADDRNOTAVAIL", "ENODEV"],
  "add-rule": ["EEXIST"],
  "delete-rule": ["ENOENT"],
  "delete-route": ["ESRCH", "ENODEV"],
  "delete-table": ["ENOENT"],
  "delete-qdisc": ["ENOENT", "ENODEV"],
  "add-entry": ["EEXIST"],
  "delete-entry": ["ENOENT", "ENODEV"],
  "delete-neighbour": ["ENOENT", "ENODEV", "ENXIO"],
};
