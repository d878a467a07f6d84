/** An open network namespace. */
import { constants } from "node:os";
import { duplicate, isNetworkNamespace, SyscallError } from "../../ffi/mod.ts";
import { InvalidNamespaceError, shown } from "../errors.ts";
import { fileNs, namedNs, pidNs } from "../namespace.ts";
import { fieldsOf } from "../argument_fields.ts";
import { Ethtool } from "../netlink/ethtool/ethtool.ts";
import { Netlink } from "../netlink/netlink.ts";
import { SocketDiag } from "../netlink/sockdiag/socket_diag.ts";
import { Nftables } from "../netlink/nftables/nftables.ts";
import { Wireguard } from "../netlink/wireguard/wireguard.ts";
import { Descriptor, openCurrent, threadHome } from "../switch/descriptor.ts";
import { FILES } from "./name/system_calls.ts";
import { nameOpened } from "./name/mount_point.ts";
import {
  checkDirectory,
  namedPath,
  netnsDirectory,
  NO_SUCH_NAME,
  processPath,
  THREAD_NAMESPACE,
} from "../switch/namespace_file.ts";
import { NamespaceRuntime } from "./runtime.ts";
import { inNewNamespace, section, setNamespace, within, withinEach } from "../switch/switch.ts";
import type { Synchronous } from "./synchronous.ts";

const checkAttach = fieldsOf<{ readonly netnsDir?: string | undefined }>("the options of attach", { netnsDir: "any" });

/**
 * An open network namespace, held by a file descriptor: the namespace exists while the handle is open, with or without
 * a name. Close it, or declare it with `using`; nothing else closes it.
 *
 * {@linkcode NamespaceRuntime} has what the runtime does in the namespace:
 *
 * - programs: {@linkcode NamespaceRuntime.prototype.exec}, {@linkcode NamespaceRuntime.prototype.spawn}
 * - sockets: {@linkcode NamespaceRuntime.prototype.connect}, {@linkcode NamespaceRuntime.prototype.listen},
 *   {@linkcode NamespaceRuntime.prototype.datagram}, {@linkcode NamespaceRuntime.prototype.resolve}
 * - HTTP: {@linkcode NamespaceRuntime.prototype.fetch}, {@linkcode NamespaceRuntime.prototype.httpAgent},
 *   {@linkcode NamespaceRuntime.prototype.httpsAgent}
 * - threads: {@linkcode NamespaceRuntime.prototype.worker}
 *
 * See network_namespaces(7), setns(2), ioctl_ns(2).
 *
 * @example Run a function in a namespace
 * ```ts
 * import { assert } from "@std/assert";
 * import { NsHandle } from "@netns/netns";
 *
 * using fresh = NsHandle.create();
 * fresh.run(() => {
 *   using here = NsHandle.current();
 *   assert(here.equals(fresh));
 * });
 * ```
 */
export class NsHandle extends NamespaceRuntime implements Disposable {
  private constructor(descriptor: Descriptor) {
    super(descriptor);
  }

  /** @internal Makes the handle that owns `descriptor`. */
  static of(descriptor: Descriptor): NsHandle {
    return new NsHandle(descriptor);
  }

  /**
   * The namespace in which the calling thread is.
   *
   * @throws {SyscallError} `/proc` is not mounted, or no descriptor is left (`EMFILE`).
   */
  static current(): NsHandle {
    return new NsHandle(openCurrent());
  }

  /**
   * The default namespace: the one in which this thread was before its first switch. The caller owns the handle.
   *
   * @throws {SyscallError} As {@linkcode NsHandle.current}.
   */
  static home(): NsHandle {
    return new NsHandle(new Descriptor(duplicate(threadHome().fd), THREAD_NAMESPACE));
  }

  /**
   * The namespace with this name: `/var/run/netns/<name>`, as `ip netns` keeps it.
   *
   * @throws {InvalidNamespaceError} No file can have this name, or the file is stale: no namespace is mounted on it.
   * @throws {SyscallError} `ENOENT`: there is none of this name. `EACCES`: not root.
   */
  static fromName(name: string): NsHandle {
    const handle = openChecked(namedPath(namedNs(name).name), NO_SUCH_NAME);
    handle.descriptor.name = name;
    return handle;
  }

