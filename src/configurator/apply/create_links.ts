/** Makes veth pairs: each in one request, both ends straight in their namespaces, many pairs in one send. */
import { NetlinkError } from "../../errors.ts";
import type { VethSpec } from "../../netlink/link/kinds/kinds.ts";
import type { Task, VethEnd } from "../plan/actions.ts";
import { randomHardwareAddress } from "./link_local.ts";
import { type KernelNamespace, opened } from "../observed/kernel_namespace.ts";

/** A pair to make, seen from the end in whose namespace the request is made. */
interface Pair {
  readonly task: Task;
  readonly near: VethEnd;
  readonly far: VethEnd;
}

const open = ({ link }: VethEnd): KernelNamespace => opened(link.namespace);

/** Makes the pairs of `tasks`, and tells `finish` how each went. The plannedLinks of those that are made get their indices. */
export function createLinks(tasks: readonly Task[], finish: (task: Task, error?: unknown) => void): void {
  const pairs = tasks.flatMap((task): Pair[] => {
    if (task.action.kind !== "create-link") return [];
    const [near, far] = task.action.ends;
    const missing = [near, far].find((end) => !open(end).exists);
    if (missing === undefined) return [{ task, near, far }];
    finish(task, new Error(`the namespace ${open(missing).label} was not made`));
    return [];
  });
  for (const [namespace, group] of byHub(pairs)) {
    let errors: readonly unknown[];
    try {
      errors = namespace.netlink.tryBatch((batch) => {
        for (const pair of group) {
          takeIndices(pair);
          for (const { link, address, ipv6 } of [pair.near, pair.far]) {
            if (ipv6) link.hardwareAddress = address ?? randomHardwareAddress();
          }
          batch.addLink(vethSpec(pair));
        }
      });
    } catch (error) {
      errors = group.map(() => error); // the socket itself failed
    }
    group.forEach((pair, place) => {
      if (errors[place] === undefined) finish(pair.task);
      else createAlone(pair, errors[place], finish);
    });
  }
}

/**
 * The pairs by the namespace from which they are made: of the two the one that has more ends, so that a star is made
 * in one send. It is always one of the two, because the kernel looks for the index of the near end where it is asked.
 */
function byHub(pairs: readonly Pair[]): Map<KernelNamespace, Pair[]> {
  const ends = new Map<KernelNamespace, number>();
  for (const end of pairs.flatMap(({ near, far }) => [near, far])) ends.set(open(end), (ends.get(open(end)) ?? 0) + 1);
  const groups = new Map<KernelNamespace, Pair[]>();
  for (const pair of pairs) {
    const { task, near, far } = pair;
    const isHub = (ends.get(open(near)) ?? 0) >= (ends.get(open(far)) ?? 0);
    const turned = isHub ? pair : { task, near: far, far: near };
    const group = groups.get(open(turned.near));
    if (group === undefined) groups.set(open(turned.near), [turned]);
    else group.push(turned);
  }
  return groups;
}

/**
 * The kernel takes the indices it is given, so that nobody has to ask for them afterwards. They differ also between two
 * namespaces: a link whose other end has its own index looks to the kernel like one that is on no other, and of those
 * it may take a second to notice the carrier (`linkwatch_urgent_event` of net/core/link_watch.c). Until then the link
 * has no IPv6.
 */
function takeIndices({ near, far }: Pair): void {
  near.link.index = open(near).takeIndex();
  far.link.index = open(far).takeIndex();
  if (far.link.index === near.link.index) far.link.index = open(far).takeIndex();
}

function vethSpec({ near, far }: Pair): VethSpec {
  const linkOf = (
    { link: { name, index, hardwareAddress }, address = hardwareAddress, mtu }: VethEnd,
  ): Pick<VethSpec, "name" | "index" | "address" | "mtu"> => ({ name, index, address, mtu });
  const netns = open(near) === open(far) ? undefined : { fd: open(far).handle.fd };
  return { kind: "veth", ...linkOf(near), peer: { ...linkOf(far), netns } };
}

/**
 * Somebody else may have taken an index: once more, with what is free now. Where that is taken too, the kernel chooses,
 * which may give both ends the same.
 */
function createAlone(pair: Pair, before: unknown, finish: (task: Task, error?: unknown) => void): void {
  let error = before;
  for (const choose of [takeIndicesAnew, leaveIndices]) {
    try {
      choose(pair);
      open(pair.near).netlink.addLink(vethSpec(pair));
      for (const { link } of [pair.near, pair.far]) {
        link.index ??= opened(link.namespace).netlink.getLink({ name: link.name }).index;
      }
      return finish(pair.task);
    } catch (failure) {
      error = failure;
      leaveIndices(pair); // what was not made has none: it may be the one of another link
      if (!isTaken(failure)) break;
    }
  }
  // Where it was the answer that was lost, the pair may have been made: what went wrong is the first failure.
  finish(pair.task, isTaken(error) && !isTaken(before) ? before : error);
}

function takeIndicesAnew(pair: Pair): void {
  for (const end of [pair.near, pair.far]) open(end).forgetLinks();
  takeIndices(pair);
}

function leaveIndices({ near, far }: Pair): void {
  for (const { link } of [near, far]) link.index = undefined;
}

/** What the kernel says of a name or an index that is there. */
function isTaken(error: unknown): boolean {
  return error instanceof NetlinkError && (error.code === "EEXIST" || error.code === "EBUSY");
}
