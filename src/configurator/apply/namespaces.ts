/** Makes and deletes namespaces. */
import { kernelNamespace } from "../observed/kernel_namespace.ts";
import type { ActionOf, Task } from "../plan/actions.ts";
import { type ApplyContext, attempt, MissingError } from "./executor.ts";
import { isTolerated } from "./tolerated.ts";

/** A task with the namespace that it makes. */
interface CreationTask {
  readonly task: Task;
  readonly action: ActionOf<"create-namespace">;
}

/**
 * Makes the namespaces of `create-namespace` without their names. They end with this process, so a crash leaves nothing
 * that is not recorded.
 *
 * @returns Those that were made, for {@linkcode nameNamespaces}.
 */
export function prepareNamespaces(tasks: readonly Task[], context: ApplyContext): CreationTask[] {
  return tasks.flatMap((task) => {
    const { action } = task;
    if (action.kind !== "create-namespace") return [];
    try {
      context.namespaces.create(kernelNamespace(action.namespace));
      return [{ task, action }];
    } catch (error) {
      context.finish(task, error);
      return [];
    }
  });
}

/** Gives the namespaces their names. */
export function nameNamespaces(made: readonly CreationTask[], context: ApplyContext): void {
  for (const { task, action: { namespace, name, repairs } } of made) {
    attempt(task, context, () => context.namespaces.nameIt(kernelNamespace(namespace), name, repairs));
  }
}

/** Gives namespaces their names again which an apply took away; they are still open. */
export function nameAgain(tasks: readonly Task[], context: ApplyContext): void {
  for (const task of tasks) {
    const { action } = task;
    if (action.kind !== "name-namespace") continue;
    attempt(task, context, () => context.namespaces.nameAgain(kernelNamespace(action.namespace), action.name));
  }
}

/** Deletes the names of `delete-namespace`, but for a namespace that a link of somebody else could not leave. */
export async function deleteNamespaces(tasks: readonly Task[], context: ApplyContext): Promise<void> {
  // With its namespace a TAP would end.
  const stuck = new Map([...context.failed()].flatMap(({ action }) => (
    action.kind === "move-link" ? [[action.from, action.name] as const] : []
  )));
  for (const task of tasks) {
    const { action } = task;
    if (action.kind !== "delete-namespace") continue;
    if (await context.isInterrupted()) return;
    attempt(task, context, () => {
      const link = stuck.get(action.namespace);
      if (link !== undefined) throw new MissingError(`it is left: ${link} could not be given back`);
      try {
        context.namespaces.delete(action.name);
      } catch (error) {
        if (!isTolerated("delete-namespace", error)) throw error;
      }
    });
  }
}
