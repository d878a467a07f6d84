/** Keeps the registry equal to what the runtime says: inspects containers, opens their namespaces and proves them. */
import { statusAt } from "../../ffi/mod.ts";
import { backoff } from "../async/backoff.ts";
import { pause } from "../async/pause.ts";
import { defined } from "../collections.ts";
import { isErrno, reasonOf, shown } from "../errors.ts";
import { NsHandle } from "../netns/handle.ts";
import type { ContainerRuntime } from "./client/client.ts";
import { type Container, labelOf, MalformedReplyError } from "./client/replies.ts";
import { NO_PROCESS, type Prove, prove, type Refusal } from "./pid_proof.ts";
import { log } from "./log.ts";
import { AT_ONCE, Inspections } from "./inspection_queue.ts";
import type { ContainerRegistry } from "./running_containers.ts";
import type { Run } from "./container_run.ts";

/** How often an inspection is repeated if the container changes during it, or the runtime fails. */
const ATTEMPTS = 6;
/** After this many milliseconds an inspection that failed is not repeated. */
const LONGEST = 5000;
/** The pause between two passes over all containers that events caused, in milliseconds. */
const BETWEEN_PASSES = 1000;

/** How the inspector works. */
export interface InspectorOptions {
  /** The container label that makes a container a microservice, as the environment variable does. */
  readonly containerLabel?: string | undefined;
  /** Proves whose namespace it is. @default {prove} */
  readonly prove?: Prove | undefined;
}

/** The result of an attempt. */
type Outcome =
  | "settled"
  /** The container changed meanwhile. */
  | "changed"
  /** The process does not exist. If the container is ending, the runtime knows it soon. */
  | { readonly missing: Container };

/** Inspects containers. */
export class Inspector {
  readonly #registry: ContainerRegistry;
  readonly #containerLabel: string | undefined;
  readonly #prove: Prove;
  readonly #inspections = new Inspections((runtime, id, signal) => this.#settle(runtime, id, signal));
  /** The pass over all containers that events caused, while it runs. */
  #pass: { again: string | undefined; readonly done: Promise<void> } | undefined;

  /** Keeps `registry` right. */
  constructor(registry: ContainerRegistry, options: InspectorOptions = {}) {
    this.#registry = registry;
    this.#containerLabel = options.containerLabel;
    this.#prove = options.prove ?? prove;
  }

