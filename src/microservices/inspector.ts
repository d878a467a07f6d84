/** Brings what is known of containers in line with what the runtime says of them, one container at a time. */
import { statusAt } from "../../ffi/mod.ts";
import { isErrno, reasonOf } from "../errors.ts";
import { NsHandle } from "../netns/handle.ts";
import { backoff } from "../async/backoff.ts";
import { pause } from "../async/pause.ts";
import type { ContainerRuntime } from "./client/client.ts";
import { log } from "./log.ts";
import type { Microservice } from "./microservice.ts";
import type { MicroserviceRegistry } from "./registry.ts";
import { type Container, labelOf, MalformedReplyError } from "./client/replies.ts";

/** How often a container is looked at that changes while it is looked at, or of which the runtime cannot tell. */
const ATTEMPTS = 6;
/** How many are looked at at once in a pass over all. */
const AT_ONCE = 16;

/** A look at a container that is under way. */
interface Look {
  /** Something happened to it meanwhile. */
  again: boolean;
  readonly done: Promise<void>;
}

/** Looks at containers. Two looks at one container are never under way at the same time. */
export class Follower {
  readonly #registry: MicroserviceRegistry;
  readonly #containerLabel: string | undefined;
  readonly #looks = new Map<string, Look>();
  /** Those that run and are no microservices, which they cannot become: the label is given when a container is made. */
  readonly #others = new Set<string>();

  /** Keeps `registry` right. */
  constructor(registry: MicroserviceRegistry, containerLabel?: string) {
    this.#registry = registry;
    this.#containerLabel = containerLabel;
  }

