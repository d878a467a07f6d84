/** The namespace handler of an agent: every kind of namespace, switched to and left again. */
import { setTimeout as sleep } from "node:timers/promises";
import { match } from "ts-pattern";
import { isNetworkNamespace } from "../ffi/mod.ts";
import { NsConverters } from "./converters.ts";
import { UnavailableMicroserviceError } from "./errors.ts";
import type { Microservice, MicroserviceCtx, MicroserviceEvent } from "./microservices/microservice.ts";
import { MicroserviceRegistry } from "./microservices/registry.ts";
import type { InterfaceNamespace } from "./models/namespace.ts";
import { createNamedNamespace } from "./named/create.ts";
import { deleteNamedNamespace } from "./named/delete.ts";
import { failedWith } from "./named/directory.ts";
import {
  fileNs,
  microserviceNs,
  namedNs,
  type Namespace,
  namespaceToString,
  type PidNamespace,
  pidNs,
} from "./namespace.ts";
import type { NamespaceAPI } from "./namespace_api.ts";
import { type NamespaceMgmtCtx, type Revert, switchFor } from "./netns/context.ts";
import { NsHandle, openForSwitch, placeOf, threadHome } from "./netns/handle.ts";
import { explain, NETNS_DIR } from "./netns/open.ts";
import { within } from "./netns/switch.ts";
import { warmPool } from "./netns/threads.ts";
import type { SystemAPI } from "./system/api.ts";
import { newSystemHandler } from "./system/handler.ts";

/** The name of the configuration namespace, where no other is given. */
const CONFIG_NAMESPACE = "veth-cfg-ns";

/** Options of {@linkcode NsHandler}. */
export interface NsHandlerOptions {
  /** What makes the system calls, for tests that make one fail. @default {new SystemHandler({ netnsDir })} */
  readonly system?: SystemAPI | undefined;
  /** The name of the configuration namespace. @default {"veth-cfg-ns"} */
  readonly configNamespace?: string | undefined;
  /** The directory of named namespaces. @default {"/var/run/netns"} */
  readonly netnsDir?: string | undefined;
}

