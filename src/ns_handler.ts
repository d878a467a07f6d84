/** The namespace handler of an agent: it opens and enters every kind of namespace. */
import { ContainerNamespaces } from "./microservices/container_namespaces.ts";
import type { DockerOptions } from "./microservices/endpoints/endpoints.ts";
import type { InterfaceNamespace } from "./models/namespace.ts";
import { createNamedNamespace } from "./named/create.ts";
import { deleteNamedNamespace } from "./named/delete.ts";
import { isThere } from "../ffi/mod.ts";
import { processesByNamespace } from "./named/processes.ts";
import { isErrno, shown } from "./errors.ts";
import { fieldsOf } from "./argument_fields.ts";
import { checkSystem } from "./named/options.ts";
import { checkedContainer, namedNs, type Namespace } from "./namespace.ts";
import type { NamespaceAPI } from "./namespace_api.ts";
import { type NamespaceMgmtCtx, type Revert, switchFor } from "./netns/context.ts";
import { threadHome } from "./switch/descriptor.ts";
import { NsHandle } from "./netns/handle.ts";
import { checkDirectory, namedPath, netnsDirectory } from "./switch/namespace_file.ts";
import { resolve, resolveIfThere, type ResolveOptions } from "./netns/resolve.ts";
import { section, type SetNamespace, setNamespace, within } from "./switch/switch.ts";
import type { Synchronous } from "./netns/synchronous.ts";
import { startRuntimeThreads } from "./netns/threads.ts";
import type { SystemAPI } from "./system/api.ts";
import { newSystemHandler } from "./system/handler.ts";
import { backoff } from "./async/backoff.ts";
import { pause } from "./async/pause.ts";

/** The name of the configuration namespace, where no other is given. */
const CONFIG_NAMESPACE = "veth-cfg-ns";

/** Options of {@linkcode NsHandler}. */
export interface NsHandlerOptions {
  /**
   * How the container runtime is found; `false`: this handler ignores containers. Without it: as `docker` finds it, by
   * `DOCKER_HOST` or the context, or else at the usual sockets of Docker and Podman.
   */
  readonly docker?: DockerOptions | false | undefined;
  /** What makes the system calls: tests make one fail. @default {new SystemHandler({ netnsDir })} */
  readonly system?: SystemAPI | undefined;
  /**
   * The name of the configuration namespace, which {@linkcode NsHandler.init} makes then.
   *
   * @default {"veth-cfg-ns", made when {@linkcode NsHandler.getConfigNamespace} is asked for it}
   */
  readonly configNamespace?: string | undefined;
  /** The directory of named namespaces. @default {"/var/run/netns"} */
  readonly netnsDir?: string | undefined;
}

const checkWaitOptions = fieldsOf<{ readonly signal?: AbortSignal | undefined }>("the options of waitFor", {
  signal: "signal",
});

const checkFields = fieldsOf<NsHandlerOptions>("the options of a handler", {
  docker: "any",
  system: "any",
  configNamespace: true,
  netnsDir: "any",
});

/** Checks what untyped code may give: a typing mistake must not lead to the host. */
function checkHandlerOptions(options: NsHandlerOptions): void {
  checkFields(options);
  checkDirectory(options.netnsDir);
  checkSystem(options.system);
  const { docker } = options;
  if (docker === undefined || docker === false || typeof docker === "object" && docker !== null) return;
  throw new TypeError(`Cannot use ${shown(docker)} as docker: expected an object, or false`);
}

/**
 * Opens namespaces of all four types, switches the calling thread to them and back, and keeps the configuration
 * namespace of an agent.
 *
 * A section in a foreign namespace is synchronous. Prefer {@linkcode NsHandler.withNamespace}, which always returns;
 * {@linkcode NsHandler.switchNamespace} is for code that cannot be one function.
 *
 * @example Count the links of a namespace
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { deleteNamedNamespace, namedNs, Netlink, NsHandler } from "@netns/netns";
 *
 * const handler = new NsHandler();
 * const names = handler.withNamespace(namedNs("count-example"), () => {
 *   using netlink = Netlink.open();
 *   return netlink.listLinks().map((link) => link.name);
 * });
 * assertEquals(names, ["lo"]);
 * deleteNamedNamespace("count-example");
 * ```
 */
