/** Carries a plan out: as few sends as there are namespaces, and each task with an outcome of its own. */
import { match } from "npm:ts-pattern@5.9.2";
import { NetlinkError } from "../../errors.ts";
import { deleteNamedNamespace } from "../../named/delete.ts";
import type { Netlink } from "../../netlink/netlink.ts";
import { moveLink, type MovePlace } from "../../netns/move_link.ts";
import type { Action, Task } from "../plan/actions.ts";
import { createLinks } from "./create_links.ts";
import { deleteLinks } from "./delete_links.ts";
import { type KernelNamespace, opened } from "../observed/kernel_namespace.ts";
import { addRequest, type Request, tolerated } from "./requests.ts";
import type { ObservedNamespaces } from "../observed/observed_namespaces.ts";

/** How tasks went. */
export interface Outcome {
  /** Those that were done, in order. */
  readonly done: readonly Task[];
  /** Those that were not, and why. */
  readonly failed: readonly Failure[];
  /** True if something was lost on the way that another look would find. */
  readonly again: boolean;
}

/** A task that was not done. */
export interface Failure {
  /** The task. */
  readonly task: Task;
  /** Why not. */
  readonly error: unknown;
}

/** Where a plan is carried out. */
export interface Workplace {
  /** The open namespaces. */
  readonly namespaces: ObservedNamespaces;
  /** The directory of named namespaces. */
  readonly netnsDir: string;
  /** Is told of each task that is done. */
  readonly onDone: (task: Task) => void;
}

/** What a task needs was not made, and failed for itself. */
export class MissingError extends Error {
  /** Always `"MissingError"`. */
  override readonly name = "MissingError";
}

/** Carries `tasks`, which are in the order of their stages, out. A failure leaves the others to be done. */
export function execute(tasks: readonly Task[], workplace: Workplace): Outcome {
  const run = new Execution(workplace);
  for (const group of groups(tasks)) run.carryOut(group);
  return run.outcome(tasks);
}

/** What goes together: neighbouring tasks of one stage that are carried out in the same way. */
function groups(tasks: readonly Task[]): Task[][] {
  const result: Task[][] = [];
  for (const task of tasks) {
    const group = result.at(-1);
    const [first] = group ?? [];
    if (first?.stage === task.stage && wayOf(first.action) === wayOf(task.action)) group?.push(task);
    else result.push([task]);
  }
  return result;
}

/** Pairs are made together, links deleted together, requests sent together; what is left goes one by one. */
function wayOf({ kind }: Action): "pairs" | "deletions" | "single" | "requests" {
  if (kind === "create-link") return "pairs";
  if (kind === "delete-link") return "deletions";
  return kind === "create-namespace" || kind === "delete-namespace" || kind === "move-link" ? "single" : "requests";
}

class Execution {
  readonly #workplace: Workplace;
  readonly #errors = new Map<Task, unknown>();
  #again = false;

  constructor(workplace: Workplace) {
    this.#workplace = workplace;
  }

  /** How `tasks` went, which have all been carried out: none is left without an outcome. */
  outcome(tasks: readonly Task[]): Outcome {
    const errors = this.#errors;
    return {
      done: errors.size === 0 ? tasks : tasks.filter((task) => !errors.has(task)),
      failed: errors.size === 0
        ? []
        : tasks.flatMap((task) => errors.has(task) ? [{ task, error: errors.get(task) }] : []),
      again: this.#again,
    };
  }

  carryOut(group: readonly Task[]): void {
    const way = group[0] === undefined ? "single" : wayOf(group[0].action);
    if (way === "pairs") createLinks(group, (task, error) => this.#finish(task, error));
    else if (way === "deletions") deleteLinks(group, (task, error) => this.#finish(task, error));
    else if (way === "requests") this.#sendAll(group);
    else for (const task of group) this.#attempt(task, () => this.#single(task.action));
  }

  #finish(task: Task, error?: unknown): void {
    if (error === undefined) this.#workplace.onDone(task);
    else this.#errors.set(task, error);
  }

  #attempt(task: Task, act: () => void): void {
    try {
      act();
    } catch (error) {
      return this.#finish(task, error);
    }
    this.#finish(task);
  }