/**
 * Opens namespaces of all four types, switches the calling thread to them and back, and keeps the configuration
 * namespace of an agent.
 *
 * A section in a foreign namespace is synchronous. Prefer {@linkcode NsHandler.withNamespace}, which always returns;
 * {@linkcode NsHandler.switchNamespace} is for code that must hold the way back.
 *
 * @example Count the links of a namespace
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { deleteNamedNamespace, namedNs, Netlink, NsHandler } from "netns";
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
export class NsHandler extends NsConverters implements NamespaceAPI, AsyncDisposable {
  readonly #system: SystemAPI;
  readonly #netnsDir: string;
  readonly #configNamespace: string;
  readonly #microservices = new MicroserviceRegistry();
  #hasConfigNamespace = false;

  /**
   * Makes a handler; nothing is opened yet.
   *
   * @throws {InvalidNamespaceError} The name of the configuration namespace cannot be one.
   */
  constructor(options: NsHandlerOptions = {}) {
    super();
    this.#netnsDir = options.netnsDir ?? NETNS_DIR;
    this.#system = options.system ?? newSystemHandler({ netnsDir: this.#netnsDir });
    this.#configNamespace = namedNs(options.configNamespace ?? CONFIG_NAMESPACE).name;
  }

  /**
   * Prepares the process for switching: starts the runtime's pool of threads while this thread is at home, opens the
   * home of this thread, and makes the configuration namespace (one that a crash left is taken over).
   *
   * @throws {SyscallError} `EPERM`: no CAP_SYS_ADMIN. Nothing is left behind.
   */
  async init(): Promise<void> {
    await warmPool();
    threadHome();
    this.getOrCreateNamespace(namedNs(this.#configNamespace)).close();
    this.#hasConfigNamespace = true;
  }

  /**
   * Removes the configuration namespace that {@linkcode NsHandler.init} made. Safe to call twice, and after an
   * `init()` that failed.
   *
   * @throws {SyscallError} The namespace cannot be removed; the next call tries again.
   */
  // deno-lint-ignore require-await -- async, so that what it throws is a rejection, as the interface promises
  async close(): Promise<void> {
    if (!this.#hasConfigNamespace) return;
    try {
      deleteNamedNamespace(this.#configNamespace, this.#named);
    } catch (error) {
      if (!failedWith(error, "ENOENT")) throw error;
    }
    this.#hasConfigNamespace = false;
  }

  /** As {@linkcode NsHandler.close}, at the end of an `await using` block. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** The configuration namespace, as the interface model names it. */
  getConfigNamespace(): InterfaceNamespace {
    return { type: 2, name: this.#configNamespace };
  }

  /**
   * Opens a namespace. One with a name is made if it does not exist or its file is stale; the others must exist.
   *
   * @param ns The namespace; `undefined` and PID 0 are the default one.
   * @returns The open namespace, which the caller closes.
   * @throws {InvalidNamespaceError} It is no namespace, or its file is of another kind.
   * @throws {SyscallError} `ENOENT`: no such process or file. `EPERM`: no CAP_SYS_ADMIN to make one.
   * @throws {UnavailableMicroserviceError} No container with the label runs.
   */
  getOrCreateNamespace(ns?: Namespace): NsHandle {
    const handle = this.#open(ns);
    if (isNetworkNamespace(handle.fd)) return handle;
    using _other = handle;
    if (ns?.type === "named") return createNamedNamespace(ns.name, this.#named);
    throw explain(handle.fd, namespaceToString(ns));
  }

  /**
   * True exactly when a switch to this namespace would succeed now. A name that does not exist yet counts, because a
   * switch makes it. The calling thread is switched there and back to find out.
   *
   * @param ns The namespace as the interface model has it; `undefined` is the default one.
   */
  isNamespaceAvailable(ns?: InterfaceNamespace): boolean {
    try {
      const generic = this.ifNsToGeneric(ns);
      const missing = generic?.type === "named" && !this.#exists(generic.name);
      // Making the namespace only to look would leave it behind; what is asked is whether this thread may switch.
      this.withNamespace(missing ? undefined : generic, () => undefined);
      return true;
    } catch {
      return false;
    }
  }

  /**
   * Switches the calling thread to a namespace for the rest of the synchronous section; the returned function
   * switches back. A named namespace that does not exist is made.
   *
   * A switch that is still open when its section ends, at an `await` or a `return` to the event loop, is ended at
   * once and reported as an uncaught {@linkcode NamespaceLeakError}: what comes after an `await` never runs in a
   * foreign namespace. Only callbacks that were queued before the switch can run before that. See setns(2).
   *
   * @param ns The namespace; `undefined` and PID 0 are the default one.
   * @param ctx The context of this piece of work; its switches end last in, first out.
   * @throws {InvalidNamespaceError} It is no namespace, or its file is of another kind or stale.
   * @throws {SyscallError} It cannot be opened or entered; the thread is where it was, nothing is left open.
   * @throws {UnavailableMicroserviceError} No container with the label runs.
   * @throws {NamespaceSwitchError} An earlier way back failed, and fails still.
   */
  switchNamespace(ns: Namespace | undefined, ctx: NamespaceMgmtCtx): Revert {
    // The switch keeps the descriptor of a closed handle until its end.
    using handle = this.#open(ns);
    return switchFor(ctx, handle, (target) => this.#system.setNamespace(target));
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
   * Calls `fn` with the calling thread in a namespace, and always returns: the form to use. A named namespace that
   * does not exist is made.
   *
   * @param ns The namespace; `undefined` and PID 0 are the default one.
   * @throws What `fn` throws; what {@linkcode NsHandler.switchNamespace} and {@linkcode NsHandle.run} throw.
   */
  withNamespace<T>(ns: Namespace | undefined, fn: () => T): T {
    using handle = this.#open(ns);
    return within(placeOf(handle), threadHome(), (target) => this.#system.setNamespace(target), fn);
  }

  /**
   * Waits until a namespace exists, or its container runs, and opens it. A named one is waited for, and not made.
   * There is no event for a process or a mount: it is looked for every 10 to 100 ms.
   *
   * @param ns The namespace.
   * @param options `signal` ends the waiting.
   * @returns The open namespace, which the caller closes.
   * @throws {InvalidNamespaceError} It can be no namespace, or its file is of another kind than a stale name.
   * @throws The reason of the signal.
   */
  async waitFor(ns: Namespace, options: { readonly signal?: AbortSignal | undefined } = {}): Promise<NsHandle> {
    for (let delay = 10;; delay = Math.min(delay * 2, 100)) {
      options.signal?.throwIfAborted();
      const handle = this.#openIfThere(ns);
      if (handle !== undefined) return handle;
      await sleep(delay, undefined, options.signal === undefined ? {} : { signal: options.signal }).catch(() =>
        undefined
      );
    }
  }

  /**
   * The namespace of a running container by its PID.
   *
   * @param label Its microservice label.
   * @returns Nothing where no container with the label runs.
   */
  convertMicroserviceNsToPidNs(label: string): PidNamespace | undefined {
    const microservice = this.#microservices.byLabel.get(label);
    return microservice === undefined ? undefined : pidNs(microservice.pid);
  }

  /** The running microservices by label; of several with one label, the newest. */
  getMicroserviceByLabel(): ReadonlyMap<string, Microservice> {
    return this.#microservices.byLabel;
  }

  /** The running microservices by container id. */
  getMicroserviceByID(): ReadonlyMap<string, Microservice> {
    return this.#microservices.byId;
  }

  /**
   * One pass over what the container runtime says now. Without a runtime there is nothing to go over.
   *
   * @param ctx The context of this piece of work.
   * @throws The reason of the context's signal.
   */
  // deno-lint-ignore require-await -- async, so that what it throws is a rejection, as the interface promises
  async handleMicroservices(ctx: MicroserviceCtx): Promise<void> {
    ctx.signal?.throwIfAborted();
  }

  /**
   * What starts and ends from now on.
   *
   * @param options `signal` ends the iteration, without an error.
   */
  microserviceEvents(options: { readonly signal?: AbortSignal | undefined } = {}): AsyncIterable<MicroserviceEvent> {
    return this.#microservices.events(options.signal);
  }

  get #named(): { readonly netnsDir: string; readonly system: SystemAPI } {
    return { netnsDir: this.#netnsDir, system: this.#system };
  }

  /** Opens a namespace, and makes a named one that is missing. Whether a file is a namespace, the switch finds out. */
  #open(ns: Namespace | undefined): NsHandle {
    return match(ns)
      .with(undefined, () => NsHandle.home())
      .with({ type: "pid" }, ({ pid }) => pidNs(pid).pid === 0 ? NsHandle.home() : openForSwitch(`/proc/${pid}/ns/net`))
      .with({ type: "microservice" }, ({ label }) => {
        throw new UnavailableMicroserviceError(microserviceNs(label).label);
      })
      .with({ type: "named" }, ({ name }) => this.#openOrCreate(namedNs(name).name))
      .with({ type: "file" }, ({ path }) => openForSwitch(fileNs(path).path))
      .exhaustive();
  }

  /** Opens a namespace that exists; of one that may yet come to exist, nothing. */
  #openIfThere(ns: Namespace): NsHandle | undefined {
    try {
      const handle = ns.type === "named" ? this.#system.getNamespaceFromName(namedNs(ns.name).name) : this.#open(ns);
      if (isNetworkNamespace(handle.fd)) return handle;
      using _other = handle;
      if (ns.type === "named") return undefined; // the file is made before the namespace is mounted on it
      throw explain(handle.fd, namespaceToString(ns));
    } catch (error) {
      if (error instanceof UnavailableMicroserviceError || failedWith(error, "ENOENT")) return undefined;
      throw error;
    }
  }

  #openOrCreate(name: string): NsHandle {
    try {
      return this.#system.getNamespaceFromName(name);
    } catch (error) {
      if (!failedWith(error, "ENOENT")) throw error;
    }
    try {
      return createNamedNamespace(name, this.#named);
    } catch (error) {
      if (!failedWith(error, "EEXIST")) throw error;
      return this.#system.getNamespaceFromName(name); // another process was faster
    }
  }

  #exists(name: string): boolean {
    try {
      this.#system.getNamespaceFromName(name).close();
      return true;
    } catch (error) {
      if (failedWith(error, "ENOENT")) return false;
      throw error;
    }
  }
}