  /**
   * The namespace that process `pid` is in; 0 is the default namespace.
   *
   * @throws {InvalidNamespaceError} It is no process id.
   * @throws {SyscallError} `ENOENT`: there is no such process. `EACCES`: it is another user's.
   */
  static fromPid(pid: number): NsHandle {
    if (pidNs(pid).pid === 0) return NsHandle.home();
    return NsHandle.fromPath(processPath(pid));
  }

  /**
   * The namespace behind a file, such as `/proc/1/ns/net` or a bind mount of it.
   *
   * @throws {InvalidNamespaceError} It is no path, or not the file of a network namespace.
   * @throws {SyscallError} It cannot be opened.
   */
  static fromPath(path: string): NsHandle {
    return openChecked(fileNs(path).path);
  }

  /**
   * Takes over an open descriptor, such as one that was inherited or received over a socket: the handle closes it.
   *
   * @throws {InvalidNamespaceError} It is not a network namespace; the caller keeps the descriptor.
   */
  static fromFd(fd: number): NsHandle {
    if (!isNetworkNamespace(fd)) {
      throw new InvalidNamespaceError(fd, "a network namespace", "an open descriptor of a network namespace");
    }
    return new NsHandle(new Descriptor(fd, `/proc/self/fd/${fd}`));
  }

  /**
   * A new namespace without a name. It has a loopback link, which is down, and lives as long as something holds it: this
   * handle, a process or a socket in it, a mount.
   *
   * The thread is away for three system calls and is back when this returns or throws. Needs CAP_SYS_ADMIN.
   *
   * @throws {SyscallError} `EPERM`: no CAP_SYS_ADMIN. `ENOSPC`: see `/proc/sys/user/max_net_namespaces`.
   * @throws {NamespaceSwitchError} The thread could not return.
   */
  static create(): NsHandle {
    let made: NsHandle | undefined;
    try {
      return inNewNamespace(() => made = NsHandle.current());
    } catch (error) {
      made?.close();
      throw error;
    }
  }

  /** The file descriptor, closed on exec; -1 once the handle is closed. */
  get fd(): number {
    return this.descriptor.fd;
  }

  /** False once {@linkcode NsHandle.close} was called. */
  get isOpen(): boolean {
    return this.fd >= 0;
  }

  /**
   * The number of the namespace's inode, by which the kernel and `lsns` identify namespaces.
   *
   * @throws {SyscallError} `EBADF`: the handle was closed before this was first asked for.
   */
  get inode(): bigint {
    return this.descriptor.inode;
  }

  /** True if both are the same namespace, however each was opened. */
  equals(other: NsHandle): boolean {
    if (typeof other?.inode !== "bigint") { // untyped code may give anything
      throw new TypeError(`Cannot compare a namespace with ${shown(other)}: expected an NsHandle`);
    }
    return this.inode === other.inode;
  }

  /**
   * Calls `fn` with the calling thread in this namespace, and returns to where the thread was, whatever happens: two
   * system calls. Sockets that `fn` opens and processes that it starts stay in the namespace.
   *
   * `fn` must be synchronous: what follows an `await` would run in another namespace. Needs CAP_SYS_ADMIN. See setns(2).
   *
   * @throws What `fn` throws.
   * @throws {SyscallError} `EPERM`: no CAP_SYS_ADMIN. `EBADF`: the handle is closed. The thread was not switched.
   * @throws {InvalidNamespaceError} The file of the handle is no network namespace.
   * @throws {NamespaceSwitchError} The thread could not return, and refuses further switches until it is back. If `fn`
   * threw too, the error has both.
   * @throws {NamespaceLeakError} `fn` returned a promise, or left a switch of its own open.
   */
  run<T>(fn: (() => T) & Synchronous<T>): T {
    return section(this.descriptor, setNamespace, fn);
  }

  /**
   * Opens a netlink socket in this namespace, where it stays: configure through it without switching.
   *
   * @throws As {@linkcode NsHandle.run} and {@linkcode Netlink.open}.
   */
  netlink(): Netlink {
    return this.#opened(() => Netlink.open());
  }

