/** An open network namespace. */
import { type ChildProcess, spawn, type SpawnOptions } from "node:child_process";
import { constants } from "node:os";
import type { Socket as DatagramSocket } from "node:dgram";
import type { Agent } from "node:http";
import type { Agent as HttpsAgent, AgentOptions as HttpsAgentOptions } from "node:https";
import type { Server, Socket } from "node:net";
import type { WorkerOptions } from "node:worker_threads";
import { duplicate, isNetworkNamespace, SyscallError } from "../../ffi/mod.ts";
import { InvalidNamespaceError } from "../errors.ts";
import { fileNs, namedNs, pidNs } from "../namespace.ts";
import { Ethtool } from "../netlink/ethtool/ethtool.ts";
import { Netlink } from "../netlink/netlink.ts";
import { SocketDiag } from "../netlink/sockets/socket_diag.ts";
import { Nftables } from "../netlink/nftables/nftables.ts";
import { Wireguard } from "../netlink/wireguard/wireguard.ts";
import { Descriptor, openCurrent, threadHome } from "./descriptor.ts";
import { lookup, type LookupOptions } from "./dns/lookup.ts";
import { exec, type ExecOptions, type ExecResult } from "./exec.ts";
import { httpAgent, httpsAgent } from "./http/agent.ts";
import { fetch } from "./http/fetch.ts";
import { FILES } from "./name/files.ts";
import { nameOpened } from "./name/mount_point.ts";
import { namedPath, NETNS_DIR, NO_SUCH_NAME, processPath, THREAD_NAMESPACE } from "./namespace_file.ts";
import { type NamespaceWorker, startWorker } from "./namespace_worker.ts";
import { connect, type ConnectOptions } from "./sockets/connect.ts";
import { datagram, type DatagramOptions } from "./sockets/datagram.ts";
import { listen, type ListenOptions } from "./sockets/listen.ts";
import { hostText } from "./sockets/open.ts";
import { inNewNamespace, section, setNamespace, within, withinEach } from "./switch.ts";
import type { Synchronous } from "./synchronous.ts";

export type { ChildProcess, SpawnOptions };

