/** Makes links: each by one request, straight in its namespace, and those that can go together in one send. */
import { groupBy } from "../../collections.ts";
import { isErrno, NetlinkError } from "../../errors.ts";
import { type KernelNamespace, kernelNamespace } from "../observed/kernel_namespace.ts";
import type { Task } from "../plan/actions.ts";
import type { LinkCreation, NamespaceFd } from "../plan/link_creation.ts";
import type { PlannedLink } from "../plan/planned_link.ts";
import { sendEach } from "./batch.ts";
import { type ApplyContext, attempt, MissingError } from "./executor.ts";
import { setFeatures } from "./features.ts";
import { keepMtu } from "./keep_mtu.ts";
import { randomHardwareAddress } from "./link_local.ts";
import { makeTun } from "./set_tuns.ts";

/** A task with what it makes. */
interface CreationTask {
  readonly task: Task;
  readonly creation: LinkCreation;
}

/** Chooses what a record of the links names them by, where their namespaces exist: an index and a hardware address. */
export function prepareLinks(tasks: readonly Task[]): void {
  for (const { action } of tasks) {
    if (action.kind === "move-link" && action.whole && action.link.namespace.exists) {
      action.link.index = kernelNamespace(action.link.namespace).takeIndex();
    }
    if (action.kind !== "create-link" || missingNamespace(action.creation) !== undefined) continue;
    takeIndices(action.creation);
    for (const { link, address, ipv6, withoutAddress } of action.creation.links) {
      if (withoutAddress) continue;
      link.hardwareAddress = address ?? randomHardwareAddress();
      link.hasOwnLinkLocal = ipv6 ?? false;
    }
  }
}

function missingNamespace({ links, origins }: LinkCreation): string | undefined {
  return [...links.map(({ link }) => link.namespace), ...origins].find(({ exists }) => !exists)?.label;
}

/** Makes the links of `create-link`, which {@linkcode prepareLinks} has prepared. */
export async function createLinks(tasks: readonly Task[], context: ApplyContext): Promise<void> {
  const ready: CreationTask[] = [];
  for (const task of tasks) {
    if (task.action.kind !== "create-link") continue;
    const { creation } = task.action;
    const missing = missingNamespace(creation);
    if (missing === undefined) ready.push({ task, creation });
    else context.finish(task, new MissingError(`the namespace ${missing} was not made`));
  }
  for (const wave of waves(ready)) if (!await createWave(wave, context)) return;
}

/** The links in the order of what they stand on: those of a wave stand on none of their own wave. */
function waves(creations: readonly CreationTask[]): CreationTask[][] {
  const depths = new Map<PlannedLink, number>();
  // A plan has a parent before what stands on it.
  for (const { creation: { links, parent } } of creations) {
    const depth = parent === undefined ? 0 : (depths.get(parent) ?? -1) + 1;
    for (const { link } of links) depths.set(link, depth);
  }
  const byDepth = groupBy(creations, ({ creation: { links: [first] } }) => first && depths.get(first.link) || 0);
  return [...byDepth].sort(([a], [b]) => a - b).map(([, group]) => group);
}

/** Makes links that do not stand on each other; false if the signal came first. */
async function createWave(creations: readonly CreationTask[], context: ApplyContext): Promise<boolean> {
  const ready = creations.filter(({ task, creation }) => {
    const { parent } = creation;
    if (parent === undefined || parent.index !== undefined) return true;
    leaveIndices(creation);
    context.finish(task, new MissingError(`${parent.label} was not made`));
    return false;
  });
  for (const [origin, group] of byOrigin(ready)) {
    if (await context.isInterrupted()) return false;
    for (const one of group.filter(({ creation: { tun } }) => tun !== undefined)) {
      await createAlone(origin, one, undefined, context);
    }
    const requested = group.filter(({ creation: { tun } }) => tun === undefined);
    const errors = sendEach(origin, requested, (batch, { creation }) => {
      batch.addLink(creation.request(origin, fdsFrom(origin)));
    });
    for (const [position, one] of requested.entries()) {
      const error = errors[position];
      if (error === undefined) attempt(one.task, context, () => complete(one.creation));
      else await createAlone(origin, one, error, context);
    }
  }
  return true;
}

