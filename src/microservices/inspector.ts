/** Brings what is known of containers in line with what the runtime says of them, one container at a time. */
import { statusAt } from "../../ffi/mod.ts";
import { backoff } from "../async/backoff.ts";
import { pause } from "../async/pause.ts";
import { defined } from "../collections.ts";
import { isErrno, reasonOf, shown } from "../errors.ts";
import { NsHandle } from "../netns/handle.ts";
import type { ContainerRuntime } from "./client/client.ts";
import { type Container, labelOf, MalformedReplyError } from "./client/replies.ts";
import { NO_PROCESS, type Prove, prove, type Refusal } from "./identity.ts";
import { log } from "./log.ts";
import { AT_ONCE, Looks } from "./looks.ts";
import type { ContainerRegistry, Run } from "./registry.ts";

/** How often a container is looked at that changes while it is looked at, or of which the runtime cannot tell. */
const ATTEMPTS = 6;
/** After how many milliseconds no further attempt is made. */
const LONGEST = 5000;
/** How long after one look at all containers the next begins that an event asked for, in milliseconds. */
const BETWEEN_PASSES = 1000;

/** How the inspector works. */
export interface InspectorOptions {
  /** The container label that is as good as the environment variable. */
  readonly containerLabel?: string | undefined;
  /** Proves whose namespace it is. @default {prove} */
  readonly prove?: Prove | undefined;
}

/** What came of an attempt. */
type Outcome =
  | "settled"
  /** The container changed meanwhile. */
  | "changed"
  /** There is no process of that number, which will pass if the container is just ending. */
  | { readonly missing: Container };

/** Looks at containers. */
export class Inspector {
  readonly #registry: ContainerRegistry;
  readonly #containerLabel: string | undefined;
  readonly #prove: Prove;
  readonly #looks = new Looks((runtime, id, signal) => this.#settle(runtime, id, signal));
  /** The pass over all that an event asked for, if one is under way. */
  #pass: { again: string | undefined; readonly done: Promise<void> } | undefined;

  /** Keeps `registry` right. */
  constructor(registry: ContainerRegistry, options: InspectorOptions = {}) {
    this.#registry = registry;
    this.#containerLabel = options.containerLabel;
    this.#prove = options.prove ?? prove;
  }

