/** Carries a plan out: as few sends as there are namespaces, and each task with an outcome of its own. */
import type { ObservedNamespaces } from "../observed/observed_namespaces.ts";
import type { Action, Task } from "../plan/actions.ts";
import { createLinks } from "./create_links.ts";
import { deleteLinks } from "./delete_links.ts";
import type { ApplyContext, Executor } from "./executor.ts";
import { moveLinks } from "./move_links.ts";
import { createNamespaces, deleteNamespaces } from "./namespaces.ts";
import { sendRequests } from "./send_requests.ts";

/** How tasks went. */
export interface Outcome {
  /** Those that were done, in order. */
  readonly done: readonly Task[];
  /** Those that were not, and why. */
  readonly failed: readonly Failure[];
  /** True if something was lost on the way that a second plan would find and mend. */
  readonly planAgain: boolean;
}

/** A task that was not done. */
export interface Failure {
  /** The task. */
  readonly task: Task;
  /** Why not. */
  readonly error: unknown;
}

/** What carries out each kind of action. */
const EXECUTORS: Readonly<Record<Action["kind"], Executor>> = {
  "create-namespace": createNamespaces,
  "delete-namespace": deleteNamespaces,
  "create-link": createLinks,
  "move-link": moveLinks,
  "delete-link": deleteLinks,
  "change-link": sendRequests,
  "add-address": sendRequests,
  "delete-address": sendRequests,
  "add-route": sendRequests,
  "replace-route": sendRequests,
  "delete-route": sendRequests,
  "set-neighbour": sendRequests,
  "delete-neighbour": sendRequests,
};

/**
 * Carries `tasks`, which are in the order of their stages, out. A failure leaves the others to be done.
 *
 * @param onDone Is called with each task that is done.
 */
export function execute(
  tasks: readonly Task[],
  namespaces: ObservedNamespaces,
  onDone: (task: Task) => void,
): Outcome {
  const errors = new Map<Task, unknown>();
  let planAgain = false;
  const context: ApplyContext = {
    namespaces,
    finish: (task, error) => {
      if (error === undefined) onDone(task);
      else errors.set(task, error);
    },
    planAgain: () => planAgain = true,
  };
  for (const { executor, tasks: group } of groups(tasks)) executor(group, context);
  return {
    done: errors.size === 0 ? tasks : tasks.filter((task) => !errors.has(task)),
    failed: errors.size === 0
      ? []
      : tasks.flatMap((task) => errors.has(task) ? [{ task, error: errors.get(task) }] : []),
    planAgain,
  };
}

/** Neighbouring tasks of one stage that one executor carries out together. */
function groups(tasks: readonly Task[]): { readonly executor: Executor; readonly tasks: Task[] }[] {
  const result: { readonly executor: Executor; readonly stage: Task["stage"]; readonly tasks: Task[] }[] = [];
  for (const task of tasks) {
    const executor = EXECUTORS[task.action.kind];
    const last = result.at(-1);
    if (last?.stage === task.stage && last.executor === executor) last.tasks.push(task);
    else result.push({ executor, stage: task.stage, tasks: [task] });
  }
  return result;
}
