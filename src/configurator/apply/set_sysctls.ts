/** Sets the sysctls of namespaces. */
import { readSysctls, writeSysctl } from "../../sysctl/sysctl.ts";
import { kernelNamespace } from "../observed/kernel_namespace.ts";
import type { Task } from "../plan/actions.ts";
import { type ApplyContext, attempt, MissingError } from "./executor.ts";

/** Sets those of `set-sysctl`, in order: one of all links is set before that of one. */
export async function setSysctls(tasks: readonly Task[], context: ApplyContext): Promise<void> {
  for (const task of tasks) {
    const { action } = task;
    if (action.kind !== "set-sysctl") continue;
    if (await context.isInterrupted()) return;
    const { namespace, key, value } = action;
    if (!namespace.exists) {
      context.finish(task, new MissingError(`the namespace ${namespace.label} was not made`));
      continue;
    }
    attempt(task, context, () => {
      const { handle } = kernelNamespace(namespace);
      action.former = readSysctls(handle, [key]).get(key);
      const now = writeSysctl(handle, key, value);
      if (now !== value) throw new SysctlError(`${key} of ${namespace.label} is ${now} although ${value} was written`);
    });
  }
}

/** The kernel took a value and has another one. */
class SysctlError extends Error {
  /** Always `"SysctlError"`. */
  override readonly name = "SysctlError";
}
