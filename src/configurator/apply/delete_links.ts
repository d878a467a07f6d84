/**
 * Deletes links. The kernel waits some 20 ms for each request that deletes one, so those of one namespace are put into
 * a group (IFLA_GROUP) and go together; and of a pair it is the end that goes in more company.
 */
import type { NetlinkBatch } from "../../netlink/netlink.ts";
import type { Action, Task } from "../plan/actions.ts";
import { type KernelNamespace, opened } from "../observed/kernel_namespace.ts";
import { tolerated } from "./requests.ts";

type DeleteLink = Extract<Action, { readonly kind: "delete-link" }>;
type Finish = (task: Task, error?: unknown) => void;

/** A link to delete, and the task that it is for. */
interface Deletion {
  readonly task: Task;
  readonly index: number;
}

/** Groups for these links: not the numbers that people and programs choose, which are small. */
const FIRST_GROUP = 2 ** 30;
const GROUPS = 2 ** 30;

/** Deletes the links of `tasks`, and tells `finish` how each went. */
export function deleteLinks(tasks: readonly Task[], finish: Finish): void {
  for (const [namespace, links] of byNamespace(tasks)) {
    const left = links.length > 1 ? deleteTogether(namespace, links, finish) : links;
    const errors = attempt(namespace, left, (batch, { index }) => batch.deleteLink({ index }));
    left.forEach(({ task }, place) => {
      const error = errors[place];
      finish(task, tolerated("delete-link", error) ? undefined : error);
    });
  }
}

/** Each link in the namespace from which it is deleted: of the two that a pair is in, the one with more ends. */
function byNamespace(tasks: readonly Task[]): Map<KernelNamespace, Deletion[]> {
  const found = tasks.flatMap((task): { task: Task; ends: DeleteLink["ends"] }[] =>
    task.action.kind === "delete-link" ? [{ task, ends: task.action.ends }] : []
  );
  const counts = new Map<KernelNamespace, number>();
  for (const { namespace } of found.flatMap(({ ends }) => ends)) {
    counts.set(opened(namespace), (counts.get(opened(namespace)) ?? 0) + 1);
  }
  const groups = new Map<KernelNamespace, Deletion[]>();
  for (const { task, ends: [near, far = near] } of found) {
    const isHub = (counts.get(opened(near.namespace)) ?? 0) >= (counts.get(opened(far.namespace)) ?? 0);
    const { namespace, index } = isHub ? near : far;
    const group = groups.get(opened(namespace));
    if (group === undefined) groups.set(opened(namespace), [{ task, index }]);
    else group.push({ task, index });
  }
  return groups;
}

/** Deletes links with one request. Gives those that it could not be done with. */
function deleteTogether(namespace: KernelNamespace, links: readonly Deletion[], finish: Finish): readonly Deletion[] {
  const group = FIRST_GROUP + Math.floor(Math.random() * GROUPS);
  const refusals = attempt(namespace, links, (batch, { index }) => batch.setLink({ index }, { group }));
  const [refusal] = attempt(namespace, [group], (batch) => batch.deleteLink({ group }));
  if (refusal !== undefined) return links;
  return links.filter(({ task }, place) => {
    const isMember = refusals[place] === undefined;
    if (isMember) finish(task);
    return !isMember;
  });
}

/** Sends one request for each of `items`; gives the error of each, also where it is the socket that failed. */
function attempt<T>(
  namespace: KernelNamespace,
  items: readonly T[],
  add: (batch: NetlinkBatch, item: T) => void,
): readonly unknown[] {
  try {
    return namespace.netlink.tryBatch((batch) => {
      for (const item of items) add(batch, item);
    });
  } catch (error) {
    return items.map(() => error);
  }
}