  /** Schedules the inspection of a container after an event; does not wait for it. */
  schedule(runtime: ContainerRuntime, id: string, signal: AbortSignal): void {
    if (!this.#inspections.schedule(runtime, id, signal)) this.scheduleAll(runtime, "too many events wait", signal);
  }

  /** Schedules a pass over all containers, at most one a second; does not wait for it. `reason` is logged. */
  scheduleAll(runtime: ContainerRuntime, reason: string, signal: AbortSignal): void {
    if (this.#pass !== undefined) this.#pass.again = reason;
    else this.#pass = { again: reason, done: this.#inspectAllScheduled(runtime, reason, signal) };
  }

  /**
   * Inspects all containers that run or are known.
   *
   * @throws {MalformedReplyError} The runtime did not answer with a list.
   * @throws {Error} The runtime cannot be reached; or the reason of the signal.
   */
  async inspectAll(runtime: ContainerRuntime, signal: AbortSignal): Promise<void> {
    await this.#inspect(runtime, new Set([...await runtime.running(signal), ...this.#known()]), signal);
  }

  /**
   * Inspects containers that run and are unknown, and known ones that no longer run. Usually there are none, and this is
   * one request.
   *
   * @throws {MalformedReplyError} The runtime did not answer with a list.
   * @throws {Error} The runtime cannot be reached; or the reason of the signal.
   */
  async inspectMissed(runtime: ContainerRuntime, signal: AbortSignal): Promise<void> {
    const running = new Set(await runtime.running(signal));
    const missed = [...running].filter((id) => !this.#isThere(id))
      .concat(this.#known().filter((id) => !running.has(id)));
    await this.#inspect(runtime, missed, signal);
  }

  /** Removes containers whose process is gone, without asking the runtime. */
  checkProcesses(): void {
    for (const id of [...this.#registry.runs.keys()]) this.#endIfGone(id);
  }

  /** Resolves when no inspection is running or waiting. */
  async settled(): Promise<void> {
    await this.#pass?.done;
    await this.#inspections.settled();
  }

  async #inspect(runtime: ContainerRuntime, ids: Iterable<string>, signal: AbortSignal): Promise<void> {
    const left = ids[Symbol.iterator]();
    await Promise.all(Array.from({ length: AT_ONCE }, async () => {
      for (let next = left.next(); !next.done; next = left.next()) {
        await this.#inspections.run(runtime, next.value, signal);
      }
    }));
  }

  #known(): string[] {
    return [...this.#registry.runs.keys(), ...this.#registry.refused.keys()];
  }

  async #inspectAllScheduled(runtime: ContainerRuntime, first: string, signal: AbortSignal): Promise<void> {
    await Promise.resolve(); // the caller sets #pass first
    for (let reason: string | undefined = first; reason !== undefined && !signal.aborted; reason = this.#pass?.again) {
      if (this.#pass !== undefined) this.#pass.again = undefined;
      log().error("An event was lost, so all containers are inspected: {reason}", { reason });
      try {
        await this.inspectAll(runtime, signal);
      } catch (error) {
        if (!signal.aborted) log().error("Containers cannot be inspected: {reason}", { reason: reasonOf(error) });
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
        if (missing !== undefined && this.#registry.refused.has(id)) break; // an earlier inspection has waited
      } catch (error) {
        signal.throwIfAborted();
        const isLast = attempt + 1 === ATTEMPTS || performance.now() - start > LONGEST;
        if (error instanceof MalformedReplyError || isLast) {
          log().error("Container {id} cannot be inspected: {reason}", { id, reason: reasonOf(error) });
          break;
        }
      }
    }
    signal.throwIfAborted();
    if (missing !== undefined) this.#refuse(runtime, missing, NO_PROCESS);
    else this.#endIfGone(id); // otherwise the last known state is kept
  }

  async #once(runtime: ContainerRuntime, id: string, signal: AbortSignal): Promise<Outcome> {
    const container = await runtime.inspect(id, signal);
    if (container !== undefined && container.id !== id) {
      throw new MalformedReplyError("a description of a container", container.id, `expected that of ${id}`);
    }
    const { pid } = container ?? {};
    if (container === undefined || pid === undefined) {
      this.#end(id);
      return "settled";
    }
    const known = this.#registry.runs.get(id);
    if (known?.pid === pid && known.startedAt === container.startedAt) {
      if (known.container.name !== container.name) this.#registry.renamed(id, container.name);
      this.#endIfGone(id); // the process may end before the runtime notices
      return "settled";
    }
    if (known !== undefined) this.#end(id);
    return await this.#pin(runtime, container, pid, signal);
  }

  /**
   * Opens the namespace of a container, proves it, and asks the runtime again. If the answer is the same before and after,
   * the process ran all the time, so its number belonged to no other process.
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

  /** Adds a container; false if the registry is full. */
  #admit(
    runtime: ContainerRuntime,
    container: Container,
    rest: Pick<Run, "pid" | "network" | "startedAt" | "namespace">,
  ): boolean {
    const { id, name, image, labels } = container;
    const label = labelOf(container, this.#containerLabel);
    const described = { id, name, image, labels };
    if (!this.#registry.hasRoomFor(described)) {
      this.#refuse(runtime, container, { refused: "and there are more containers than can be kept" });
      return false;
    }
    this.#registry.started({ container: described, label, ...rest });
    if (label !== undefined) {
      log().info("Microservice {label} runs: container {id}, PID {pid}", { label, id, pid: rest.pid });
    }
    return true;
  }

  /** Records that a container is refused, and logs it once. */
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

  /** True if the container is known and its process exists. */
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

/** The namespace of a process, or why it cannot be opened; undefined if the process does not exist. */
function openNamespace(pid: number): NsHandle | Refusal | undefined {
  try {
    return NsHandle.fromPid(pid);
  } catch (error) {
    if (isErrno(error, "ENOENT", "ESRCH")) return undefined;
    if (isErrno(error, "EMFILE", "ENFILE")) throw error; // a later attempt may succeed
    return { refused: `whose network namespace cannot be opened: ${reasonOf(error)}` };
  }
}

/** The inode of a process's namespace; undefined if the process does not exist or must not be read. */
function inodeOf(pid: number): bigint | undefined {
  try {
    return statusAt(`/proc/${pid}/ns/net`).inode;
  } catch {
    return undefined;
  }
}
