/** Containers and their namespaces, as the namespace handler offers them. */
import { close, duplicate } from "../../ffi/mod.ts";
import { fieldsOf } from "../argument_fields.ts";
import { defined } from "../collections.ts";
import { UnavailableMicroserviceError } from "../errors.ts";
import { NsConverters } from "../models/converters.ts";
import { containerNs, type MicroserviceNamespace, type PidNamespace, pidNs } from "../namespace.ts";
import type { ContainerHolder } from "../named/discover.ts";
import { NsHandle } from "../netns/handle.ts";
import type { DockerOptions } from "./endpoints/endpoints.ts";
import type {
  ContainerEvent,
  ContainerEventsOptions,
  Microservice,
  MicroserviceCtx,
  MicroserviceEvent,
  RefusedContainer,
} from "./microservice.ts";
import { ContainerRegistry } from "./running_containers.ts";
import type { ContainerRuntimeState } from "./runtime_state.ts";
import { MicroserviceTracker, whyUnavailable } from "./tracker.ts";

const checkStatesOptions = fieldsOf<{ readonly signal?: AbortSignal | undefined }>("the options of runtime states", {
  signal: "signal",
});

const SWITCHED_OFF: ContainerRuntimeState = {
  state: "unavailable",
  reason: "containers are not followed: the option `docker` is false",
  tried: [],
};

/** The containers of a namespace handler. */
export abstract class ContainerNamespaces extends NsConverters {
  readonly #registry = new ContainerRegistry();
  readonly #tracker: MicroserviceTracker | undefined;

  /**
   * Nothing is connected yet.
   *
   * @param docker How the runtime is found; `false`: containers are ignored.
   * @throws {TypeError} An option cannot be used.
   */
  constructor(docker: DockerOptions | false = {}) {
    super();
    this.#tracker = docker === false ? undefined : new MicroserviceTracker(this.#registry, docker);
  }

  /**
   * The namespace of a running container by its PID.
   *
   * @param label Its microservice label.
   * @returns Nothing where no container with the label runs.
   */
  convertMicroserviceNsToPidNs(label: string): PidNamespace | undefined {
    const microservice = this.#registry.byLabel.get(label);
    return microservice === undefined ? undefined : pidNs(microservice.pid);
  }

  /**
   * Opens the namespace of a running container, whether or not it has a microservice label. Containers are known once
   * `init()` follows them, or after {@linkcode NsHandler.handleMicroservices}. {@linkcode containerNs} names such a
   * namespace for the other methods.
   *
   * @param idOrName Its name, its id, or the first 12 digits or more of the id.
   * @returns The open namespace, which the caller closes.
   * @throws {InvalidNamespaceError} The text is empty.
   * @throws {UnavailableMicroserviceError} No such container runs, or it is not proved which namespace is its own.
   */
  openContainer(idOrName: string): NsHandle {
    return this.openRunning(containerNs(idOrName));
  }

