/** Moves links from one namespace to another. */
import { NetlinkError } from "../../errors.ts";
import { type MoveEnd, moveLink } from "../../netns/move_link.ts";
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

function move({ link, from, index, whole }: ActionOf<"move-link">, chosen: number | undefined): number {
  const [source, target] = [kernelNamespace(from), kernelNamespace(link.namespace)];
  if (whole) {
    return moveLink({ index }, endOf(source), endOf(target), link.name, chosen);
  }
  const change = { name: link.name, netns: target.handle };
  try {
    source.netlink.setLink({ index }, chosen === undefined ? change : { ...change, newIndex: chosen });
  } catch (error) {
    // EBUSY: somebody else has taken the index.
    if (chosen === undefined || !(error instanceof NetlinkError && error.code === "EBUSY")) throw error;
    source.netlink.setLink({ index }, change);
  }
  return target.netlink.getLink({ name: link.name }).index;
}

const endOf = ({ handle, netlink }: KernelNamespace): MoveEnd => ({ netns: handle, netlink });
