/** Carries a plan out: as few sends as there are namespaces, and each task with an outcome of its own. */
import type { ObservedNamespaces } from "../observed/observed_namespaces.ts";
import type { Action, Task } from "../plan/actions.ts";
import { createLinks, prepareLinks } from "./create_links.ts";
import { deleteLinks } from "./delete_links.ts";
import type { ApplyContext, Executor } from "./executor.ts";
import { setFiles } from "./set_files.ts";
import { moveLinks } from "./move_links.ts";
import { deleteNamespaces, nameAgain, nameNamespaces, prepareNamespaces } from "./namespaces.ts";
import { sendRequests } from "./send_requests.ts";
import { setRules } from "./set_rules.ts";
import { setSysctls } from "./set_sysctls.ts";
import { setTables } from "./set_tables.ts";
import { setTuns } from "./set_tuns.ts";
import { setWireguard } from "./set_wireguard.ts";

/** How tasks went. */
export interface Outcome {
  /** Those that were done, in order. */
  readonly done: readonly Task[];
  /** Those of them that changed nothing: what they make was there already. */
  readonly unchanged: ReadonlySet<Task>;
  /** Those that were not, and why. */
  readonly failed: readonly Failure[];
  /** Those that were not begun, because the signal came first. */
  readonly notBegun: readonly Task[];
  /** Those that were not, because of something that the plan had not looked for: it is for a second one to say what. */
  readonly unseen: readonly Task[];
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
  "adopt": record,
  "use": record,
  "release": record,
  "create-namespace": createNamespaces,
  "name-namespace": nameAgain,
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
  "set-sysctl": setSysctls,
  "add-rule": setRules,
  "delete-rule": setRules,
  "set-qdisc": sendRequests,
  "delete-qdisc": sendRequests,
  "restore-qdisc": sendRequests,
  "set-tun": setTuns,
  "set-wireguard": setWireguard,
  "add-entry": sendRequests,
  "delete-entry": sendRequests,
  "add-vlan": sendRequests,
  "delete-vlan": sendRequests,
  "set-table": setTables,
  "delete-table": setTables,
  "set-file": setFiles,
  "delete-file": setFiles,
};

/** Callbacks for the work, and the signal that ends it. */
export interface ExecuteOptions {
  /** Records what is about to be made. */
  readonly intend: () => Promise<void>;
  /** Is called with each task that is done. */
  readonly onDone: (task: Task) => void;
  /** Ends the work between two requests. */
  readonly signal?: AbortSignal | undefined;
}

/** How long the work goes on before signals are heard, in milliseconds. */
const BREATH = 50;

/**
 * Carries `tasks`, which are in the order of their stages, out. A failure leaves the others to be done.
 *
 * @throws What `intend` throws; nothing was made then that is not recorded.
 */
export async function execute(
  tasks: readonly Task[],
  namespaces: ObservedNamespaces,
  { intend, onDone, signal }: ExecuteOptions,
): Promise<Outcome> {
  const errors = new Map<Task, unknown>();
  const finished = new Set<Task>();
  const unchanged = new Set<Task>();
  const unseen = new Set<Task>();
  let planAgain = false;
  let last = performance.now();
  const context: ApplyContext = {
    namespaces,
    intend,
    isInterrupted: async () => {
      if (signal !== undefined && performance.now() - last > BREATH) {
        await new Promise<void>((resolve) => setTimeout(resolve, 0)); // in which the runtime delivers signals
        last = performance.now();
      }
      return signal?.aborted ?? false;
    },
    finish: (task, error) => {
      finished.add(task);
      if (error === undefined) onDone(task);
      else errors.set(task, error);
    },
    finishUnchanged: (task) => {
      finished.add(task);
      unchanged.add(task);
    },
    lookAgain: (task) => {
      unseen.add(task);
      planAgain = true;
    },
    failed: () => errors.keys(),
    planAgain: () => planAgain = true,
  };
  const all = groups(tasks);
  if (all[0]?.executor !== createNamespaces) await prepare([], tasks, context);
  for (const { executor, tasks: group } of all) {
    if (await context.isInterrupted()) break;
    if (executor === createNamespaces) await prepare(group, tasks, context);
    else await executor(group, context);
  }
  const isWhole = errors.size === 0 && finished.size === tasks.length;
  return {
    done: isWhole ? tasks : tasks.filter((task) => finished.has(task) && !errors.has(task)),
    unchanged,
    failed: isWhole ? [] : tasks.flatMap((task) => errors.has(task) ? [{ task, error: errors.get(task) }] : []),
    notBegun: isWhole ? [] : tasks.filter((task) => !finished.has(task) && !unseen.has(task)),
    unseen: [...unseen],
    planAgain,
  };
}

/** Makes the namespaces without names, chooses what links are named by, records all that, and gives the names. */
async function prepare(group: readonly Task[], tasks: readonly Task[], context: ApplyContext): Promise<void> {
  const made = prepareNamespaces(group, context);
  prepareLinks(tasks);
  await context.intend();
  nameNamespaces(made, context);
}

/** The stage of new namespaces is the first; {@linkcode prepare} does it. */
function createNamespaces(): void {}

/** What only changes the records is done as soon as these are written. */
function record(tasks: readonly Task[], context: ApplyContext): void {
  for (const task of tasks) context.finish(task);
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
