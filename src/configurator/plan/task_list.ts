/** What collects the tasks of a plan: the plan of an apply, or of what takes one back. */
import type { Action, Stage, Task } from "./actions.ts";

/** What collects the tasks of a plan. */
export interface TaskList {
  /** Adds a task at the end of its stage. */
  add(stage: Stage, item: string, action: Action, ends?: Pick<Task, "drops">): void;
}