/** Sets what the request of a new link does not. */
function complete(creation: LinkCreation): void {
  setFeatures(creation);
  keepMtu(creation);
}

/** By the namespace from which they are made: of several possible ones the most frequent, so that a star is one send. */
function byOrigin(creations: readonly CreationTask[]): Map<KernelNamespace, CreationTask[]> {
  const counts = new Map<KernelNamespace, number>();
  const countOf = (namespace: KernelNamespace): number => counts.get(namespace) ?? 0;
  for (const { creation } of creations) {
    for (const origin of creation.origins.map(kernelNamespace)) counts.set(origin, countOf(origin) + 1);
  }
  return groupBy(creations, ({ creation: { origins: [first, ...others] } }) =>
    others.map(kernelNamespace).reduce(
      (best, other) => countOf(other) > countOf(best) ? other : best,
      kernelNamespace(first),
    ));
}

/** Names a namespace in a request that is sent from `origin`. */
function fdsFrom(origin: KernelNamespace): (namespace: PlannedLink["namespace"]) => NamespaceFd | undefined {
  return (namespace) => namespace === origin ? undefined : { fd: kernelNamespace(namespace).handle.fd };
}

/**
 * Chooses indices, so that nobody has to ask for them afterwards. Those of a pair differ also between two namespaces: a
 * link whose other end has its own index looks to the kernel like one that is on no other, and of those it may take a
 * second to notice the carrier (`linkwatch_urgent_event` of net/core/link_watch.c). Until then the link has no IPv6.
 */
function takeIndices({ links, origins }: LinkCreation): void {
  const taken = new Set<number>();
  for (const { link, index: wanted } of links) {
    const namespace = kernelNamespace(link.namespace);
    // Kernels before 6.13 look for the index where they are asked. (rtnl_newlink of net/core/rtnetlink.c)
    const origin = origins.includes(link.namespace) ? namespace : kernelNamespace(origins[0]);
    const take = (): number => origin === namespace ? namespace.takeIndex() : namespace.takeIndexWith(origin);
    const isFree = [namespace, origin].every((one) => one.links().every(({ index }) => index !== wanted));
    let index = wanted !== undefined && isFree ? wanted : take();
    while (taken.has(index)) index = take();
    taken.add(index);
    link.index = index;
  }
}

/**
 * Makes a link by itself. Somebody else may have taken an index: once more, with what is free now. If that is taken too, the kernel chooses,
 * which may give both ends of a pair the same.
 */
async function createAlone(
  origin: KernelNamespace,
  { task, creation }: CreationTask,
  before: unknown,
  context: ApplyContext,
): Promise<void> {
  let error = before;
  const first = before === undefined ? [() => {}] : []; // with what was chosen
  for (const choose of [...first, takeIndicesAnew, leaveIndices]) {
    try {
      choose(creation);
      await context.intend();
      if (creation.tun === undefined) origin.netlink.addLink(creation.request(origin, fdsFrom(origin)));
      else makeTun(creation);
      for (const { link } of creation.links) {
        link.index ??= kernelNamespace(link.namespace).netlink.getLink({ name: link.name }).index;
      }
      return attempt(task, context, () => complete(creation));
    } catch (failure) {
      error = failure;
      leaveIndices(creation); // what was not made has none: it may be the index of another link
      if (!isTaken(failure)) break;
    }
  }
  // If only the answer was lost, the links may have been made by the first request: its error is the cause.
  const isLost = before !== undefined && isTaken(error) && !isTaken(before);
  context.finish(task, isLost ? before : error);
}

function takeIndicesAnew(creation: LinkCreation): void {
  for (const { link } of creation.links) kernelNamespace(link.namespace).forgetLinks();
  for (const origin of creation.origins) kernelNamespace(origin).forgetLinks();
  takeIndices(creation);
}

function leaveIndices({ links }: LinkCreation): void {
  for (const { link } of links) link.index = undefined;
}

/** What the kernel says of a name or an index that exists. */
function isTaken(error: unknown): boolean {
  return isErrno(error, "EEXIST", "EBUSY") ||
    error instanceof NetlinkError && (error.code === "EEXIST" || error.code === "EBUSY");
}