export class NsHandler extends ContainerNamespaces implements NamespaceAPI, AsyncDisposable {
  readonly #system: SystemAPI;
  /** The directory of named namespaces. Whatever works with this handler asks it for that. */
  readonly netnsDir: string;
  readonly #configNamespace: string;
  readonly #makesConfigNamespace: boolean;
  readonly #setNamespace: SetNamespace;
  /** How a namespace that exists is opened, and how one that a switch enters at once is. */
  readonly #existing: ResolveOptions;
  readonly #existingForSwitch: ResolveOptions;
  /** The same, where a named one that does not exist is made. */
  readonly #madeOnDemand: ResolveOptions;
  readonly #madeForSwitch: ResolveOptions;
  /** The configuration namespace, if this handler made it; open, so that no other one is taken for it. */
  #madeConfigNamespace: NsHandle | undefined;
  /** Settles with the last `init()` or `close()`. */
  #turns: Promise<void> = Promise.resolve();

  /**
   * Makes a handler; nothing is opened yet.
   *
   * @throws {InvalidNamespaceError} The name of the configuration namespace cannot be one.
   * @throws {TypeError} An option of `docker` cannot be used.
   */
  constructor(options: NsHandlerOptions = {}) {
    super((checkHandlerOptions(options), options.docker));
    this.netnsDir = options.netnsDir ?? netnsDirectory();
    const { system } = options;
    this.#system = system ?? newSystemHandler({ netnsDir: this.netnsDir });
    // A SystemAPI of the caller's takes handles; its own are not made for each switch.
    this.#setNamespace = system === undefined ? setNamespace : (ns) => system.setNamespace(NsHandle.of(ns));
    this.#configNamespace =
      namedNs(options.configNamespace === undefined ? CONFIG_NAMESPACE : options.configNamespace).name;
    this.#makesConfigNamespace = options.configNamespace !== undefined;
    this.#existing = {
      netnsDir: this.netnsDir,
      openNamed: (name) => this.#system.getNamespaceFromName(name),
      containers: (container) => this.openRunning(container),
    };
    const create = (name: string): NsHandle => createNamedNamespace(name, this.#named);
    this.#existingForSwitch = { ...this.#existing, unchecked: true };
    this.#madeOnDemand = { ...this.#existing, create };
    this.#madeForSwitch = { ...this.#existingForSwitch, create };
  }

