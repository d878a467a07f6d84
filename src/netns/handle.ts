/** An open network namespace. */
import { type ChildProcess, spawn, type SpawnOptions } from "node:child_process";
import { constants } from "node:os";
import { close, duplicate, isNetworkNamespace, setns, statusOf, SyscallError } from "../../ffi/mod.ts";
import { InvalidNamespaceError, isErrno } from "../errors.ts";
import { fileNs, namedNs, pidNs } from "../namespace.ts";
import { Netlink } from "../netlink/netlink.ts";
import { explain, namedPath, NO_SUCH_NAME, openChecked, openUnchecked, THREAD_NAMESPACE } from "./namespace_file.ts";
import { inNewNamespace, type Place, within, withinEach } from "./switch.ts";

export type { ChildProcess, SpawnOptions };

/** The handle of the namespace in which this thread was before its first switch; opened once. */
let home: NsHandle | undefined;

/** A handle as the switches see it. */
export let placeOf: (handle: NsHandle) => Place;

/** Keeps the descriptor of a handle open for a switch, or gives it free. */
let hold: (handle: NsHandle) => void;
let release: (handle: NsHandle) => void;

class HeldPlace implements Place {
  readonly handle: NsHandle;

  constructor(handle: NsHandle) {
    this.handle = handle;
  }

  hold(): void {
    hold(this.handle);
  }

  release(): void {
    release(this.handle);
  }
}

/** Puts the calling thread into a namespace and leaves it there; for the switches, which know the way back. */
export let setNamespace: (handle: NsHandle) => void;

/**
 * Opens a file that is taken for a network namespace; a switch that finds it is not one says so. This saves a
 * system call where the switch follows at once.
 */
export let openForSwitch: (path: string, remedy?: string) => NsHandle;

/**
 * An open network namespace, held by a file descriptor: while it is open the namespace exists, with or without a
 * name. Close it, or declare it with `using`; nothing closes it by itself.
 *
 * See network_namespaces(7), setns(2), ioctl_ns(2).
 *
 * @example Listen in a namespace
 * ```ts
 * import { assert } from "@std/assert";
 * import { NsHandle } from "@netns/netns";
 *
 * using fresh = NsHandle.create();
 * const links = fresh.run(() => NsHandle.current().inode === fresh.inode);
 * assert(links);
 * ```
 */
export class NsHandle implements Disposable {
  #fd: number;
  #inode: bigint | undefined;
  /** Where it was opened, for explanations. */
  readonly #path: string;
  /** Switches of this thread that are in it or return to it: they keep the descriptor. */
  #held = 0;
  #closing = false;
  #place: Place | undefined;

  static {
    placeOf = (handle) => handle.#place ??= new HeldPlace(handle);
    hold = (handle) => void handle.#held++;
    release = (handle) => {
      handle.#held--;
      handle.#closeUnused();
    };
    setNamespace = (handle) => handle.#enter();
    openForSwitch = (path, remedy) => new NsHandle(openUnchecked(path, remedy), path);
  }

  private constructor(fd: number, path: string, inode?: bigint) {
    this.#fd = fd;
    this.#path = path;
    this.#inode = inode;
  }

  /**
   * The namespace in which the calling thread is.
   *
   * @throws {SyscallError} `/proc` is not mounted, or no descriptor is left (`EMFILE`).
   */
  static current(): NsHandle {
    return new NsHandle(openUnchecked(THREAD_NAMESPACE, "is /proc mounted?"), THREAD_NAMESPACE);
  }

  /**
   * The default namespace: the one in which this thread was before its first switch. The caller owns the handle.
   *
   * @throws {SyscallError} As {@linkcode NsHandle.current}.
   */
  static home(): NsHandle {
    return new NsHandle(duplicate(threadHome().handle.fd), THREAD_NAMESPACE);
  }

  /**
   * The namespace with this name: `/var/run/netns/<name>`, as `ip netns` keeps it.
   *
   * @throws {InvalidNamespaceError} No file can have this name, or the file is stale: no namespace is mounted on it.
   * @throws {SyscallError} `ENOENT`: there is none of this name. `EACCES`: not root.
   */
  static fromName(name: string): NsHandle {
    const path = namedPath(namedNs(name).name);
    const { fd, inode } = openChecked(path, NO_SUCH_NAME);
    return new NsHandle(fd, path, inode);
  }

  /**
   * The namespace that process `pid` is in; 0 is the default namespace.
   *
   * @throws {InvalidNamespaceError} It is no process id.
   * @throws {SyscallError} `ENOENT`: there is no such process. `EACCES`: it is another user's.
   */
  static fromPid(pid: number): NsHandle {
    if (pidNs(pid).pid === 0) return NsHandle.home();
    return NsHandle.fromPath(`/proc/${pid}/ns/net`);
  }

  /**
   * The namespace behind a file, such as `/proc/1/ns/net` or a bind mount of it.
   *
   * @throws {InvalidNamespaceError} The path is none, or the file is not a network namespace.
   * @throws {SyscallError} It cannot be opened.
   */
  static fromPath(path: string): NsHandle {
    const { fd, inode } = openChecked(fileNs(path).path);
    return new NsHandle(fd, path, inode);
  }

  /**
   * Takes over an open descriptor: one that was inherited, or received over a socket. The handle owns it from then
   * on, and closes it.
   *
   * @throws {InvalidNamespaceError} It is not a network namespace; the descriptor stays the caller's.
   */
  static fromFd(fd: number): NsHandle {
    if (!isNetworkNamespace(fd)) {
      throw new InvalidNamespaceError(fd, "a network namespace", "an open descriptor of a network namespace");
    }
    return new NsHandle(fd, `/proc/self/fd/${fd}`);
  }

