/** What carries the tasks of a plan out. */
import type { ObservedNamespaces } from "../observed/observed_namespaces.ts";
import type { Task } from "../plan/actions.ts";

/** Where tasks run, and callbacks for their outcome. */
export interface ApplyContext {
  /** The open namespaces. */
  readonly namespaces: ObservedNamespaces;
  /** Records what is about to be made, before it is: what a crash leaves half done is known. */
  intend(): Promise<void>;
  /** Lets the runtime hear signals, now and then; true if the work must end. */
  isInterrupted(): Promise<boolean>;
  /** Reports how a task went; called at most once for each. Without `error` it is done. */
  finish(task: Task, error?: unknown): void;
  /** Reports that what a task makes is there already: nothing was done. Called in place of `finish`. */
  finishUnchanged(task: Task): void;
  /**
   * Reports that the kernel refused what the plan had not looked for: nothing was done, and a second plan says what is
   * there. Called in place of `finish`.
   */
  lookAgain(task: Task): void;
  /** The tasks that failed until now. */
  failed(): Iterable<Task>;
  /** Reports that something was lost on the way, which a second plan would find and mend. */
  planAgain(): void;
}

/**
 * Carries neighbouring tasks of one stage and of its own kinds out. A failure leaves the others to be done; nothing is
 * thrown, but what `intend` throws. A task that is not finished was not begun.
 */
export type Executor = (tasks: readonly Task[], context: ApplyContext) => void | Promise<void>;

/** What a task needs was not made, because another task failed. */
export class MissingError extends Error {
  /** Always `"MissingError"`. */
  override readonly name = "MissingError";
}

/** Carries `act` out as one task. */
export function attempt(task: Task, context: ApplyContext, act: () => void): void {
  try {
    act();
  } catch (error) {
    return context.finish(task, error);
  }
  context.finish(task);
}