  /**
   * Opens {@linkcode Ethtool} in this namespace, where it stays.
   *
   * @throws As {@linkcode NsHandle.run} and {@linkcode Ethtool.open}.
   */
  ethtool(): Ethtool {
    return this.#opened(() => Ethtool.open());
  }

  /**
   * Opens {@linkcode Wireguard} in this namespace, where it stays.
   *
   * @throws As {@linkcode NsHandle.run} and {@linkcode Wireguard.open}.
   */
  wireguard(): Wireguard {
    return this.#opened(() => Wireguard.open());
  }

  /**
   * Opens {@linkcode SocketDiag} in this namespace, where it stays.
   *
   * @throws As {@linkcode NsHandle.run} and {@linkcode SocketDiag.open}.
   */
  sockets(): SocketDiag {
    return this.#opened(() => SocketDiag.open());
  }

  /**
   * Opens {@linkcode Nftables} in this namespace, where it stays.
   *
   * @throws As {@linkcode NsHandle.run} and {@linkcode Nftables.open}.
   */
  nftables(): Nftables {
    return this.#opened(() => Nftables.open());
  }

  /** Opens a socket in this namespace. */
  #opened<T extends { close(): void }>(open: () => T): T {
    let opened: T | undefined;
    try {
      return within(this.descriptor, setNamespace, () => opened = open());
    } catch (error) {
      opened?.close(); // it was opened, and the return failed
      throw error;
    }
  }

  /**
   * Gives the namespace a name, as `ip netns attach` does; it may have others. It lives as long as one of them, also when
   * the handle is closed. Needs CAP_SYS_ADMIN. See ip-netns(8).
   *
   * @param name 1 to 255 bytes of UTF-8, without `/` and NUL, not `.` or `..`.
   * @param options `netnsDir`: the directory of named namespaces, `/var/run/netns` by default.
   * @throws {InvalidNamespaceError} No file can have this name, or every user may replace files in the directory.
   * @throws {SyscallError} `EEXIST`: the name is taken. `EPERM`: no CAP_SYS_ADMIN. `EBADF`: the handle is closed.
   */
  attach(name: string, options: { readonly netnsDir?: string | undefined } = {}): void {
    checkAttach(options);
    checkDirectory(options.netnsDir);
    if (!this.isOpen) throw new SyscallError("mount", constants.errno.EBADF, { remedy: "this handle is closed" });
    nameOpened(name, { netnsDir: options.netnsDir ?? netnsDirectory(), system: FILES }, () => this);
  }

  /**
   * Closes the descriptor, and idle connections of `fetch` and agents; while a switch of this thread needs it to return, the
   * end of that closes it. Idempotent.
   */
  close(): void {
    this.descriptor.close();
  }

  /** As {@linkcode NsHandle.close}, at the end of a `using` block. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** `"NS(21: net:[4026531840])"`, or `"NS(closed)"`. */
  override toString(): string {
    return String(this.descriptor);
  }
}

/**
 * Opens a file that should be a network namespace, without a check: the switch refuses another kind of file, and says
 * so. This saves two system calls where the switch follows at once.
 *
 * @param remedy What to do if there is no such file.
 * @throws {SyscallError} It cannot be opened.
 */
export function openForSwitch(path: string, remedy?: string): NsHandle {
  return NsHandle.of(Descriptor.openUnchecked(path, remedy));
}

/**
 * Opens a file that must be a network namespace.
 *
 * @param remedy What to do if there is no such file.
 * @throws {SyscallError} It cannot be opened.
 * @throws {InvalidNamespaceError} It is a file of another kind.
 */
export function openChecked(path: string, remedy?: string): NsHandle {
  return NsHandle.of(Descriptor.open(path, remedy));
}

/** {@linkcode NsHandle.netlink} of several, or of none: the thread goes from one namespace to the next, and home once. */
export function openNetlinks(handles: readonly NsHandle[]): Netlink[] {
  const netlinks: Netlink[] = [];
  try {
    withinEach(handles.map(({ descriptor }) => descriptor), setNamespace, () => void netlinks.push(Netlink.open()));
    return netlinks;
  } catch (error) {
    for (const netlink of netlinks) netlink.close();
    throw error;
  }
}