  /**
   * Looks at a container, and once more if a look is under way. What cannot be found out is logged.
   *
   * @throws The reason of the signal.
   */
  look(runtime: ContainerRuntime, id: string, signal: AbortSignal): Promise<void> {
    const underWay = this.#looks.get(id);
    if (underWay !== undefined) {
      underWay.again = true;
      // If it ends with a signal that is another caller's, what happened has still to be looked at.
      return underWay.done.catch((error) => {
        if (signal.aborted) throw error;
        return this.look(runtime, id, signal);
      });
    }
    const look: Look = { again: true, done: Promise.resolve().then(() => this.#follow(runtime, id, look, signal)) };
    this.#looks.set(id, look);
    return look.done;
  }

  /**
   * Looks at all containers that run or are known.
   *
   * @throws {MalformedReplyError} The runtime did not answer with a list.
   * @throws {Error} The runtime cannot be reached; or the reason of the signal.
   */
  async lookAtAll(runtime: ContainerRuntime, signal: AbortSignal): Promise<void> {
    const ids = new Set([...await this.#running(runtime, signal), ...this.#registry.byId.keys()]).values();
    await Promise.all(Array.from({ length: AT_ONCE }, async () => {
      for (const id of ids) await this.look(runtime, id, signal);
    }));
  }

  /**
   * Looks at those that run and are not known, and at those that are known and run no longer. Mostly there are none:
   * then it is one question.
   *
   * @throws {MalformedReplyError} The runtime did not answer with a list.
   * @throws {Error} The runtime cannot be reached; or the reason of the signal.
   */
  async lookAtMissed(runtime: ContainerRuntime, signal: AbortSignal): Promise<void> {
    const running = await this.#running(runtime, signal);
    const missed = [...running].filter((id) => !this.#others.has(id) && !this.#isThere(id))
      .concat([...this.#registry.byId.keys()].filter((id) => !running.has(id)));
    for (const id of missed) await this.look(runtime, id, signal);
  }

  /** Those that run; the others are forgotten that run no longer. */
  async #running(runtime: ContainerRuntime, signal: AbortSignal): Promise<ReadonlySet<string>> {
    const running = new Set(await runtime.running(signal));
    for (const id of this.#others) if (!running.has(id)) this.#others.delete(id);
    return running;
  }

  /** Takes out those whose process is gone; this needs no runtime. */
  lookAtProcesses(): void {
    for (const { id } of [...this.#registry.byId.values()]) this.#endIfGone(id);
  }

  /** Resolves when no look is under way. */
  async settled(): Promise<void> {
    while (this.#looks.size > 0) await Promise.allSettled([...this.#looks.values()].map(({ done }) => done));
  }

  async #follow(runtime: ContainerRuntime, id: string, look: Look, signal: AbortSignal): Promise<void> {
    try {
      while (look.again) {
        look.again = false;
        await this.#settle(runtime, id, signal);
      }
    } finally {
      this.#looks.delete(id); // in one step with the last look at `again`
    }
  }

  async #settle(runtime: ContainerRuntime, id: string, signal: AbortSignal): Promise<void> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      if (attempt > 0) await pause(backoff(attempt, { first: 20 }), signal);
      try {
        if (await this.#once(runtime, id, signal)) return;
      } catch (error) {
        signal.throwIfAborted();
        if (error instanceof MalformedReplyError || attempt + 1 === ATTEMPTS) {
          log().error("Cannot find out about container {id}: {reason}", { id, reason: reasonOf(error) });
          break;
        }
      }
    }
    signal.throwIfAborted();
    this.#endIfGone(id); // of what remains unknown, what is known is kept as long as it can be true
  }

  /** True if what is known is what the runtime says; false if that changed meanwhile. */
  async #once(runtime: ContainerRuntime, id: string, signal: AbortSignal): Promise<boolean> {
    const seen = await runtime.inspect(id, signal);
    const label = seen === undefined ? undefined : labelOf(seen, this.#containerLabel);
    if (seen?.pid === undefined || label === undefined) {
      if (seen?.pid !== undefined) this.#others.add(id);
      this.#end(id);
      return true;
    }
    const known = this.#registry.runOf(id);
    if (known?.microservice.pid === seen.pid && known.startedAt === seen.startedAt) {
      this.#endIfGone(id); // the runtime may be slow to notice
      return true;
    }
    this.#end(id);
    return await this.#pin(runtime, { label, pid: seen.pid, id }, seen, signal);
  }

  /**
   * Opens the namespace of a container, and asks the runtime again: if the process was the container's before and is
   * so after, what was opened between is the container's, and no other process had the number.
   */
  async #pin(runtime: ContainerRuntime, bare: Microservice, seen: Container, signal: AbortSignal): Promise<boolean> {
    const { id, pid, label } = bare;
    const namespace = openNamespace(pid);
    let kept = false;
    try {
      const again = await runtime.inspect(id, signal);
      signal.throwIfAborted();
      if (namespace === undefined || again?.pid !== pid || again.startedAt !== seen.startedAt) return false;
      const microservice = seen.network === undefined ? bare : { ...bare, network: seen.network };
      this.#registry.started({ microservice, startedAt: seen.startedAt, namespace });
      kept = true;
    } finally {
      if (!kept) namespace?.close();
    }
    log().info("Microservice {label} runs: container {id}, PID {pid}", { label, id, pid });
    return true;
  }

  /** True if it is known and its process is there. */
  #isThere(id: string): boolean {
    const run = this.#registry.runOf(id);
    return run !== undefined && inodeOf(run.microservice.pid) === run.namespace.inode;
  }

  #endIfGone(id: string): void {
    if (!this.#isThere(id)) this.#end(id);
  }

  #end(id: string): void {
    const run = this.#registry.runOf(id);
    if (run === undefined) return;
    this.#registry.ended(id);
    log().info("Microservice {label} ended: container {id}", { label: run.microservice.label, id });
  }
}

/** The namespace of a process; undefined if there is no such process any more. */
function openNamespace(pid: number): NsHandle | undefined {
  try {
    return NsHandle.fromPid(pid);
  } catch (error) {
    if (isErrno(error, "ENOENT", "ESRCH")) return undefined;
    throw error;
  }
}

/** The inode of a process's namespace; undefined if there is no such process, or it may not be looked at. */
function inodeOf(pid: number): bigint | undefined {
  try {
    return statusAt(`/proc/${pid}/ns/net`).inode;
  } catch {
    return undefined;
  }
}
