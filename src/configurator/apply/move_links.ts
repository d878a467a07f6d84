/** Moves links from one namespace to another. */
import { type MoveEnd, moveLink } from "../../netns/move_link.ts";
import { type KernelNamespace, kernelNamespace } from "../observed/kernel_namespace.ts";
import type { ActionOf, Task } from "../plan/actions.ts";
import { type ApplyContext, attempt } from "./executor.ts";

/** Carries `move-link` out, one by one: each waits for the kernel anyway. */
export function moveLinks(tasks: readonly Task[], context: ApplyContext): void {
  for (const task of tasks) {
    const { action } = task;
    if (action.kind === "move-link") attempt(task, context, () => move(action));
  }
}

function move({ link, from, index, whole }: ActionOf<"move-link">): void {
  const [source, target] = [kernelNamespace(from), kernelNamespace(link.namespace)];
  if (whole) {
    link.index = moveLink({ index }, endOf(source), endOf(target), link.name);
    return;
  }
  source.netlink.setLink({ index }, { name: link.name, netns: target.handle });
  link.index = target.netlink.getLink({ name: link.name }).index;
}

const endOf = ({ handle, netlink }: KernelNamespace): MoveEnd => ({ netns: handle, netlink });
