/** The namespaces of one plan or apply, each opened once however it is named. */
import { basename, dirname } from "node:path";
import process from "node:process";
import { identityOf, statusAt } from "../../../ffi/mod.ts";
import { InvalidNamespaceError, isErrno, reasonOf, SyscallError, UnavailableMicroserviceError } from "../../errors.ts";
import { nameNamespace } from "../../named/create.ts";
import { deleteNamedNamespace } from "../../named/delete.ts";
import { type DiscoveredNamespace, discoverNamespaces } from "../../named/discover.ts";
import { isDefaultNamespace, type Namespace, namespaceKey, namespaceToString } from "../../namespace.ts";
import { NsHandle } from "../../netns/handle.ts";
import { type FoundObstacle, obstacleAt } from "../../netns/name/mount_point.ts";
import { namedPath } from "../../switch/namespace_file.ts";
import type { NsHandler } from "../../ns_handler.ts";
import { KernelNamespace } from "./kernel_namespace.ts";
import type { KnownProcesses } from "./known_processes.ts";
import { isAvailable, type UnavailableNamespace } from "./observed_namespace.ts";

const DEFAULT_LABEL = "the default namespace";

/** Opens namespaces when they are first asked for, and closes them all. */
export class ObservedNamespaces implements Disposable {
  readonly #handler: NsHandler;
  readonly #netnsDir: string;
  readonly #processes: KnownProcesses | undefined;
  readonly #known = new Map<string, KernelNamespace | UnavailableNamespace>();
  /** Those of {@linkcode #known} that were named by a name, which most are: found without a key of text. */
  readonly #named = new Map<string, KernelNamespace | UnavailableNamespace>();
  readonly #open = new Map<bigint, KernelNamespace>();
  /** Every namespace of the machine, looked for when one is missing. */
  #discovered: ReadonlyMap<bigint, DiscoveredNamespace> | undefined;

  /** Opens through `handler`; named namespaces have their files in `netnsDir`. */
  constructor(handler: NsHandler, netnsDir: string, processes?: KnownProcesses) {
    this.#handler = handler;
    this.#netnsDir = netnsDir;
    this.#processes = processes;
  }

  /**
   * Opens a namespace; two ways to name one give the same object. Nothing is made.
   *
   * @throws {SyscallError} This process may not open namespaces (`EPERM`), or not as many (`EMFILE`).
   */
  namespaceOf(ns?: Namespace): KernelNamespace | UnavailableNamespace {
    const named = ns?.type === "named" ? this.#named.get(ns.name) : undefined;
    if (named !== undefined) return named;
    const key = namespaceKey(ns);
    let namespace = this.#known.get(key);
    if (namespace === undefined) {
      namespace = this.#find(ns);
      if (ns?.type === "file" && !isAvailable(namespace) && !namespace.broken) {
        namespace = this.#namespaceToMake(ns.path) ?? namespace;
      }
      this.#known.set(key, namespace);
    }
    if (ns?.type === "named") this.#named.set(ns.name, namespace);
    return namespace;
  }

  /**
   * The namespace of this inode and cookie, by whatever somebody else holds it: another name, a mount, a process, a
   * descriptor. Undefined: nobody is known to hold it, and it is gone.
   *
   * @param reference How it was named before.
   */
  held(inode: bigint, cookie: string, reference: string): KernelNamespace | UnavailableNamespace | undefined {
    const key = `net:[${inode}]`; // no reference looks so
    const known = this.#known.get(key);
    if (known !== undefined && (!isAvailable(known) || known.cookie === cookie)) return known;
    this.#discovered ??= discovered(this.#netnsDir);
    const found = this.#discovered.get(inode);
    const label = found && referenceOf(found);
    if (found === undefined || label === undefined) return undefined;
    let namespace: KernelNamespace | undefined;
    try {
      namespace = new KernelNamespace(label, reference, undefined, found.open());
      if (namespace.cookie === cookie) {
        this.#open.set(inode, namespace);
        this.#known.set(key, namespace);
        return namespace;
      }
    } catch (error) {
      namespace?.[Symbol.dispose]();
      if (isErrno(error, "ENOENT")) return undefined; // whoever held it has let go
      if (!isErrno(error, "EACCES", "EPERM")) throw error;
      return { reason: `${label} cannot be entered: ${reasonOf(error)}`, broken: true };
    }
    namespace[Symbol.dispose]();
    return undefined;
  }

