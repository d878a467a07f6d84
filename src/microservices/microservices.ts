/** Containers and their namespaces, as the namespace handler offers them. */
import { close, duplicate } from "../../ffi/mod.ts";
import { UnavailableMicroserviceError } from "../errors.ts";
import type { MicroserviceNamespace } from "../namespace.ts";
import { NsHandle } from "../netns/handle.ts";
import type { DockerOptions } from "./endpoints/endpoints.ts";
import type {
  ContainerEvent,
  Microservice,
  MicroserviceCtx,
  MicroserviceEvent,
  RefusedContainer,
} from "./microservice.ts";
import { ContainerRegistry } from "./registry.ts";
import type { ContainerRuntimeState } from "./state.ts";
import { MicroserviceTracker, whyUnavailable } from "./tracker.ts";

export type { DockerOptions };

const SWITCHED_OFF: ContainerRuntimeState = {
  state: "unavailable",
  reason: "containers are not followed: the option `docker` is false",
  tried: [],
};

/** The containers; none if `docker` is false. */
export class Microservices {
  readonly #registry = new ContainerRegistry();
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

  /** Those that run and whose namespace is not entered, by id. */
  get refused(): ReadonlyMap<string, RefusedContainer> {
    return this.#registry.refused;
  }

  /** The microservices that start and end from now on. */
  events(signal?: AbortSignal): AsyncIterable<MicroserviceEvent> {
    return this.#registry.microserviceEvents(signal);
  }

  /** The containers that start and end from now on, with or without a label. */
  containerEvents(signal?: AbortSignal): AsyncIterable<ContainerEvent> {
    return this.#registry.containerEvents(signal);
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
   * Updates the containers from the runtime once.
   *
   * @throws The reason of the context's signal.
   */
  async pass({ signal }: MicroserviceCtx): Promise<void> {
    signal?.throwIfAborted();
    await this.#tracker?.pass(signal);
  }

  /**
   * Opens the namespace of a container: the one that was proved when the container was seen, whatever has become of its
   * PID.
   *
   * @returns The open namespace, which the caller closes.
   * @throws {UnavailableMicroserviceError} No such container runs, or it is refused.
   */
  open(ns: MicroserviceNamespace): NsHandle {
    const run = this.#registry.find(ns);
    if (run === undefined) throw this.#unavailable(ns);
    const fd = duplicate(run.namespace.fd);
    try {
      return NsHandle.fromFd(fd);
    } catch (error) {
      close(fd);
      throw error;
    }
  }

  /**
   * Waits until a container runs, and opens its namespace.
   *
   * @returns The open namespace, which the caller closes.
   * @throws {UnavailableMicroserviceError} The container is refused, or the handler is closed or follows no containers.
   * @throws The reason of the signal.
   */
  async waitFor(ns: MicroserviceNamespace, signal?: AbortSignal): Promise<NsHandle> {
    signal?.throwIfAborted();
    const isDecided = (): boolean =>
      this.#registry.find(ns) !== undefined || this.#registry.whyRefused(ns) !== undefined;
    if (this.#tracker !== undefined && !isDecided()) {
      for await (const _ of this.#registry.changes(signal)) if (isDecided()) break;
      signal?.throwIfAborted();
    }
    return this.open(ns);
  }

  #unavailable(ns: MicroserviceNamespace): UnavailableMicroserviceError {
    const refusal = this.#registry.whyRefused(ns);
    return new UnavailableMicroserviceError(ns.label, {
      by: ns.by,
      reason: refusal ?? whyUnavailable(this.state),
      refused: refusal !== undefined,
    });
  }
}

async function* switchedOff(): AsyncGenerator<ContainerRuntimeState, void, undefined> {
  yield await Promise.resolve(SWITCHED_OFF);
}
