/** Adds and deletes rules. */
import { AF_INET, AF_INET6 } from "../../../ffi/mod.ts";
import { defined } from "../../collections.ts";
import { RTPROT_NETNS } from "../../netlink/constants/route.ts";
import type { Rule } from "../../netlink/rule/types.ts";
import { kernelNamespace } from "../observed/kernel_namespace.ts";
import type { RuleFields } from "../ownership/records.ts";
import type { Task } from "../plan/actions.ts";
import { WHOLE_MARK } from "../plan/rules.ts";
import { type ApplyContext, MissingError } from "./executor.ts";
import { finishTolerated, isTolerated } from "./tolerated.ts";

/** Carries `add-rule` and `delete-rule` out. */
export async function setRules(tasks: readonly Task[], context: ApplyContext): Promise<void> {
  for (const task of tasks) {
    const { action } = task;
    if (action.kind !== "add-rule" && action.kind !== "delete-rule") continue;
    if (await context.isInterrupted()) return;
    const { namespace, kind } = action;
    if (!namespace.exists) {
      context.finish(task, new MissingError(`the namespace ${namespace.label} was not made`));
      continue;
    }
    const rule = asListed(action.rule);
    const { netlink } = kernelNamespace(namespace);
    try {
      if (kind === "add-rule") netlink.addRule(rule);
      else netlink.deleteRule(rule);
      context.finish(task);
    } catch (error) {
      if (isTolerated(kind, error)) finishTolerated(task, context);
      else context.finish(task, error);
    }
  }
}

/**
 * The rule as a list would have it: it is added also beside one that the kernel takes for the same because it asks for more,
 * and deleted alone, where the kernel would delete the first that asks for as much.
 */
function asListed({ family, fwmark, fwmask = WHOLE_MARK, not, ...rule }: RuleFields): Rule {
  return defined({
    ...rule,
    family: family === 4 ? AF_INET : AF_INET6,
    fwmark,
    fwmask: fwmark === undefined ? undefined : fwmask,
    not: not ?? false,
    l3mdev: false,
    protocol: RTPROT_NETNS,
    flags: 0,
  });
}
