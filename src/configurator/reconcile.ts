/** Carries a plan out: does its tasks, keeps the records right, takes all back where that is asked for, and reports. */
import type { NetworkConfig } from "../models/config.ts";
import { execute, type Failure } from "./apply/execute.ts";
import { NotedForUndo } from "./apply/undo_noted.ts";
import { undoTasks } from "./apply/undo_tasks.ts";
import { failedItems, isPending, isUncertain, pendingItems } from "./failures.ts";
import type { Ledger } from "./ledger.ts";
import type { ConfigurationState } from "./ownership/state.ts";
import type { Task } from "./plan/actions.ts";
import type { PlanResult } from "./plan/plan_builder.ts";
import type { ApplyReport, Progress } from "./report.ts";
import type { PlanSession } from "./plan_session.ts";

/** What {@linkcode reconcile} works with. */
export interface Reconciliation {
  readonly planning: PlanSession;
  readonly ledger: Ledger;
  /** What is to exist: of `destroy`, nothing. */
  readonly target: NetworkConfig;
  /** True of an item that goes if it is no longer described. */
  readonly removes: (item: string) => boolean;
  /** Gives the records of namespaces to the configurations that use them from now on. */
  readonly handOver: (handovers: PlanResult["handovers"]) => Promise<void>;
}

/** How {@linkcode reconcile} works: a part of `ApplyOptions`. */
export interface ReconcileOptions {
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly adopt?: boolean | undefined;
  readonly atomic?: boolean | undefined;
}

/**
 * Makes what is there equal to `target`, and reports what was done.
 *
 * @throws What the store throws. Nothing was touched if it throws before the first task.
 */
export async function reconcile(
  { planning, ledger, target, removes, handOver }: Reconciliation,
  { onProgress, signal, adopt = false, atomic = false }: ReconcileOptions,
): Promise<ApplyReport> {
  const result = planning.plan(target, { adopt, removes, leavesToKernel: !adopt && !atomic });
  if (atomic && result.failed.length > 0) {
    const { unchanged, pending, failed, warnings } = result;
    return { done: [], unchanged, pending, failed, ...warnings.length === 0 ? {} : { warnings } };
  }
  const undo = atomic ? new NotedForUndo(result.tasks, planning.surroundings) : undefined;
  const done: Task[] = [];
  const failures: Failure[] = [];
  const standing = new Set<Task>();
  const unseen: Task[] = [];
  let interrupted = 0;
  const carryOut = async (result: PlanResult): Promise<boolean> => {
    let count = 0;
    const { tasks } = result;
    if (tasks.length === 0) return false;
    const outcome = await execute(tasks, planning.namespaces, {
      intend: () => ledger.intend(result),
      onDone: ({ step }) => onProgress?.({ done: ++count, total: tasks.length, step }),
      signal,
    });
    for (const task of outcome.done) done.push(task); // of a large file too many to be arguments
    for (const task of outcome.unchanged) standing.add(task);
    for (const failure of outcome.failed) failures.push(failure);
    for (const task of outcome.unseen) unseen.push(task);
    interrupted += outcome.notBegun.length;
    return outcome.planAgain;
  };
  let [doneBefore, failedBefore] = [0, 0];
  const settle = async (plan: PlanResult): Promise<ConfigurationState> => {
    await handOver(plan.handovers);
    const uncertain = failures.slice(failedBefore).filter(isUncertain).map(({ task }) => task);
    const state = await ledger.settle(plan, new Set(done.slice(doneBefore)), new Set(uncertain));
    [doneBefore, failedBefore] = [done.length, failures.length];
    return state;
  };
  let last = result;
  const isTakenBack = (): boolean => (
    undo !== undefined &&
    (failures.some((failure) => !isPending(failure)) || last.failed.length > 0 || interrupted > 0)
  );
  const isSecondPlanned = await carryOut(result) || result.pending.length > 0 && done.some(givesBack);
  if (interrupted > 0) interrupted += unseen.length; // no second plan says what there is
  else if (isSecondPlanned && !isTakenBack()) {
    planning.startAnew(await settle(result));
    const rest = planning.plan(target, { adopt, removes, leavesToKernel: false });
    undo?.note(rest.tasks);
    await carryOut(rest);
    last = rest;
    // Of what failed the first time, what the second plan says and does counts, and is said once.
    const said = new Set([...rest.tasks, ...rest.pending, ...rest.failed].map(({ item }) => item));
    const remaining = failures.splice(0, failedBefore).filter(({ task }) => !said.has(task.item));
    failures.unshift(...remaining);
    failedBefore = remaining.length;
    for (const task of unseen) if (!said.has(task.item)) standing.add(task);
  }
  const reported = (report: ApplyReport): ApplyReport => interrupted === 0 ? report : { ...report, interrupted };
  if (undo !== undefined && isTakenBack()) {
    const changes = done.filter((task) => !standing.has(task));
    return reported(
      await takeBack(planning, ledger, undo, { ...last, unchanged: result.unchanged }, changes, failures),
    );
  }
  await settle(last);
  const failed = new Set(failures.map(({ task }) => task.item));
  return reported({
    done: done.filter((task) => !standing.has(task) && !(isNotice(task) && failed.has(task.item)))
      .map(({ step }) => step),
    unchanged: result.unchanged + itemsUnchanged(result, standing),
    pending: [...last.pending, ...pendingItems(failures)],
    failed: [...last.failed, ...failedItems(failures)],
    ...result.warnings.length === 0 ? {} : { warnings: result.warnings },
  });
}

/** How many items of a plan turned out to be as described already: what they lacked is `standing`. */
function itemsUnchanged({ tasks, pending, failed }: PlanResult, standing: ReadonlySet<Task>): number {
  if (standing.size === 0) return 0;
  const items = new Set(tasks.filter((task) => standing.has(task)).map(({ item }) => item));
  for (const { item } of [...tasks.filter((task) => !standing.has(task)), ...pending, ...failed]) items.delete(item);
  return items.size;
}

/** True if a borrowed link is where it came from, under its name: another item may wait for it, or for what it leaves. */
const givesBack = ({ action, drops }: Task): boolean => (
  drops !== undefined &&
  (action.kind === "move-link" || action.kind === "change-link" && action.change.name !== undefined)
);

/** True of a step that only says what a later one of its item takes over: nothing is adopted if that fails. */
const isNotice = ({ action, makes }: Task): boolean => action.kind === "adopt" && makes === undefined;

/** Takes back what was done, and reports that. */
async function takeBack(
  planning: PlanSession,
  ledger: Ledger,
  undo: NotedForUndo,
  { pending, failed, unchanged }: PlanResult,
  done: readonly Task[],
  failures: readonly Failure[],
): Promise<ApplyReport> {
  for (const namespace of planning.namespaces.namespaces()) namespace.forget();
  const outcome = await execute(undoTasks(undo, done), planning.namespaces, {
    intend: () => Promise.resolve(), // the records name already all that there is to take back
    onDone: () => undefined,
  });
  if (outcome.failed.length === 0) await ledger.reset();
  const left = failedItems(outcome.failed).map((one) => ({ ...one, reason: `it is not as before: ${one.reason}` }));
  return {
    done: [],
    unchanged,
    pending,
    failed: [...failed, ...failedItems(failures), ...left],
    undone: outcome.done.filter((task) => !outcome.unchanged.has(task)).map(({ step }) => step),
  };
}