  /**
   * A new namespace without a name, empty but for a loopback link that is down. It lives as long as something
   * holds it: this handle, a process or a socket in it, a mount.
   *
   * The thread is away for three system calls and is back when this returns or throws. Needs CAP_SYS_ADMIN.
   *
   * @throws {SyscallError} `EPERM`: no CAP_SYS_ADMIN. `ENOSPC`: see `/proc/sys/user/max_net_namespaces`.
   * @throws {NamespaceSwitchError} The thread could not return.
   */
  static create(): NsHandle {
    let made: NsHandle | undefined;
    try {
      return inNewNamespace(threadHome(), setNamespace, () => made = NsHandle.current());
    } catch (error) {
      made?.close();
      throw error;
    }
  }

  /** The file descriptor, closed on exec; -1 once the handle is closed. */
  get fd(): number {
    return this.#closing ? -1 : this.#fd;
  }

  /** False once {@linkcode NsHandle.close} was called. */
  get isOpen(): boolean {
    return this.fd >= 0;
  }

  /**
   * The number of the namespace's inode, by which the kernel and `lsns` tell namespaces apart.
   *
   * @throws {SyscallError} `EBADF`: the handle was closed before this was first asked for.
   */
  get inode(): bigint {
    return this.#inode ??= statusOf(this.#fd).inode;
  }

  /** True if both are the same namespace, however each was opened. */
  equals(other: NsHandle): boolean {
    return this.inode === other.inode;
  }

  /**
   * Calls `fn` with the calling thread in this namespace, and returns to where the thread was, whatever happens:
   * two system calls. Sockets that `fn` opens and processes that it starts stay in the namespace.
   *
   * Only synchronous work can run in a foreign namespace: a promise is refused. Needs CAP_SYS_ADMIN. See setns(2).
   *
   * @throws What `fn` throws.
   * @throws {SyscallError} `EPERM`: no CAP_SYS_ADMIN. `EBADF`: the handle is closed. The thread was not switched.
   * @throws {InvalidNamespaceError} The handle is of a file that is no network namespace.
   * @throws {NamespaceSwitchError} The way back failed; the thread is marked and refuses further switches until it
   * is back. If `fn` threw too, the error carries both.
   * @throws {NamespaceLeakError} `fn` returned a promise, or left a switch of its own open.
   */
  run<T>(fn: () => T): T {
    return within(placeOf(this), threadHome(), setNamespace, fn);
  }

  /**
   * Starts a process in this namespace, without a shell and without a helper program. It is a child of this
   * process as any other; its `error` event says if the command could not be started.
   *
   * @param command The program, looked up in `PATH`.
   * @param args Its arguments.
   * @param options Those of `node:child_process`.
   * @throws As {@linkcode NsHandle.run}.
   */
  spawn(command: string, args: readonly string[] = [], options: SpawnOptions = {}): ChildProcess {
    return this.run(() => spawn(command, args, options));
  }

  /**
   * Opens a netlink socket in this namespace, where it stays: configure through it without switching.
   *
   * @throws As {@linkcode NsHandle.run} and {@linkcode Netlink.open}.
   */
  netlink(): Netlink {
    let netlink: Netlink | undefined;
    try {
      return this.run(() => netlink = Netlink.open());
    } catch (error) {
      netlink?.close(); // it was opened, and the way back failed
      throw error;
    }
  }

  /** Closes the descriptor; if a switch of this thread needs it to return, at the end of that. Twice is once. */
  close(): void {
    if (this.#closing) return;
    this.#closing = true;
    this.#closeUnused();
  }

  /** As {@linkcode NsHandle.close}, at the end of a `using` block. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** `"NS(21: net:[4026531840])"`, or `"NS(closed)"`. */
  toString(): string {
    if (this.#fd < 0) return "NS(closed)";
    try {
      return `NS(${this.#fd}: net:[${this.inode}])`;
    } catch {
      return `NS(${this.#fd})`; // somebody else closed the number; a text must not throw
    }
  }

  #enter(): void {
    if (this.#fd < 0 || (this.#closing && this.#held === 0)) {
      throw new SyscallError("setns", constants.errno.EBADF, { path: this.#path, remedy: "this handle is closed" });
    }
    try {
      setns(this.#fd);
    } catch (error) {
      if (isErrno(error, "EINVAL") && !isNetworkNamespace(this.#fd)) {
        throw explain(this.#fd, this.#path);
      }
      throw error;
    }
  }

  #closeUnused(): void {
    if (!this.#closing || this.#held > 0 || this.#fd < 0) return;
    const fd = this.#fd;
    this.#fd = -1;
    close(fd);
  }
}

/** {@linkcode NsHandle.netlink} of many, or of none: the thread goes from one namespace to the next, and home once. */
export function openNetlinks(handles: readonly NsHandle[]): Netlink[] {
  const netlinks: Netlink[] = [];
  try {
    withinEach(handles.map(placeOf), threadHome(), setNamespace, () => void netlinks.push(Netlink.open()));
    return netlinks;
  } catch (error) {
    for (const netlink of netlinks) netlink.close();
    throw error;
  }
}

/**
 * The home of this thread, opened at the first use and then kept: a switch and its return take two system calls
 * instead of four. It belongs to the thread; a caller's own handle is {@linkcode NsHandle.home}.
 */
export function threadHome(): Place {
  return placeOf(home ??= openHome());
}

function openHome(): NsHandle {
  // Node starts its pool of threads with the first task for it. One that was queued in a section would start it
  // there, and the pool would serve the whole process from that namespace for ever.
  void crypto.subtle.digest("SHA-256", new Uint8Array(1));
  return NsHandle.current();
}