  #single(action: Action): void {
    const { namespaces, netnsDir } = this.#workplace;
    match(action)
      .with({ kind: "create-namespace" }, ({ namespace }) => namespaces.make(opened(namespace)))
      .with({ kind: "delete-namespace" }, ({ name }) => {
        try {
          deleteNamedNamespace(name, { netnsDir });
        } catch (error) {
          if (!tolerated("delete-namespace", error)) throw error;
        }
      })
      .with({ kind: "move-link", whole: true }, ({ link, from, index }) => {
        link.index = moveLink({ index }, placeOf(opened(from)), placeOf(opened(link.namespace)), link.name);
      })
      .with({ kind: "move-link", whole: false }, ({ link, from, index }) => {
        const [source, target] = [opened(from), opened(link.namespace)];
        source.netlink.setLink({ index }, { name: link.name, netns: target.handle });
        link.index = target.netlink.getLink({ name: link.name }).index;
      })
      .otherwise(({ kind }) => {
        throw new Error(`A task of the kind ${kind} is not carried out by itself`);
      });
  }

  /**
   * One send for each namespace. The hub of a star comes last: from the moment that both ends of a pair are up, the
   * kernel is busy with the carrier on another CPU, and holds up what is sent meanwhile.
   */
  #sendAll(group: readonly Task[]): void {
    const byNamespace = new Map<KernelNamespace, QueuedRequest[]>();
    for (const task of group) {
      const request = task.action as Request; // of this way there are no others
      const namespace = opened(request.link.namespace);
      if (!namespace.exists) this.#finish(task, new MissingError(`the namespace ${namespace.label} was not made`));
      else if (request.link.index === undefined) {
        this.#finish(task, new MissingError(`${request.link.name} in ${namespace.label} was not made`));
      } else {
        const sent = { task, request, place: -1 };
        const others = byNamespace.get(namespace);
        if (others === undefined) byNamespace.set(namespace, [sent]);
        else others.push(sent);
      }
    }
    const hubLast = [...byNamespace].sort(([, a], [, b]) => a.length - b.length);
    for (const [namespace, all] of hubLast) this.#send(namespace, all);
  }

  #send(namespace: KernelNamespace, all: readonly QueuedRequest[]): void {
    let errorAt: (place: number) => unknown;
    try {
      const errors = namespace.netlink.tryBatch((batch) => {
        for (const one of addressesFirst(all)) {
          addRequest(batch, one.request);
          one.place = batch.requests.length - 1;
        }
      });
      errorAt = (place) => errors[place];
    } catch (error) {
      errorAt = () => error; // the socket itself failed
    }
    for (const { task, request, place } of all) {
      const error = errorAt(place);
      if (error === undefined || tolerated(request.kind, error)) this.#finish(task);
      else if (isRefusedRename(request, error)) this.#attempt(task, () => this.#renameDown(namespace.netlink, request));
      else this.#finish(task, error);
    }
  }

  /** Before Linux 6.2 a link must be down to be renamed, and loses its routes by that: another look is needed. */
  #renameDown(netlink: Netlink, { link: planned, change }: Extract<Request, { readonly kind: "change-link" }>): void {
    const link = { index: planned.index ?? 0 };
    netlink.setLink(link, { up: false });
    this.#again = true;
    netlink.setLink(link, { ...change, up: planned.up });
  }
}

/** A task that is sent with others. */
interface QueuedRequest {
  readonly task: Task;
  readonly request: Request;
  /** The place in the batch of the request that counts. */
  place: number;
}

/**
 * What comes before the first route or neighbour with the addresses of all links first, and then the links that are
 * set up: the kernel takes the less time for the carrier away from the sender, the closer those follow each other.
 */
function addressesFirst(all: readonly QueuedRequest[]): readonly QueuedRequest[] {
  const addresses: QueuedRequest[] = [];
  const others: QueuedRequest[] = [];
  let isOfLinks = true; // until the first route or neighbour
  for (const one of all) {
    const { kind } = one.request;
    isOfLinks &&= isOfAddress(kind) || kind === "change-link";
    (isOfLinks && isOfAddress(kind) ? addresses : others).push(one);
  }
  return others.length === 0 ? addresses : [...addresses, ...others];
}

const isOfAddress = (kind: Request["kind"]): boolean => kind === "add-address" || kind === "delete-address";

const placeOf = ({ handle, netlink }: KernelNamespace): MovePlace => ({ netns: handle, netlink });

function isRefusedRename(
  request: Request,
  error: unknown,
): request is Extract<Request, { readonly kind: "change-link" }> {
  return request.kind === "change-link" && request.change.name !== undefined && error instanceof NetlinkError &&
    error.code === "EBUSY";
}
