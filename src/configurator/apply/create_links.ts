/** Makes veth pairs: each in one request, both ends straight in their namespaces, many pairs in one send. */
import { NetlinkError } from "../../errors.ts";
import type { VethSpec } from "../../netlink/link/kinds/kinds.ts";
import type { End, Task } from "../plan/actions.ts";
import { randomHardwareAddress } from "./link_local.ts";
import { opened, type OpenSpace } from "../observed/kernel_namespace.ts";

/** A pair to make, seen from the end in whose namespace the request is made. */
interface Pair {
  readonly task: Task;
  readonly near: End;
  readonly far: End;
}

const open = ({ slot }: End): OpenSpace => opened(slot.space);

/** Makes the pairs of `tasks`, and tells `finish` how each went. The slots of those that are made get their indices. */
export function createLinks(tasks: readonly Task[], finish: (task: Task, error?: unknown) => void): void {
  const pairs = tasks.flatMap((task): Pair[] => {
    if (task.action.kind !== "create-link") return [];
    const [near, far] = task.action.ends;
    const missing = [near, far].find((end) => !open(end).exists);
    if (missing === undefined) return [{ task, near, far }];
    finish(task, new Error(`the namespace ${open(missing).label} was not made`));
    return [];
  });
  for (const [space, group] of byHub(pairs)) {
    let errors: readonly unknown[];
    try {
      errors = space.netlink.tryBatch((batch) => {
        for (const pair of group) {
          takeIndices(pair);
          for (const { slot, address, ipv6 } of [pair.near, pair.far]) {
            if (ipv6) slot.hardwareAddress = address ?? randomHardwareAddress();
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
function byHub(pairs: readonly Pair[]): Map<OpenSpace, Pair[]> {
  const ends = new Map<OpenSpace, number>();
  for (const end of pairs.flatMap(({ near, far }) => [near, far])) ends.set(open(end), (ends.get(open(end)) ?? 0) + 1);
  const groups = new Map<OpenSpace, Pair[]>();
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
  near.slot.index = open(near).takeIndex();
  far.slot.index = open(far).takeIndex();
  if (far.slot.index === near.slot.index) far.slot.index = open(far).takeIndex();
}

function vethSpec({ near, far }: Pair): VethSpec {
  const linkOf = (
    { slot: { name, index, hardwareAddress }, address = hardwareAddress, mtu }: End,
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
      for (const { slot } of [pair.near, pair.far]) {
        slot.index ??= opened(slot.space).netlink.getLink({ name: slot.name }).index;
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
  for (const { slot } of [near, far]) slot.index = undefined;
}

/** What the kernel says of a name or an index that is there. */
function isTaken(error: unknown): boolean {
  return error instanceof NetlinkError && (error.code === "EEXIST" || error.code === "EBUSY");
}
