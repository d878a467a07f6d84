/** Moves links from one namespace to another. */
import { type MoveEnd, moveLink, sendLink } from "../../netns/move_link.ts";
import { type KernelNamespace, kernelNamespace } from "../observed/kernel_namespace.ts";
import type { ActionOf, Task } from "../plan/actions.ts";
import { type ApplyContext, attempt } from "./executor.ts";

/** Carries `move-link` out, one by one: each waits for the kernel anyway. */
export function moveLinks(tasks: readonly Task[], context: ApplyContext): void {
  for (const task of tasks) {
    const { action } = task;
    if (action.kind !== "move-link") continue;
    const { link } = action;
    const chosen = link.index ?? action.newIndex;
    link.index = undefined; // until it is there
    attempt(task, context, () => void (link.index = move(action, chosen)));
  }
}

function move({ link, from, index, name, whole }: ActionOf<"move-link">, chosen: number | undefined): number {
  const [source, target] = [endOf(kernelNamespace(from)), endOf(kernelNamespace(link.namespace))];
  if (whole) return moveLink({ index }, source, target, link.name, chosen);
  sendLink({ index, name }, source, target, link.name, chosen);
  return target.netlink.getLink({ name: link.name }).index;
}

const endOf = ({ handle, netlink }: KernelNamespace): MoveEnd => ({ netns: handle, netlink });
