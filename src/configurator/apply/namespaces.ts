/** Makes and deletes namespaces. */
import { kernelNamespace } from "../observed/kernel_namespace.ts";
import type { Task } from "../plan/actions.ts";
import { type ApplyContext, attempt } from "./executor.ts";
import { isTolerated } from "./tolerated.ts";

/** Makes the namespaces of `create-namespace`. */
export function createNamespaces(tasks: readonly Task[], context: ApplyContext): void {
  for (const task of tasks) {
    const { action } = task;
    if (action.kind !== "create-namespace") continue;
    attempt(task, context, () => context.namespaces.create(kernelNamespace(action.namespace)));
  }
}

/** Deletes the names of `delete-namespace`. */
export function deleteNamespaces(tasks: readonly Task[], context: ApplyContext): void {
  for (const task of tasks) {
    const { action } = task;
    if (action.kind !== "delete-namespace") continue;
    attempt(task, context, () => {
      try {
        context.namespaces.delete(action.name);
      } catch (error) {
        if (!isTolerated("delete-namespace", error)) throw error;
      }
    });
  }
}
