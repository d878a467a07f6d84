/** The namespaces of one piece of work, each opened once however often and in whatever way it is named. */
import { InvalidNamespaceError, isErrno, UnavailableMicroserviceError } from "../../errors.ts";
import {
  isDefaultNamespace,
  type NamedNamespace,
  type Namespace,
  namespaceKey,
  namespaceToString,
} from "../../namespace.ts";
import { NsHandle } from "../../netns/handle.ts";
import { createPrepared, isStale } from "../../named/create.ts";
import { namedPath } from "../../netns/namespace_file.ts";
import type { NsHandler } from "../../ns_handler.ts";
import { isAvailable, type Unavailable } from "../plan/plan_builder.ts";
import { KernelNamespace } from "./kernel_namespace.ts";

const DEFAULT_LABEL = "the default namespace";

/** Opens namespaces when they are first asked for, and closes them all. */
export class ObservedNamespaces implements Disposable {
  readonly #handler: NsHandler;
  readonly #netnsDir: string;
  readonly #known = new Map<string, KernelNamespace | Unavailable>();
  readonly #open = new Map<bigint, KernelNamespace>();

  /** Opens through `handler`; named namespaces have their files in `netnsDir`. */
  constructor(handler: NsHandler, netnsDir: string) {
    this.#handler = handler;
    this.#netnsDir = netnsDir;
  }

  /**
   * Opens a namespace; two ways to name one give one object. Nothing is made.
   *
   * @throws {SyscallError} This process may not open namespaces, or as many (`EPERM`, `EMFILE`).
   */
  namespaceOf(ns?: Namespace): KernelNamespace | Unavailable {
    const key = namespaceKey(ns);
    let namespace = this.#known.get(key);
    if (namespace === undefined) {
      namespace = this.#find(ns);
      this.#known.set(key, namespace);
    }
    return namespace;
  }

  /** Every namespace that was asked for and can be looked at. */
  *namespaces(): Generator<KernelNamespace> {
    for (const namespace of new Set(this.#known.values())) if (isAvailable(namespace)) yield namespace;
  }

  /**
   * Makes a namespace that does not exist yet. It gets its name when it is ready, and not at all if that fails.
   *
   * @throws {SyscallError} `EPERM`: no CAP_SYS_ADMIN.
   */
  make(namespace: KernelNamespace): void {
    const { name } = namespace;
    if (name === undefined || namespace.exists) return;
    try {
      createPrepared(name, { netnsDir: this.#netnsDir }, (handle) => namespace.made(handle));
    } catch (error) {
      namespace.lost();
      if (!isErrno(error, "EEXIST")) throw error;
      namespace.made(this.#handler.getOrCreateNamespace({ type: "named", name })); // another process was faster
    }
  }

  /** Closes every namespace. */
  [Symbol.dispose](): void {
    for (const namespace of this.namespaces()) namespace[Symbol.dispose]();
    this.#known.clear();
  }

  #find(ns: Namespace | undefined): KernelNamespace | Unavailable {
    const label = isDefaultNamespace(ns) ? DEFAULT_LABEL : namespaceToString(ns);
    let handle: NsHandle | undefined;
    try {
      handle = ns?.type === "named" ? this.#openNamed(ns) : this.#handler.getOrCreateNamespace(ns);
    } catch (error) {
      return unavailable(error, this.#handler.containerRuntime.state === "connected");
    }
    const name = ns?.type === "named" ? ns.name : undefined;
    if (handle === undefined) return new KernelNamespace(label, name, undefined, this.#isStale(name));
    try {
      const same = this.#open.get(handle.inode);
      const namespace = same ?? new KernelNamespace(label, name, handle);
      if (same === undefined) this.#open.set(handle.inode, namespace);
      else handle.close();
      return namespace;
    } catch (error) {
      handle.close();
      throw error;
    }
  }

  #isStale(name: string | undefined): boolean {
    if (name === undefined) return false;
    try {
      return isStale(namedPath(name, this.#netnsDir));
    } catch (error) {
      if (isErrno(error, "ENOENT")) return false;
      throw error;
    }
  }

  /** The namespace of this name; undefined if there is none, or only a stale file, which making one replaces. */
  #openNamed({ name }: NamedNamespace): NsHandle | undefined {
    try {
      return NsHandle.fromPath(namedPath(name, this.#netnsDir));
    } catch (error) {
      if (error instanceof InvalidNamespaceError) return undefined;
      if (isErrno(error, "ENOENT")) return undefined;
      throw error;
    }
  }
}

/** Why a namespace cannot be opened, where that is a matter of this namespace alone. */
function unavailable(error: unknown, containersAreKnown: boolean): Unavailable {
  if (error instanceof UnavailableMicroserviceError) {
    return { unavailable: error.message, broken: false, ended: containersAreKnown };
  }
  if (error instanceof InvalidNamespaceError) return { unavailable: error.message, broken: true };
  if (isErrno(error, "ENOENT", "ESRCH")) return { unavailable: error.message, broken: false };
  throw error;
}