  /**
   * Prepares the process for switching: it starts the runtime's pool of threads while this thread is at home, opens the
   * home of this thread, and makes the configuration namespace, if an option names it and it does not exist. Then it
   * starts to follow the containers, without waiting for their runtime, whose state is
   * {@linkcode NsHandler.containerRuntime}. This keeps the process running until {@linkcode NsHandler.close}.
   *
   * @throws {SyscallError} `EPERM`: no CAP_SYS_ADMIN to make the configuration namespace. Nothing is left behind.
   */
  async init(): Promise<void> {
    await this.#inTurn(async () => {
      await startRuntimeThreads();
      threadHome();
      if (this.#makesConfigNamespace) this.#makeConfigNamespace();
      this.followContainers();
    });
  }

  /**
   * Stops following the containers, and removes the configuration namespace, if this handler made it and no process runs
   * in it. Idempotent, also after an `init()` that failed.
   *
   * @throws {SyscallError} The namespace cannot be removed; the next call tries again.
   */
  async close(): Promise<void> {
    await this.#inTurn(async () => {
      await this.forgetContainers();
      const made = this.#madeConfigNamespace;
      if (made === undefined) return;
      if (this.#isUnused(made)) this.#deleteConfigNamespace();
      made.close();
      this.#madeConfigNamespace = undefined;
    });
  }

  /** Begins and ends one after the other: what an `init()` begins after a `close()` that did not wait would go on for ever. */
  async #inTurn(step: () => Promise<void>): Promise<void> {
    const done = this.#turns.then(step);
    this.#turns = done.catch(() => undefined);
    await done;
  }

  /** As {@linkcode NsHandler.close}, at the end of an `await using` block. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /**
   * The configuration namespace, as the interface model names it; it is made if it does not exist.
   *
   * @throws {SyscallError} `EPERM`: no CAP_SYS_ADMIN to make it.
   */
  getConfigNamespace(): InterfaceNamespace {
    this.#makeConfigNamespace();
    return { type: 2, name: this.#configNamespace };
  }

  /**
   * Opens a namespace. A named one that does not exist is made; the others must exist.
   *
   * @param ns The namespace; `undefined` and PID 0 are the default one.
   * @returns The open namespace, which the caller closes.
   * @throws {InvalidNamespaceError} It is no namespace, or its file is of another kind.
   * @throws {SyscallError} `ENOENT`: no such process or file. `EPERM`: no CAP_SYS_ADMIN to make one.
   * @throws {UnavailableMicroserviceError} No container with the label runs.
   */
  getOrCreateNamespace(ns?: Namespace): NsHandle {
    return resolve(ns, this.#madeOnDemand);
  }

  /**
   * Opens a namespace that exists; none is made.
   *
   * @param ns The namespace; `undefined` and PID 0 are the default one.
   * @param options `netnsDir`: another directory of named namespaces than the handler's.
   * @returns The open namespace, which the caller closes.
   * @throws {InvalidNamespaceError} It is no namespace, or its file is of another kind or stale.
   * @throws {SyscallError} `ENOENT`: there is no such name, process or file.
   * @throws {UnavailableMicroserviceError} No container with the label runs.
   */
  openNamespace(ns?: Namespace, options: { readonly netnsDir?: string | undefined } = {}): NsHandle {
    return resolve(ns, this.#existingIn(options.netnsDir));
  }

  /**
   * {@linkcode NsHandler.openNamespace}, or `undefined` where the namespace may yet come to exist: there is no such
   * name, process or file, the file of the name is stale, or no container with the label runs.
   *
   * @throws As {@linkcode NsHandler.openNamespace}, for every other reason.
   */
  openIfThere(ns?: Namespace, options: { readonly netnsDir?: string | undefined } = {}): NsHandle | undefined {
    return resolveIfThere(ns, this.#existingIn(options.netnsDir));
  }

  /**
   * True exactly when a switch to this namespace would succeed now. That is so for a name that does not exist yet, which
   * a switch makes. The calling thread switches there and back to find out.
   *
   * @param ns The namespace as the interface model has it; `undefined` is the default one.
   */
  isNamespaceAvailable(ns?: InterfaceNamespace): boolean {
    try {
      const generic = this.ifNsToGeneric(ns);
      // A missing name is not made, as that would leave it behind; whether this thread may switch is asked at home.
      using handle = generic?.type === "named"
        ? resolveIfThere(generic, this.#existingForSwitch) ?? this.#homeUnlessStale(generic.name)
        : resolve(generic, this.#existingForSwitch);
      within(handle.descriptor, this.#setNamespace, () => undefined);
      return true;
    } catch {
      return false;
    }
  }

  /**
   * Switches the calling thread to a namespace for the rest of the synchronous section; the returned function
   * switches back. A named namespace that does not exist is made.
   *
   * A switch that is still open when its section ends, at an `await` or a return to the event loop, is ended at once and
   * reported as an uncaught {@linkcode NamespaceLeakError}: what follows an `await` never runs in a foreign namespace.
   * Only callbacks that were queued before the switch can run before that. See setns(2).
   *
   * @param ns The namespace; `undefined` and PID 0 are the default one.
   * @param ctx The context of this piece of work; its switches end last in, first out.
   * @throws {InvalidNamespaceError} It is no namespace, or its file is of another kind or stale.
   * @throws {SyscallError} It cannot be opened or entered; the thread is where it was, nothing is left open.
   * @throws {UnavailableMicroserviceError} No container with the label runs.
   * @throws {NamespaceSwitchError} An earlier return failed, and still fails.
   */
  switchNamespace(ns: Namespace | undefined, ctx: NamespaceMgmtCtx): Revert {
    // The switch keeps the descriptor open until it ends.
    using handle = resolve(ns, this.#madeForSwitch);
    return switchFor(ctx, handle.descriptor, this.#setNamespace);
  }

  /**
   * {@linkcode NsHandler.switchNamespace} for the namespace of the interface model.
   *
   * @throws As {@linkcode NsHandler.switchNamespace}.
   */
  switchToNamespace(ctx: NamespaceMgmtCtx, ns?: InterfaceNamespace): Revert {
    return this.switchNamespace(this.ifNsToGeneric(ns), ctx);
  }

  /**
   * Calls `fn` with the calling thread in a namespace, and always returns. A named namespace that does not exist is made.
   *
   * @param ns The namespace; `undefined` and PID 0 are the default one.
   * @throws What `fn` throws; what {@linkcode NsHandler.switchNamespace} and {@linkcode NsHandle.run} throw.
   */
  withNamespace<T>(ns: Namespace | undefined, fn: (() => T) & Synchronous<T>): T {
    const handle = resolve(ns, this.#madeForSwitch);
    try {
      return section(handle.descriptor, this.#setNamespace, fn);
    } finally {
      handle.close(); // `using` costs as much as a system call
    }
  }

  /**
   * Waits until a namespace exists, or its container runs, and opens it. A named one is not made. After `init()` it waits
   * for a container by the events of its runtime. There are no events for a process or a mount: it polls every 10 to
   * 100 ms.
   *
   * @param ns The namespace.
   * @param options `signal` ends the waiting.
   * @returns The open namespace, which the caller closes.
   * @throws {InvalidNamespaceError} It cannot be a namespace, or the file is of another kind.
   * @throws {UnavailableMicroserviceError} The container is refused, the handler was closed meanwhile, or it does not
   * follow containers.
   * @throws {TypeError} An option is none.
   * @throws The reason of the signal.
   */
  async waitFor(ns: Namespace, options: { readonly signal?: AbortSignal | undefined } = {}): Promise<NsHandle> {
    checkWaitOptions(options);
    const { signal } = options;
    if (ns.type === "microservice") return await this.waitForContainer(checkedContainer(ns), signal);
    for (let attempt = 1;; attempt++) {
      signal?.throwIfAborted();
      const handle = resolveIfThere(ns, this.#existing);
      if (handle !== undefined) return handle;
      await pause(backoff(attempt, { first: 10, longest: 100 }), signal);
    }
  }

  get #named(): { readonly netnsDir: string; readonly system: SystemAPI } {
    return { netnsDir: this.netnsDir, system: this.#system };
  }

  /** @throws {InvalidNamespaceError} There is a file of this name without a namespace, so none can be made. */
  #homeUnlessStale(name: string): NsHandle {
    return isThere(namedPath(name, this.netnsDir)) ? resolve(namedNs(name), this.#existing) : NsHandle.home();
  }

  /** Makes the configuration namespace, unless it exists: then it is somebody else's, and stays. */
  #makeConfigNamespace(): void {
    if (this.#madeConfigNamespace !== undefined) return;
    try {
      this.#madeConfigNamespace = createNamedNamespace(this.#configNamespace, this.#named);
    } catch (error) {
      if (!isErrno(error, "EEXIST")) throw error;
    }
  }

  /** True if the name is still that of the namespace that was made, and no process runs in it. */
  #isUnused({ inode }: NsHandle): boolean {
    using named = resolveIfThere(namedNs(this.#configNamespace), this.#existing);
    return named?.inode === inode && !processesByNamespace().has(inode);
  }

  #deleteConfigNamespace(): void {
    try {
      deleteNamedNamespace(this.#configNamespace, this.#named);
    } catch (error) {
      if (!isErrno(error, "ENOENT")) throw error; // another process was faster
    }
  }

  #existingIn(netnsDir: string | undefined): ResolveOptions {
    if (netnsDir === undefined || netnsDir === this.netnsDir) return this.#existing;
    return { netnsDir, containers: this.#existing.containers };
  }
}
