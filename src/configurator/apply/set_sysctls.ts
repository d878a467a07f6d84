/** Sets the sysctls of namespaces. */
import { pause } from "../../async/pause.ts";
import { NetlinkError, SyscallError } from "../../errors.ts";
import type { OperState } from "../../netlink/constants/link.ts";
import { isSecretSysctl } from "../../sysctl/link_sysctls.ts";
import { readSysctls, writeSysctl } from "../../sysctl/sysctl.ts";
import { type KernelNamespace, kernelNamespace } from "../observed/kernel_namespace.ts";
import type { Task } from "../plan/actions.ts";
import { linkOfKey } from "../../sysctl/spreading.ts";
import { stageOfSysctl } from "../plan/sysctls.ts";
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
    const link = stageOfSysctl(key) === "after-carrier" ? linkOfKey(key) : undefined;
    if (link !== undefined) await untilReady(kernelNamespace(namespace), link);
    attempt(task, context, () => {
      const { handle } = kernelNamespace(namespace);
      action.former = readSysctls(handle, [key]).get(key);
      const now = writeSysctl(handle, key, value);
      if (now === value) return;
      const [is, was] = isSecretSysctl(key) ? ["another secret", "this one"] : [now, value];
      throw new SysctlError(`${key} of ${namespace.label} is ${is} although ${was} was written`);
    });
  }
}

/** The states of a link of whose carrier the kernel has heard, or that has none to hear of. */
const READY: ReadonlySet<OperState> = new Set<OperState>(["up", "unknown"]);
/** The kernel looks once a second for a carrier that is not urgent. (`linkwatch_run_queue` of net/core/link_watch.c) */
const LONGEST = 2000;
const PAUSE = 2;

/** Waits for the kernel to hear of the carrier of a link: with that it makes IPv6 ready, and sets what this is to change. */
async function untilReady(namespace: KernelNamespace, name: string): Promise<void> {
  for (const end = performance.now() + LONGEST; performance.now() < end && isGettingReady(namespace, name);) {
    await pause(PAUSE);
  }
}

function isGettingReady(namespace: KernelNamespace, name: string): boolean {
  try {
    const { up, carrier, operState } = namespace.netlink.getLink({ name });
    return up && carrier && !READY.has(operState);
  } catch (error) {
    if (error instanceof NetlinkError || error instanceof SyscallError) return false; // to set it says why not
    throw error;
  }
}

/** The kernel took a value and has another one. */
class SysctlError extends Error {
  /** Always `"SysctlError"`. */
  override readonly name = "SysctlError";
}
