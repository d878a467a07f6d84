/** Sets keys, ports and peers of WireGuard links. */
import { kernelNamespace } from "../observed/kernel_namespace.ts";
import type { Task } from "../plan/actions.ts";
import { type ApplyContext, attempt, MissingError } from "./executor.ts";

/** Carries `set-wireguard` out. */
export function setWireguard(tasks: readonly Task[], context: ApplyContext): void {
  for (const task of tasks) {
    const { action } = task;
    if (action.kind !== "set-wireguard") continue;
    const { link: { index, label, namespace }, change } = action;
    if (index === undefined) context.finish(task, new MissingError(`${label} was not made`));
    else attempt(task, context, () => kernelNamespace(namespace).wireguardSocket.setDevice({ index }, change));
  }
}
