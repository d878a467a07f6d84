/**
 * Deletes links. The kernel waits some 20 ms for each request that deletes one, so those of one namespace are put into
 * a group (IFLA_GROUP) and go together; a pair is deleted by the end whose namespace has more of them.
 */
import { groupBy } from "../../collections.ts";
import { type KernelNamespace, kernelNamespace } from "../observed/kernel_namespace.ts";
import type { LinkLocation } from "../observed/observed_namespace.ts";
import type { Task } from "../plan/actions.ts";
import { sendEach } from "./batch.ts";
import type { ApplyContext } from "./executor.ts";
import { isTolerated } from "./tolerated.ts";

/** A link to delete, and the task that it is for. */
interface Deletion extends LinkLocation {
  readonly task: Task;
}

/** Groups for these links: not the numbers that people and programs choose, which are small. */
const FIRST_GROUP = 2 ** 30;
const GROUPS = 2 ** 30;

/** Deletes the links of `delete-link`. */
export async function deleteLinks(tasks: readonly Task[], context: ApplyContext): Promise<void> {
  for (const [namespace, links] of byHub(tasks)) {
    if (await context.isInterrupted()) return;
    const left = links.length > 1 ? deleteTogether(namespace, links, context) : links;
    const errors = sendEach(namespace, left, (batch, { index }) => batch.deleteLink({ index }));
    left.forEach(({ task }, position) => {
      const error = errors[position];
      context.finish(task, isTolerated("delete-link", error) ? undefined : error);
    });
  }
}

/** Each link in the namespace from which it is deleted: of the two that a pair is in, the one with more ends. */
function byHub(tasks: readonly Task[]): Map<KernelNamespace, Deletion[]> {
  const counts = new Map<KernelNamespace, number>();
  const countOf = ({ namespace }: LinkLocation): number => counts.get(kernelNamespace(namespace)) ?? 0;
  const actions = tasks.flatMap((task) => task.action.kind === "delete-link" ? [{ task, ends: task.action.ends }] : []);
  for (const { ends } of actions) {
    for (const end of ends) counts.set(kernelNamespace(end.namespace), countOf(end) + 1);
  }
  const deletions = actions.map(({ task, ends: [near, far = near] }): Deletion => (
    { task, ...countOf(near) >= countOf(far) ? near : far }
  ));
  return groupBy(deletions, ({ namespace }) => kernelNamespace(namespace));
}

/** Deletes links with one request. Gives those that must be deleted one by one. */
function deleteTogether(
  namespace: KernelNamespace,
  links: readonly Deletion[],
  context: ApplyContext,
): readonly Deletion[] {
  const group = FIRST_GROUP + Math.floor(Math.random() * GROUPS);
  const refusals = sendEach(namespace, links, (batch, { index }) => batch.setLink({ index }, { group }));
  const [refusal] = sendEach(namespace, [group], (batch) => batch.deleteLink({ group }));
  if (refusal !== undefined) return links;
  return links.filter(({ task }, position) => {
    const isMember = refusals[position] === undefined;
    if (isMember) context.finish(task);
    return !isMember;
  });
}