/**
 * An open network namespace, held by a file descriptor: the namespace exists while the handle is open, with or without
 * a name. Close it, or declare it with `using`; nothing else closes it.
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
export class NsHandle implements Disposable {
  /** @internal The open file: what the switches work with. */
  readonly descriptor: Descriptor;

  private constructor(descriptor: Descriptor) {
    this.descriptor = descriptor;
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
   * The number of the namespace's inode, by which the kernel and `lsns` tell namespaces apart.
   *
   * @throws {SyscallError} `EBADF`: the handle was closed before this was first asked for.
   */
  get inode(): bigint {
    return this.descriptor.inode;
  }

  /** True if both are the same namespace, however each was opened. */
  equals(other: NsHandle): boolean {
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
   * Starts a process in this namespace, without a shell and without a helper program. It is a child of this process; its
   * `error` event says that the command could not be started.
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
   * Connects from this namespace by TCP. A name is resolved here, and its addresses are tried as RFC 8305 has it.
   *
   * @returns The connected socket, which stays in the namespace, also when the handle is closed. Its `connect` event is
   * over.
   * @throws As the `error` event of `node:net`: `ECONNREFUSED`, `EHOSTUNREACH`, with `address` and `port`; `ETIMEDOUT`
   * also after `timeout`; `ENOTFOUND`. The reason of the signal.
   * @throws {SyscallError} `EPERM`, `EBADF`: the namespace cannot be entered.
   */
  connect(options: ConnectOptions): Promise<Socket> {
    return connect(this.descriptor, options);
  }

  /**
   * Has a server of `node:net`, `node:tls`, `node:http` or `node:https` listen in this namespace, where it stays.
   *
   * @returns The server, which listens.
   * @throws As the `error` event of the server: `EADDRINUSE`, `EADDRNOTAVAIL`, `EACCES`.
   * @throws {SyscallError} `EPERM`, `EBADF`: the namespace cannot be entered.
   */
  listen<S extends Server>(server: S, options: ListenOptions): Promise<S> {
    return listen(this.descriptor, server, options);
  }

  /**
   * Opens a UDP socket in this namespace, where it stays. The names to which it sends are resolved here.
   *
   * @returns The bound socket of `node:dgram`.
   * @throws As the `error` event of the socket: `EADDRINUSE`, `EADDRNOTAVAIL`, `EACCES`.
   * @throws {SyscallError} `EPERM`, `EBADF`: the namespace cannot be entered.
   */
  datagram(options?: DatagramOptions): Promise<DatagramSocket> {
    return datagram(this.descriptor, options);
  }

  /**
   * The addresses of a name, as a program that `ip netns exec` starts would find them: by `hosts` and by the servers of
   * `resolv.conf`, which are asked from this namespace. For a handle of {@linkcode NsHandle.fromName} the files in
   * `/etc/netns/<name>` take the place of those in `/etc`. See resolv.conf(5), ip-netns(8).
   *
   * @returns IPv4 before IPv6; those of `hosts` in its order.
   * @throws As `node:dns`: `ENOTFOUND`: there is no such name. `ENODATA`: it has no address of the family. `ETIMEOUT`,
   * `ESERVFAIL`, `EREFUSED`, `ECONNREFUSED`: no server answered. The reason of the signal.
   * @throws {SyscallError} `EPERM`, `EBADF`: the namespace cannot be entered.
   */
  async resolve(name: string, options?: LookupOptions): Promise<string[]> {
    return (await lookup(this.descriptor, name, options)).map(hostText);
  }

  /**
   * `fetch` from this namespace, over `http:` and `https:`, with the global `Response`. Connections are kept until the
   * handle is closed. Certificates are trusted as by `node:https`: `NODE_EXTRA_CA_CERTS`, `DENO_CERT`; for another CA take
   * {@linkcode NsHandle.httpsAgent}. Options that choose a transport (`dispatcher`, `client`, `proxy`) have no effect.
   *
   * @throws {TypeError} `fetch failed`; its `cause` says why. The reason of the signal.
   * @throws {SyscallError} `EBADF`: the handle is closed.
   */
  fetch(url: string | URL, init?: RequestInit): Promise<Response> {
    return fetch(this.descriptor, url, init);
  }

  /**
   * An agent for `node:http`, and for what is built on it, whose connections come from this namespace. Make one and keep it;
   * `agent.destroy()` ends its connections, and closing the handle ends the idle ones.
   *
   * @example
   * ```ts ignore
   * http.get({ host: "10.0.0.1", agent: blue.httpAgent() }, (response) => response.pipe(process.stdout));
   * ```
   */
  httpAgent(): Agent {
    return httpAgent(this.descriptor);
  }

  /** {@linkcode NsHandle.httpAgent} for `node:https`, with the options of its agent: `ca`, `cert`, `key` and others. */
  httpsAgent(options?: HttpsAgentOptions): HttpsAgent {
    return httpsAgent(this.descriptor, options);
  }

  /**
   * Starts a thread that is born in this namespace, and has it import a module: all that its functions do happens here, after
   * every `await` too. A call takes well under a millisecond, a call of {@linkcode runInNamespace} a hundred. It keeps the
   * process alive only while a call is open. Dispose it with `await using`.
   *
   * In Node, DNS look-ups and file calls of a thread use the pool of the process, which is at home. In Bun, the global `fetch`
   * of the thread is that of {@linkcode NsHandle.fetch}; `Bun.fetch` is the process's. In Deno, importing a file needs
   * `--allow-read` for it, and a thread that computes ends when its function returns.
   *
   * @param url The module, as an absolute URL: `new URL("./work.ts", import.meta.url)`.
   * @param options Those of `node:worker_threads`.
   * @throws What the module throws when it is imported. As {@linkcode NsHandle.run}.
   *
   * @example
   * ```ts ignore
   * await using work = await blue.worker<typeof import("./work.ts")>(new URL("./work.ts", import.meta.url));
   * const rows = await work.call("query", "select 1");
   * ```
   */
  worker<M>(url: string | URL, options?: Omit<WorkerOptions, "workerData" | "eval">): Promise<NamespaceWorker<M>> {
    return startWorker<M>(this.descriptor, url, options);
  }

  /**
   * Runs a program in this namespace to its end, without a shell, and gives what it wrote. Another status than 0 is no error.
   *
   * @param command The program, looked up in `PATH`.
   * @param args Its arguments.
   * @throws As the `error` event of `node:child_process`: `ENOENT`: there is no such program. The reason of the signal.
   * As {@linkcode NsHandle.run}.
   *
   * @example
   * ```ts ignore
   * const { status, stdout } = await blue.exec("ip", ["-brief", "address"]);
   * ```
   */
  async exec(command: string, args: readonly string[] = [], options: ExecOptions = {}): Promise<ExecResult> {
    const { input: _, signal: __, ...others } = options;
    return await exec(() => this.spawn(command, args, { ...others, stdio: "pipe" }), options);
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
    if (!this.isOpen) throw new SyscallError("mount", constants.errno.EBADF, { remedy: "this handle is closed" });
    nameOpened(name, { netnsDir: options.netnsDir ?? NETNS_DIR, system: FILES }, () => this);
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
  toString(): string {
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
