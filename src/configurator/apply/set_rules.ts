/** Adds and deletes rules. */
import { AF_INET, AF_INET6 } from "../../../ffi/mod.ts";
import { RTPROT_NETNS } from "../../netlink/constants/route.ts";
import { kernelNamespace } from "../observed/kernel_namespace.ts";
import type { Task } from "../plan/actions.ts";
import { type ApplyContext, MissingError } from "./executor.ts";
import { finishTolerated, isTolerated } from "./tolerated.ts";

/** Carries `add-rule` and `delete-rule` out. */
export async function setRules(tasks: readonly Task[], context: ApplyContext): Promise<void> {
  for (const task of tasks) {
    const { action } = task;
    if (action.kind !== "add-rule" && action.kind !== "delete-rule") continue;
    if (await context.isInterrupted()) return;
    const { namespace, kind, rule: { family, ...rule } } = action;
    if (!namespace.exists) {
      context.finish(task, new MissingError(`the namespace ${namespace.label} was not made`));
      continue;
    }
    const spec = { ...rule, family: family === 4 ? AF_INET : AF_INET6, protocol: RTPROT_NETNS };
    const { netlink } = kernelNamespace(namespace);
    try {
      if (kind === "add-rule") netlink.addRule(spec);
      else netlink.deleteRule(spec);
      context.finish(task);
    } catch (error) {
      if (isTolerated(kind, error)) finishTolerated(task, context);
      else context.finish(task, error);
    }
  }
}
