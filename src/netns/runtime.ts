/** What the runtime does in a namespace: programs, sockets, look-ups of names, HTTP, threads. */
import type { Socket as DatagramSocket } from "node:dgram";
import type { Agent } from "node:http";
import type { Agent as HttpsAgent, AgentOptions as HttpsAgentOptions } from "node:https";
import type { Server, Socket } from "node:net";
import { Capture, type CaptureOptions } from "../capture/capture.ts";
import type { Descriptor } from "../switch/descriptor.ts";
import { lookup, type LookupOptions } from "./dns/lookup.ts";
import { exec, type ExecOptions, type ExecResult } from "./exec.ts";
import { httpAgent, httpsAgent } from "./http/agent.ts";
import { fetch } from "./http/fetch.ts";
import { type NamespaceWorker, type NamespaceWorkerOptions, startWorker } from "./namespace_worker.ts";
import { connect, type ConnectOptions } from "./sockets/connect.ts";
import { datagram, type DatagramOptions } from "./sockets/datagram.ts";
import { listen, type ListenOptions } from "./sockets/listen.ts";
import { checkOptions } from "./checks.ts";
import { hostText } from "./sockets/open.ts";
import { type ChildProcess, type ProgramOptions, type SpawnOptions, start } from "./spawn.ts";
import { inside, section, setNamespace } from "../switch/switch.ts";

export type { ChildProcess, ProgramOptions, SpawnOptions };

/**
 * The part of {@linkcode NsHandle} that has the API of the runtime: programs, sockets, look-ups of names, HTTP and
 * threads, in the namespace. What a call starts stays in the namespace, after every `await` too.
 */
export abstract class NamespaceRuntime {
  /** @internal The open file: what the switches work with. */
  readonly descriptor: Descriptor;

  /** @internal Takes over `descriptor`. */
  protected constructor(descriptor: Descriptor) {
    this.descriptor = descriptor;
  }

  /**
   * Starts a process in this namespace, without a shell and, unless an option asks for one, without a helper program. It is a
   * child of this process; its `error` event says that the command could not be started.
   *
   * It sees `/etc` and `/sys` of this process: `etc` and `sysfs` give it what `ip netns exec` does. It does not get
   * descriptors of this process, ignored signals, or the limit of open files that the runtime was started with; arguments
   * are text. `netns exec` does all of that. See {@linkcode SpawnOptions}.
   *
   * @param command The program, looked up in `PATH`.
   * @param args Its arguments.
   * @param options Those of `node:child_process`; `etc`, `sysfs`, `user`, `group`, `noNewPrivileges`, `dieWithParent`.
   * @throws {TypeError} There is no such user or group.
   * @throws As {@linkcode NsHandle.run}.
   *
   * @example
   * ```ts ignore
   * const server = blue.spawn("dnsmasq", ["-k"], { etc: "blue", user: "dnsmasq", dieWithParent: true });
   * ```
   */
  spawn(command: string, args: readonly string[] = [], options: SpawnOptions = {}): ChildProcess {
    return section(this.descriptor, setNamespace, () => start(command, args, options));
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
   * {@linkcode NamespaceRuntime.prototype.httpsAgent}. Options that choose a transport (`dispatcher`, `client`, `proxy`) have no effect.
   *
   * @throws {TypeError} `fetch failed`; its `cause` says why. The reason of the signal.
   * @throws {SyscallError} `EBADF`: the handle is closed.
   */
  fetch(url: string | URL | Request, init?: RequestInit): Promise<Response> {
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

  /** {@linkcode NamespaceRuntime.prototype.httpAgent} for `node:https`, with the options of its agent: `ca`, `cert`, `key` and others. */
  httpsAgent(options?: HttpsAgentOptions): HttpsAgent {
    return httpsAgent(this.descriptor, options);
  }

  /**
   * Starts a thread that is born in this namespace, and has it import a module: all that its functions do happens here, after
   * every `await` too. A call takes well under a millisecond, a call of {@linkcode runInNamespace} a hundred. It keeps the
   * process alive only while a call is open. Dispose it with `await using`.
   *
   * In Node, DNS look-ups and file calls of a thread use the pool of the process, which is at home. In Bun, the global `fetch`
   * of the thread is that of {@linkcode NamespaceRuntime.prototype.fetch}; `Bun.fetch` is the process's. In Deno, importing a file needs
   * `--allow-read` for it, and a thread that computes ends when its function returns.
   *
   * @param url The module, as an absolute URL: `new URL("./work.ts", import.meta.url)`.
   * @param options Those of `node:worker_threads`; `signal`.
   * @throws What the module throws when it is imported; the reason of the signal. As {@linkcode NsHandle.run}.
   *
   * @example
   * ```ts ignore
   * await using work = await blue.worker<typeof import("./work.ts")>(new URL("./work.ts", import.meta.url));
   * const rows = await work.call("query", "select 1");
   * ```
   */
  async worker<M>(
    url: string | URL,
    options: NamespaceWorkerOptions = {},
  ): Promise<NamespaceWorker<M>> {
    return await startWorker<M>(this.descriptor, url, options);
  }

  /**
   * Runs a program in this namespace to its end, without a shell, and gives what it wrote. Another status than 0 is no error.
   *
   * @param command The program, looked up in `PATH`.
   * @param args Its arguments.
   * @param options What it reads, and those of {@linkcode NamespaceRuntime.prototype.spawn}.
   * @throws As the `error` event of `node:child_process`: `ENOENT`: there is no such program. The reason of the signal.
   * As {@linkcode NamespaceRuntime.prototype.spawn}.
   *
   * @example
   * ```ts ignore
   * const { status, stdout } = await blue.exec("ip", ["-brief", "address"]);
   * ```
   */
  async exec(command: string, args: readonly string[] = [], options: ExecOptions = {}): Promise<ExecResult> {
    checkOptions(options);
    const { input: _, signal: __, ...others } = options;
    return await exec(() => this.spawn(command, args, { ...others, stdio: "pipe" }), options);
  }

  /**
   * Captures the packets of this namespace, or of one of its links. It has begun when this resolves, and goes on when the
   * handle is closed. Needs CAP_NET_RAW. See packet(7).
   *
   * @returns The packets, as an async iterable; with `file`, they are also in the file once the capture has ended.
   * @throws {TypeError} The filter is none.
   * @throws {SyscallError} `EPERM`: no CAP_NET_RAW. `ENODEV`: there is no such link. `EINVAL`: the kernel refuses the
   * program of the filter. `ENOENT`, `EACCES`: the file cannot be made. `EBADF`: the handle is closed.
   *
   * @example
   * ```ts ignore
   * await using capture = await blue.capture({ link: "eth0", filter: { protocol: "udp", port: 53 } });
   * for await (const { time, direction, bytes } of capture) console.log(time, direction, bytes.length);
   * ```
   */
  async capture(options?: CaptureOptions): Promise<Capture> {
    return await Promise.resolve(Capture.begin((fn) => this.#inside(fn), options));
  }

  #inside<T>(fn: () => T): T {
    this.descriptor.checkOpen();
    return inside(this.descriptor, fn);
  }
}
