/** Follows a container runtime: it subscribes, lists, inspects the container of each event, and reconnects. */
import { setMaxListeners } from "node:events";
import { pause } from "../async/pause.ts";
import { clientOf, type ContainerRuntime, type RuntimeEvent } from "./client/client.ts";
import { backoff } from "../async/backoff.ts";
import { type Obstacle, obstacleTo } from "./endpoints/socket_access.ts";
import type { Endpoint } from "./endpoints/endpoint.ts";
import { type DockerOptions, endpointsBy } from "./endpoints/endpoints.ts";
import type { Prove } from "./pid_proof.ts";
import { Inspector } from "./inspector.ts";
import { reasonOf } from "../errors.ts";
import { log } from "./log.ts";
import type { ContainerRegistry } from "./running_containers.ts";
import { type ContainerRuntimeState, WatchedState } from "./runtime_state.ts";

/** The parts of a tracker that tests replace. */
export interface TrackerParts {
  /** Where a runtime may listen. @default {what the options and the environment say} */
  readonly endpoints?: () => Promise<readonly Endpoint[]>;
  /** Makes a client. @default {clientOf} */
  readonly connect?: (endpoint: Endpoint) => Promise<ContainerRuntime>;
  /** How long to wait after so many failures. @default {backoff} */
  readonly backoff?: (failures: number) => number;
  /** Proves whose namespace a process has. @default {the kernel's files} */
  readonly prove?: Prove | undefined;
  /** How often it asks what runs, in case an event is lost, in milliseconds. @default {30 seconds} */
  readonly every?: number | undefined;
}

/** Runtimes lose events: Podman reads them from a file, Docker drops them for a slow reader. */
const EVERY = 30_000;
/**
 * How long a connection lasts that was a good one, in milliseconds: after a shorter one the next attempt waits longer than the
 * last, or a runtime that ends each of them at once would be asked for ever, as fast as it answers.
 */
const STEADY = 1000;
/** After how many events in a row that cannot be read a stream is given up, and followed again later. */
const MOST_UNREADABLE = 1000;

/** The state has the reasons of this many refused containers. */
const MOST_SHOWN = 100;

/** No runtime can be reached; `tried` says why for each endpoint. */
class UnreachableError extends Error {
  constructor(readonly tried: readonly string[], isAbsent: boolean) {
    super(`no container runtime can be reached (${tried.join("; ")})${isAbsent ? `; ${START_ONE}` : ""}`);
  }
}

const START_ONE = "start Docker or Podman (podman system service), or set DOCKER_HOST to where it listens";

/** An obstacle with its remedy, as text. */
const textOf = ({ reason, remedy }: Obstacle): string => remedy === undefined ? reason : `${reason}: ${remedy}`;

const IDLE = {
  state: "unavailable" as const,
  reason: "containers are not followed: init() was not called, or the handler is closed",
  tried: [],
};

/** Keeps a registry in line with a container runtime, from {@linkcode MicroserviceTracker.start} to `close`. */
export class MicroserviceTracker {
  readonly #registry: ContainerRegistry;
  readonly #inspector: Inspector;
  readonly #endpoints: () => Promise<readonly Endpoint[]>;
  readonly #connect: (endpoint: Endpoint) => Promise<ContainerRuntime>;
  readonly #backoff: (failures: number) => number;
  readonly #every: number;
  readonly #state = new WatchedState(IDLE);
  /** Aborted when the tracker is closed. */
  #end = new AbortController();
  #running: Promise<void> | undefined;
  #connected: ContainerRuntime | undefined;

  /**
   * Fills `registry`; nothing is connected yet.
   *
   * @throws {TypeError} An option cannot be used.
   */
  constructor(registry: ContainerRegistry, options: DockerOptions = {}, parts: TrackerParts = {}) {
    this.#registry = registry;
    this.#inspector = new Inspector(registry, { containerLabel: options.containerLabel, prove: parts.prove });
    registry.onRefusals = () => this.#showRefusals();
    this.#endpoints = parts.endpoints ?? endpointsBy(options);
    this.#connect = parts.connect ?? ((endpoint) => clientOf(endpoint));
    this.#backoff = parts.backoff ?? backoff;
    this.#every = parts.every ?? EVERY;
  }

  /** Whether the runtime can be reached. */
  get state(): ContainerRuntimeState {
    return this.#state.value;
  }

  /** The state, and each new one. */
  states(signal?: AbortSignal): AsyncIterable<ContainerRuntimeState> {
    return this.#state.changes(signal);
  }