  /** Every available namespace that was asked for. */
  *namespaces(): Generator<KernelNamespace> {
    for (const namespace of new Set(this.#known.values())) if (isAvailable(namespace)) yield namespace;
  }

  /** True if a namespace was asked for in two ways. */
  isNamedTwice(): boolean {
    const seen = new Set<KernelNamespace>();
    for (const namespace of this.#known.values()) {
      if (!isAvailable(namespace)) continue;
      if (seen.has(namespace)) return true;
      seen.add(namespace);
    }
    return false;
  }

  /**
   * Opens a socket in each available namespace that was asked for. One that cannot be entered becomes unavailable, and
   * is no obstacle for the others.
   *
   * @throws {SyscallError} None of them can be entered: `EPERM`, no CAP_SYS_ADMIN.
   */
  connect(): void {
    const namespaces = [...this.namespaces()];
    try {
      return KernelNamespace.connect(namespaces);
    } catch (error) {
      if (namespaces.length < 2) throw error;
    }
    const errors = namespaces.flatMap((namespace) => {
      try {
        KernelNamespace.connect([namespace]);
        return [];
      } catch (error) {
        this.#replace(namespace, { reason: reasonOf(error), broken: true });
        return [error];
      }
    });
    if (errors.length === namespaces.length) throw errors[0];
  }

  /**
   * Makes the namespace whose question failed with `error` unavailable: programs in it can flood the sockets there, which
   * concerns no other.
   *
   * @returns False if no question failed with it.
   */
  refuseUnreadable(error: unknown): boolean {
    const namespace = [...this.namespaces()].find(({ failure }) => failure !== undefined && failure.error === error);
    if (namespace === undefined) return false;
    this.#replace(namespace, { reason: `${namespace.label} cannot be read: ${reasonOf(error)}`, broken: true });
    return true;
  }

  /**
   * Makes a namespace that does not exist yet, without its name: nobody else can find it before it is recorded.
   *
   * @throws {SyscallError} `EPERM`: no CAP_SYS_ADMIN.
   */
  create(namespace: KernelNamespace): void {
    if (namespace.exists) return;
    namespace.isOwn = true;
    namespace.made(NsHandle.create());
  }

  /**
   * Gives a namespace that {@linkcode ObservedNamespaces.create} made its name. If another process took the name first,
   * that namespace is used, and is not this configuration's.
   *
   * @param repairs True if a stale file of this name is this configuration's own.
   * @throws {SyscallError} `EPERM`: no CAP_SYS_ADMIN. `EEXIST`: the file is stale. The namespace does not exist then.
   */
  nameIt(namespace: KernelNamespace, name: string, repairs: boolean): void {
    const { handle } = namespace;
    try {
      nameNamespace(handle, name, { netnsDir: this.#netnsDir, repairs });
    } catch (error) {
      namespace.lost();
      handle.close();
      namespace.isOwn = false;
      if (!isErrno(error, "EEXIST")) throw error;
      // another process was faster
      const other = this.#handler.openIfThere({ type: "named", name }, { netnsDir: this.#netnsDir });
      if (other === undefined) throw error;
      namespace.made(other);
    }
  }

  /**
   * Gives an open namespace a name.
   *
   * @throws {SyscallError} `EEXIST`: it is taken. `EPERM`: no CAP_SYS_ADMIN.
   */
  nameAgain({ handle }: KernelNamespace, name: string): void {
    nameNamespace(handle, name, { netnsDir: this.#netnsDir });
  }

  /**
   * Deletes the name of a namespace.
   *
   * @throws {SyscallError} `ENOENT`: there is none of this name. `EPERM`: no CAP_SYS_ADMIN.
   */
  delete(name: string): void {
    deleteNamedNamespace(name, { netnsDir: this.#netnsDir });
  }

  /** Closes every namespace. */
  [Symbol.dispose](): void {
    for (const namespace of this.namespaces()) namespace[Symbol.dispose]();
    this.#known.clear();
    this.#named.clear();
  }

  #replace(namespace: KernelNamespace, unavailable: UnavailableNamespace): void {
    for (const all of [this.#known, this.#named]) {
      for (const [key, known] of all) if (known === namespace) all.set(key, unavailable);
    }
    namespace[Symbol.dispose]();
  }

  #find(ns: Namespace | undefined): KernelNamespace | UnavailableNamespace {
    const isDefault = isDefaultNamespace(ns);
    const reference = isDefault || ns === undefined ? "PID:0" : namespaceToString(ns);
    const label = isDefault ? DEFAULT_LABEL : reference;
    const options = { netnsDir: this.#netnsDir };
    let handle: NsHandle | undefined;
    try {
      // A missing name is made later; of any other namespace that is missing, the error says why.
      handle = ns?.type === "named" ? this.#handler.openIfThere(ns, options) : this.#handler.openNamespace(ns, options);
    } catch (error) {
      return unavailable(error, this.#handler.containerRuntime.state === "connected");
    }
    const name = ns?.type === "named" ? ns.name : undefined;
    if (handle === undefined) return new KernelNamespace(label, reference, name, undefined, this.#obstacle(name));
    try {
      const refusal = isDefault ? undefined : this.#processes?.refusal(ns);
      if (refusal !== undefined) {
        handle.close();
        return { reason: refusal, broken: false };
      }
      const same = this.#open.get(handle.inode);
      const namespace = same ?? new KernelNamespace(label, reference, name, handle);
      if (same === undefined) this.#open.set(handle.inode, namespace);
      else handle.close();
      return namespace;
    } catch (error) {
      handle.close();
      throw error;
    }
  }

  /** The namespace that will have its name at `path`, if one of that name was asked for and does not exist yet. */
  #namespaceToMake(path: string): KernelNamespace | undefined {
    if (!isSameDirectory(dirname(path), this.#netnsDir)) return undefined;
    const named = this.#known.get(namespaceKey({ type: "named", name: basename(path) }));
    return named !== undefined && isAvailable(named) && !named.exists ? named : undefined;
  }

  #obstacle(name: string | undefined): FoundObstacle | undefined {
    return name === undefined ? undefined : obstacleAt(namedPath(name, this.#netnsDir));
  }
}

/** Every namespace of the machine by its inode; none where that cannot be looked for. */
function discovered(netnsDir: string): ReadonlyMap<bigint, DiscoveredNamespace> {
  try {
    return new Map(discoverNamespaces({ netnsDir }).map((one) => [one.inode, one]));
  } catch (error) {
    if (error instanceof SyscallError) return new Map();
    throw error;
  }
}

/** What a namespace is named by that was found; undefined if this process alone holds it: it goes when that lets go. */
function referenceOf({ names, mounts, processes, threads, descriptors }: DiscoveredNamespace): string | undefined {
  const isOther = (one: { readonly pid?: number }): boolean => one.pid !== process.pid;
  const file = (path: string): string => namespaceToString({ type: "file", path });
  const [name] = names;
  if (name !== undefined) return namespaceToString({ type: "named", name });
  const [mount] = mounts;
  if (mount !== undefined) return file(mount.pid === undefined ? mount.path : `/proc/${mount.pid}/root${mount.path}`);
  const [pid] = processes;
  if (pid !== undefined) return namespaceToString({ type: "pid", pid });
  const thread = threads.find(isOther);
  if (thread !== undefined) return file(`/proc/${thread.pid}/task/${thread.tid}/ns/net`);
  const descriptor = descriptors.find(isOther);
  return descriptor && file(`/proc/${descriptor.pid}/fd/${descriptor.fd}`);
}

/** True if the paths lead to one directory; where there is none yet, if they are the same text. */
function isSameDirectory(a: string, b: string): boolean {
  try {
    return identityOf(statusAt(a)) === identityOf(statusAt(b));
  } catch (error) {
    if (!isErrno(error, "ENOENT", "ENOTDIR")) throw error;
    return a === b;
  }
}

/**
 * Why a namespace cannot be opened, if that concerns this namespace alone.
 *
 * @throws What concerns others too, such as a missing capability.
 */
function unavailable(error: unknown, containersAreKnown: boolean): UnavailableNamespace {
  const reason = reasonOf(error);
  if (error instanceof UnavailableMicroserviceError) return { reason, broken: false, ended: containersAreKnown };
  if (error instanceof InvalidNamespaceError) return { reason, broken: true, isNone: true };
  if (isErrno(error, "EACCES")) return { reason, broken: true };
  if (isErrno(error, "ENOENT", "ESRCH")) return { reason, broken: false };
  throw error;
}