  /**
   * The running containers that are entered, with or without a microservice label, each with the number of its
   * namespace's inode: for {@linkcode discoverNamespaces}.
   */
  runningContainers(): ContainerHolder[] {
    return [...this.#registry.runs.values()].map(({ container: { id, name }, label, pid, namespace }) => (
      defined({ id, name, label, pid, inode: namespace.inode })
    ));
  }

  /** The running microservices by label; of several with one label, the newest. */
  getMicroserviceByLabel(): ReadonlyMap<string, Microservice> {
    return this.#registry.byLabel;
  }

  /** The running microservices by container id. */
  getMicroserviceByID(): ReadonlyMap<string, Microservice> {
    return this.#registry.byId;
  }

  /**
   * The containers that the runtime says run, and whose namespaces are not entered because it is not proved on this
   * machine that they are theirs; by container id.
   */
  getRefusedContainers(): ReadonlyMap<string, RefusedContainer> {
    return this.#registry.refused;
  }

  /**
   * Updates the microservices from the container runtime once, with or without `init()`. If the runtime cannot be reached,
   * it does not throw: {@linkcode NsHandler.containerRuntime} says why.
   *
   * @param ctx The context of this piece of work.
   * @throws The reason of the context's signal.
   */
  async handleMicroservices({ signal }: MicroserviceCtx): Promise<void> {
    signal?.throwIfAborted();
    await this.#tracker?.pass(signal);
  }

  /**
   * The microservices that start and end from the call on. Each of several containers with one label has its own events;
   * when the newest ends, the one that takes over is reported as new again.
   *
   * If the reader is too slow, events are dropped. It then gets the end of each microservice that it believes running and
   * is not, and after that each one that runs, as new.
   *
   * @param options `signal` ends the iteration, without an error; `close()` does so, too. `queue` is how many events may
   *   wait for the reader, 4096 by default.
   */
  microserviceEvents(options: ContainerEventsOptions = {}): AsyncIterable<MicroserviceEvent> {
    return this.#registry.microserviceEvents(options);
  }

  /**
   * The containers that start and end from the call on, whether or not they have a microservice label. One that is
   * renamed ends and starts. A reader that is too slow gets all that run, as of {@linkcode microserviceEvents}.
   *
   * @param options `signal` ends the iteration, without an error; `close()` does so, too. `queue` is how many events may
   *   wait for the reader, 4096 by default.
   */
  containerEvents(options: ContainerEventsOptions = {}): AsyncIterable<ContainerEvent> {
    return this.#registry.containerEvents(options);
  }

  /** Whether the container runtime can be reached; if not, the reason, and what was tried. */
  get containerRuntime(): ContainerRuntimeState {
    return this.#tracker?.state ?? SWITCHED_OFF;
  }

  /**
   * {@linkcode NsHandler.containerRuntime} at the call, and then each time it changes.
   *
   * @param o `signal` ends the iteration, without an error; `close()` does so, too.
   * @throws {TypeError} An option is none.
   */
  containerRuntimeStates(o: { readonly signal?: AbortSignal | undefined } = {}): AsyncIterable<ContainerRuntimeState> {
    checkStatesOptions(o);
    return this.#tracker?.states(o.signal) ?? switchedOff();
  }

  /** @internal Begins to follow the containers, without waiting for their runtime. */
  protected followContainers(): void {
    this.#tracker?.start();
  }

  /** @internal Ends following the containers, and forgets them. */
  protected async forgetContainers(): Promise<void> {
    await this.#tracker?.close();
    this.#registry.clear();
  }

  /**
   * Opens the namespace that was proved when the container was seen, whatever has become of its PID.
   *
   * @internal
   * @throws {UnavailableMicroserviceError} No such container runs, or it is refused.
   */
  protected openRunning(ns: MicroserviceNamespace): NsHandle {
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
   * @internal
   * @throws {UnavailableMicroserviceError} The container is refused, or the handler is closed or follows no containers.
   * @throws The reason of the signal.
   */
  protected async waitForContainer(ns: MicroserviceNamespace, signal?: AbortSignal): Promise<NsHandle> {
    signal?.throwIfAborted();
    const isDecided = (): boolean =>
      this.#registry.find(ns) !== undefined || this.#registry.whyRefused(ns) !== undefined;
    if (this.#tracker !== undefined && !isDecided()) {
      for await (const _ of this.#registry.changes(signal)) if (isDecided()) break;
      signal?.throwIfAborted();
    }
    return this.openRunning(ns);
  }

  #unavailable(ns: MicroserviceNamespace): UnavailableMicroserviceError {
    const refusal = this.#registry.whyRefused(ns);
    return new UnavailableMicroserviceError(ns.label, {
      by: ns.by,
      reason: refusal ?? whyUnavailable(this.containerRuntime),
      refused: refusal !== undefined,
    });
  }
}

async function* switchedOff(): AsyncGenerator<ContainerRuntimeState, void, undefined> {
  yield await Promise.resolve(SWITCHED_OFF);
}