  /** Has a container looked at to which something happened, and does not wait. */
  notice(runtime: ContainerRuntime, id: string, signal: AbortSignal): void {
    if (!this.#looks.notice(runtime, id, signal)) this.noticeAll(runtime, "too many events wait", signal);
  }

  /** Has all containers looked at for this reason, at most once a second, and does not wait. */
  noticeAll(runtime: ContainerRuntime, reason: string, signal: AbortSignal): void {
    if (this.#pass !== undefined) this.#pass.again = reason;
    else this.#pass = { again: reason, done: this.#lookAtAllNoticed(runtime, reason, signal) };
  }

  /**
   * Looks at all containers that run or are known.
   *
   * @throws {MalformedReplyError} The runtime did not answer with a list.
   * @throws {Error} The runtime cannot be reached; or the reason of the signal.
   */
  async lookAtAll(runtime: ContainerRuntime, signal: AbortSignal): Promise<void> {
    await this.#lookAt(runtime, new Set([...await runtime.running(signal), ...this.#known()]), signal);
  }

  /**
   * Looks at those that run and are not known, and at those that are known and run no longer. Mostly there are none:
   * then it is one question.
   *
   * @throws {MalformedReplyError} The runtime did not answer with a list.
   * @throws {Error} The runtime cannot be reached; or the reason of the signal.
   */
  async lookAtMissed(runtime: ContainerRuntime, signal: AbortSignal): Promise<void> {
    const running = new Set(await runtime.running(signal));
    const missed = [...running].filter((id) => !this.#isThere(id))
      .concat(this.#known().filter((id) => !running.has(id)));
    await this.#lookAt(runtime, missed, signal);
  }

  /** Takes out those whose process is gone; this needs no runtime. */
  lookAtProcesses(): void {
    for (const id of [...this.#registry.runs.keys()]) this.#endIfGone(id);
  }

  /** Resolves when no look is under way. */
  async settled(): Promise<void> {
    await this.#pass?.done;
    await this.#looks.settled();
  }

  async #lookAt(runtime: ContainerRuntime, ids: Iterable<string>, signal: AbortSignal): Promise<void> {
    const left = ids[Symbol.iterator]();
    await Promise.all(Array.from({ length: AT_ONCE }, async () => {
      for (let next = left.next(); !next.done; next = left.next()) await this.#looks.at(runtime, next.value, signal);
    }));
  }

  #known(): string[] {
    return [...this.#registry.runs.keys(), ...this.#registry.refused.keys()];
  }

  async #lookAtAllNoticed(runtime: ContainerRuntime, first: string, signal: AbortSignal): Promise<void> {
    await Promise.resolve(); // until #pass is this one
    for (let reason: string | undefined = first; reason !== undefined && !signal.aborted; reason = this.#pass?.again) {
      if (this.#pass !== undefined) this.#pass.again = undefined;
      log().error("An event is lost, all containers are looked at: {reason}", { reason });
      try {
        await this.lookAtAll(runtime, signal);
      } catch (error) {
        if (!signal.aborted) log().error("Containers cannot be looked at: {reason}", { reason: reasonOf(error) });
      }
      await pause(BETWEEN_PASSES, signal);
    }
    this.#pass = undefined;
  }

  async #settle(runtime: ContainerRuntime, id: string, signal: AbortSignal): Promise<void> {
    const start = performance.now();
    let missing: Container | undefined;
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      if (attempt > 0) await pause(backoff(attempt, { first: 20 }), signal);
      try {
        const outcome = await this.#once(runtime, id, signal);
        if (outcome === "settled") return;
        missing = outcome === "changed" ? undefined : outcome.missing;
        if (missing !== undefined && this.#registry.refused.has(id)) break; // it was waited for before
      } catch (error) {
        signal.throwIfAborted();
        const isLast = attempt + 1 === ATTEMPTS || performance.now() - start > LONGEST;
        if (error instanceof MalformedReplyError || isLast) {
          log().error("Cannot find out about container {id}: {reason}", { id, reason: reasonOf(error) });
          break;
        }
      }
    }
    signal.throwIfAborted();
    if (missing !== undefined) this.#refuse(runtime, missing, NO_PROCESS);
    else this.#endIfGone(id); // of what remains unknown, what is known is kept as long as it can be true
  }

  async #once(runtime: ContainerRuntime, id: string, signal: AbortSignal): Promise<Outcome> {
    const container = await runtime.inspect(id, signal);
    const { pid } = container ?? {};
    if (container === undefined || pid === undefined) {
      this.#end(id);
      return "settled";
    }
    const known = this.#registry.runs.get(id);
    if (known?.pid === pid && known.startedAt === container.startedAt) {
      if (known.container.name !== container.name) this.#registry.renamed(id, container.name);
      this.#endIfGone(id); // the runtime may be slow to notice
      return "settled";
    }
    if (known !== undefined) this.#end(id);
    return await this.#pin(runtime, container, pid, signal);
  }

  /**
   * Opens the namespace of a container, has it proved, and asks the runtime again: if the process was the container's
   * before and is so after, what was opened between is the container's, and no other process had the number.
   */
  async #pin(runtime: ContainerRuntime, container: Container, pid: number, signal: AbortSignal): Promise<Outcome> {
    const { id, startedAt } = container;
    const opened = openNamespace(pid);
    if (opened === undefined) return { missing: container };
    let kept = false;
    try {
      const proof = "refused" in opened
        ? opened
        : await this.#prove(container, (idOrName) => runtime.inspect(idOrName, signal));
      signal.throwIfAborted();
      const again = await runtime.inspect(id, signal);
      signal.throwIfAborted();
      if (again?.pid !== pid || again.startedAt !== startedAt) return "changed";
      if ("refused" in opened) this.#refuse(runtime, container, opened);
      else if ("refused" in proof) this.#refuse(runtime, container, proof);
      else if (inodeOf(pid) !== opened.inode) return "changed";
      else kept = this.#admit(runtime, again, { pid, network: proof.network, startedAt, namespace: opened });
    } finally {
      if (!kept && !("refused" in opened)) opened.close();
    }
    return "settled";
  }

  /** Takes a container in; false if there is no room for it. */
  #admit(
    runtime: ContainerRuntime,
    container: Container,
    rest: Pick<Run, "pid" | "network" | "startedAt" | "namespace">,
  ): boolean {
    const { id, name, image, labels } = container;
    const label = labelOf(container, this.#containerLabel);
    const described = { id, name, image, labels };
    if (!this.#registry.hasRoomFor(described)) {
      this.#refuse(runtime, container, { refused: "and that there are more containers than are kept here" });
      return false;
    }
    this.#registry.started({ container: described, label, ...rest });
    if (label !== undefined) {
      log().info("Microservice {label} runs: container {id}, PID {pid}", { label, id, pid: rest.pid });
    }
    return true;
  }

  /** Notes that a container is not entered, and says so once. */
  #refuse({ product }: ContainerRuntime, container: Container, { refused }: Refusal): void {
    const { id, name, pid } = container;
    const label = labelOf(container, this.#containerLabel);
    const reason = `${product.replace(/^t/, "T")} says that ${shown(label ?? name)} is process ${pid}, ${refused}`;
    if (this.#registry.refused.get(id)?.reason !== reason) {
      if (label === undefined) log().debug("Container {id}: {reason}", { id, reason });
      else log().warn("Container {id}: {reason}", { id, reason });
    }
    this.#registry.refuse({ id, name, reason, ...defined({ label }) });
  }

  /** True if it is known and its process is there. */
  #isThere(id: string): boolean {
    const run = this.#registry.runs.get(id);
    return run !== undefined && inodeOf(run.pid) === run.namespace.inode;
  }

  #endIfGone(id: string): void {
    if (!this.#isThere(id)) this.#end(id);
  }

  #end(id: string): void {
    const label = this.#registry.runs.get(id)?.label;
    this.#registry.ended(id);
    if (label !== undefined) log().info("Microservice {label} ended: container {id}", { label, id });
  }
}

/** The namespace of a process, or why it is not opened; undefined if there is no such process. */
function openNamespace(pid: number): NsHandle | Refusal | undefined {
  try {
    return NsHandle.fromPid(pid);
  } catch (error) {
    if (isErrno(error, "ENOENT", "ESRCH")) return undefined;
    if (isErrno(error, "EMFILE", "ENFILE")) throw error; // which may pass
    return { refused: `whose network namespace cannot be opened: ${reasonOf(error)}` };
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
