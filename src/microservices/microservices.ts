/** Containers and their namespaces, as the namespace handler offers them. */
import { close, duplicate } from "../../ffi/mod.ts";
import { UnavailableMicroserviceError } from "../errors.ts";
import { NsHandle } from "../netns/handle.ts";
import type { DockerOptions } from "./endpoints/endpoints.ts";
import type { Microservice, MicroserviceCtx, MicroserviceEvent } from "./microservice.ts";
import { MicroserviceRegistry } from "./registry.ts";
import type { ContainerRuntimeState } from "./state.ts";
import { MicroserviceTracker, whyUnavailable } from "./tracker.ts";

export type { DockerOptions };

const SWITCHED_OFF: ContainerRuntimeState = {
  state: "unavailable",
  reason: "containers are not followed: the option `docker` is false",
  tried: [],
};

/** What runs in containers: nothing at all, if `docker` is false. */
export class Microservices {
  readonly #registry = new MicroserviceRegistry();
  readonly #tracker: MicroserviceTracker | undefined;

  /** Nothing is connected yet. */
  constructor(docker: DockerOptions | false = {}) {
    this.#tracker = docker === false ? undefined : new MicroserviceTracker(this.#registry, docker);
  }

  /** The running ones by container id. */
  get byId(): ReadonlyMap<string, Microservice> {
    return this.#registry.byId;
  }

  /** The running ones by label. */
  get byLabel(): ReadonlyMap<string, Microservice> {
    return this.#registry.byLabel;
  }

  /** Whether the container runtime can be reached. */
  get state(): ContainerRuntimeState {
    return this.#tracker?.state ?? SWITCHED_OFF;
  }

  /** The state, and each new one. */
  states(signal?: AbortSignal): AsyncIterable<ContainerRuntimeState> {
    return this.#tracker?.states(signal) ?? switchedOff();
  }

  /** What starts and ends from now on. */
  events(signal?: AbortSignal): AsyncIterable<MicroserviceEvent> {
    return this.#registry.events(signal);
  }

  /** Begins to follow them. */
  start(): void {
    this.#tracker?.start();
  }

  /** Ends following them, and forgets them. */
  async close(): Promise<void> {
    await this.#tracker?.close();
    this.#registry.clear();
  }

  /**
   * One pass over what the runtime says now.
   *
   * @throws The reason of the context's signal.
   */
  async pass({ signal }: MicroserviceCtx): Promise<void> {
    signal?.throwIfAborted();
    await this.#tracker?.pass(signal);
  }

  /**
   * Opens the namespace that a label names: the one that was opened when the container was seen, whatever has become
   * of its PID.
   *
   * @returns The open namespace, which the caller closes.
   * @throws {UnavailableMicroserviceError} No container with the label runs.
   */
  open(label: string): NsHandle {
    const namespace = this.#registry.namespaceOf(label);
    if (namespace === undefined) throw new UnavailableMicroserviceError(label, whyUnavailable(this.state));
    const fd = duplicate(namespace.fd);
    try {
      return NsHandle.fromFd(fd);
    } catch (error) {
      close(fd);
      throw error;
    }
  }

  /**
   * Waits until a container with the label runs, and opens its namespace.
   *
   * @returns The open namespace, which the caller closes.
   * @throws {UnavailableMicroserviceError} The handler is closed, or does not follow containers.
   * @throws The reason of the signal.
   */
  async waitFor(label: string, signal?: AbortSignal): Promise<NsHandle> {
    signal?.throwIfAborted();
    if (this.#tracker !== undefined && !this.#registry.byLabel.has(label)) {
      for await (const _ of this.#registry.events(signal)) if (this.#registry.byLabel.has(label)) break;
      signal?.throwIfAborted();
    }
    return this.open(label);
  }
}

async function* switchedOff(): AsyncGenerator<ContainerRuntimeState, void, undefined> {
  yield await Promise.resolve(SWITCHED_OFF);
}