  /** Begins to follow and does not wait. Idempotent. */
  start(): void {
    if (this.#running !== undefined) return;
    this.#state.set({ state: "connecting" });
    this.#running = this.#run(this.#end.signal);
  }

  /** Ends it, forgets all containers, and closes their namespaces. It can be started again. */
  async close(): Promise<void> {
    this.#end.abort(new Error("the handler was closed"));
    await this.#running;
    await this.#inspector.settled();
    this.#registry.clear();
    this.#state.set(IDLE);
    this.#state.end();
    this.#running = undefined;
    this.#end = new AbortController();
  }

  /**
   * Updates the registry from the runtime once. If no runtime can be reached, it does not throw: the state says so.
   *
   * @throws The reason of the signal.
   */
  async pass(signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    const ended = withManyListeners(AbortSignal.any([...signal === undefined ? [] : [signal], this.#end.signal]));
    try {
      if (this.#connected !== undefined) await this.#inspector.inspectAll(this.#connected, ended);
      else {
        const { runtime } = await this.#reach((one) => this.#inspector.inspectAll(one, ended));
        if (this.#running === undefined) this.#state.set({ ...IDLE, reason: askedOnce(runtime) });
      }
    } catch (error) {
      signal?.throwIfAborted();
      if (this.#connected === undefined && !ended.aborted) this.#unavailable(error);
    }
  }

  async #run(signal: AbortSignal): Promise<void> {
    for (let failures = 0; !signal.aborted;) {
      let since = Infinity;
      try {
        await this.#follow(signal, () => since = performance.now());
      } catch (error) {
        if (signal.aborted) return;
        if (performance.now() - since >= STEADY) failures = 0;
        this.#inspector.checkProcesses();
        this.#unavailable(error);
      }
      await pause(this.#backoff(++failures), signal);
    }
  }

  /** Follows until the connection ends, which it does with an error. */
  async #follow(signal: AbortSignal, onConnected: () => void): Promise<never> {
    const connection = new AbortController();
    const end = (): void => connection.abort(signal.reason);
    signal.addEventListener("abort", end);
    try {
      withManyListeners(connection.signal);
      const { runtime, value: events } = await this.#reach((one) => one.subscribe(connection.signal));
      // From here on nothing is missed: a change during the pass comes as an event.
      const pumped = this.#pump(runtime, events, connection.signal);
      await Promise.race([this.#inspectAll(runtime, connection.signal), pumped]);
      connection.signal.throwIfAborted();
      this.#connected = runtime;
      onConnected();
      this.#state.set(this.#connectedTo(runtime));
      log().info("Containers are followed by {endpoint}", { endpoint: runtime.endpoint });
      void this.#inspectMissed(runtime, connection.signal);
      return await pumped;
    } finally {
      this.#connected = undefined;
      signal.removeEventListener("abort", end);
      connection.abort(new Error("the connection to the container runtime ended"));
      await this.#inspector.settled();
    }
  }

  async #inspectAll(runtime: ContainerRuntime, signal: AbortSignal): Promise<void> {
    try {
      await this.#inspector.inspectAll(runtime, signal);
    } catch (error) {
      throw new Error(`${runtime.endpoint}: ${reasonOf(error)}`, { cause: error });
    }
  }

  /** Schedules an inspection of the container of each event, until the stream ends. */
  async #pump(runtime: ContainerRuntime, events: AsyncIterable<RuntimeEvent>, signal: AbortSignal): Promise<never> {
    try {
      let unreadable = 0;
      for await (const event of events) {
        if ("id" in event) {
          unreadable = 0;
          this.#inspector.schedule(runtime, event.id, signal);
        } else {
          if (++unreadable > MOST_UNREADABLE) throw event.unreadable;
          this.#inspector.scheduleAll(runtime, event.unreadable.message, signal);
        }
      }
    } catch (error) {
      throw new Error(`the event stream of ${runtime.endpoint} broke off: ${reasonOf(error)}`, { cause: error });
    }
    throw new Error(`the event stream of ${runtime.endpoint} ended`);
  }

  /** Asks every 30 s what runs, in case an event is lost, until the connection ends. */
  async #inspectMissed(runtime: ContainerRuntime, signal: AbortSignal): Promise<void> {
    for (;;) {
      await pause(this.#every, signal);
      if (signal.aborted) return;
      try {
        await this.#inspector.inspectMissed(runtime, signal);
      } catch (error) {
        if (!signal.aborted) log().warn("Containers cannot be listed: {reason}", { reason: reasonOf(error) });
      }
    }
  }

  /** Calls `fn` with the first runtime for which it works. */
  async #reach<T>(fn: (runtime: ContainerRuntime) => Promise<T>): Promise<{ runtime: ContainerRuntime; value: T }> {
    const tried: string[] = [];
    let isAbsent = true;
    for (const endpoint of await this.#endpoints()) {
      const obstacle = obstacleTo(endpoint);
      isAbsent &&= obstacle?.kind === "absent";
      if (obstacle !== undefined) {
        tried.push(`${endpoint.name}: ${textOf(obstacle)}`);
        continue;
      }
      try {
        const runtime = await this.#connect(endpoint);
        return { runtime, value: await fn(runtime) };
      } catch (error) {
        tried.push(`${endpoint.name}: ${reasonOf(error)}`);
      }
    }
    throw new UnreachableError(tried, isAbsent);
  }

  #connectedTo({ endpoint }: ContainerRuntime): ContainerRuntimeState {
    const refused = [...this.#registry.refused.values()].slice(0, MOST_SHOWN).map(({ reason }) => reason);
    return { state: "connected", endpoint, ...refused.length === 0 ? {} : { refused } };
  }

  #showRefusals(): void {
    if (this.#connected !== undefined) this.#state.set(this.#connectedTo(this.#connected));
  }

  #unavailable(error: unknown): void {
    const reason = reasonOf(error);
    const tried = error instanceof UnreachableError ? error.tried : [];
    if (this.#state.set({ state: "unavailable", reason, tried })) {
      log().warn("Containers cannot be followed: {reason}", { reason });
    }
  }
}

/** Every running inspection listens to the signal, and Node warns of a leak from eleven listeners on. */
function withManyListeners(signal: AbortSignal): AbortSignal {
  setMaxListeners(0, signal);
  return signal;
}

const askedOnce = ({ endpoint }: ContainerRuntime): string => `${endpoint} was asked once, and is not followed`;

/** Why a label names no container, where that is known. */
export function whyUnavailable(state: ContainerRuntimeState): string | undefined {
  if (state.state === "connected") return undefined;
  return state.state === "connecting" ? "the container runtime has not answered yet" : state.reason;
}
