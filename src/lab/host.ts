/** A host of a lab. */
import type { ChildProcess, SpawnOptions } from "node:child_process";
import type { Socket as DatagramSocket } from "node:dgram";
import type { Agent } from "node:http";
import type { Server, Socket } from "node:net";
import type { Capture, CaptureOptions } from "../capture/capture.ts";
import { LOOPBACK_INDEX } from "../netlink/constants/link.ts";
import type { Address } from "../netlink/address/types.ts";
import type { Netlink } from "../netlink/netlink.ts";
import { checkProgram, checkServer } from "../netns/checks.ts";
import { exec, type ExecOptions, type ExecResult } from "../netns/exec.ts";
import { NsHandle } from "../netns/handle.ts";
import { httpAgent } from "../netns/http/agent.ts";
import { fetch } from "../netns/http/fetch.ts";
import { type NamespaceWorker, type NamespaceWorkerOptions, startWorker } from "../netns/namespace_worker.ts";
import type { ConnectOptions } from "../netns/sockets/connect.ts";
import { datagram, type DatagramOptions } from "../netns/sockets/datagram.ts";
import { listen, type ListenOptions } from "../netns/sockets/listen.ts";
import type { Synchronous } from "../netns/synchronous.ts";
import type { Keeper } from "./keeper.ts";
import { Owned } from "./owned.ts";

/** RT_SCOPE_UNIVERSE of linux/rtnetlink.h. */
const GLOBAL = 0;

/**
 * A host of a {@linkcode Lab}: a namespace without a name on the machine. What its methods open, start and wait for ends with
 * the lab.
 */
export class LabHost {
  /** Its name in the topology. */
  readonly name: string;
  /** Its namespace, which the lab closes. What is opened through the handle itself is its opener's to close. */
  readonly handle: NsHandle;
  readonly #keeper: Keeper;
  readonly #owned = new Owned();
  /** @internal The files of captures, for the report. */
  readonly captures: string[] = [];

  /** @internal Makes a host, whose loopback link is up. */
  constructor(name: string, keeper: Keeper) {
    this.name = name;
    this.#keeper = keeper;
    this.handle = NsHandle.create();
    try {
      using netlink = this.handle.netlink();
      netlink.setLink({ index: LOOPBACK_INDEX }, { up: true });
    } catch (error) {
      this.handle.close();
      throw error;
    }
  }

  /** Its addresses, IPv4 before IPv6, without those of its loopback link and link-local ones: `["10.0.0.1"]`. */
  get addresses(): string[] {
    if (!this.handle.isOpen) this.#owned.check(); // which says that the lab has ended
    const texts = this.listAddresses().filter(({ scope }) => scope === GLOBAL).map(({ address }) => address);
    return [...texts.filter((one) => !one.includes(":")), ...texts.filter((one) => one.includes(":"))];
  }

  /** @internal All addresses but those of the loopback link. */
  listAddresses(): Address[] {
    using netlink = this.handle.netlink();
    return netlink.listAddresses().filter(({ linkIndex }) => linkIndex !== LOOPBACK_INDEX);
  }

  /** As {@linkcode NsHandle.run}: calls a synchronous function in the host. */
  run<T>(fn: (() => T) & Synchronous<T>): T {
    this.#owned.check();
    return this.handle.run<T>(fn);
  }

  /** As {@linkcode NsHandle.spawn}. The process ends with the lab, and with this process, also when that is killed. */
  spawn(command: string, args: readonly string[] = [], options: SpawnOptions = {}): ChildProcess {
    this.#owned.check();
    const child = this.handle.spawn(command, args, options);
    this.#keeper.own(child, (end) => this.#owned.add(end));
    return child;
  }

  /** As {@linkcode NsHandle.exec}: runs a program to its end. */
  async exec(command: string, args: readonly string[] = [], options: ExecOptions = {}): Promise<ExecResult> {
    checkProgram(command, args, options);
    const { input: _, signal, ...others } = options;
    return await this.#owned.wait(
      (signal) => exec(() => this.spawn(command, args, { ...others, stdio: "pipe" }), { ...options, signal }),
      signal,
    );
  }

  /** As {@linkcode NsHandle.connect}. */
  async connect(options: ConnectOptions): Promise<Socket> {
    const socket = await this.#owned.wait((signal) => this.handle.connect({ ...options, signal }), options?.signal);
    const forget = this.#owned.add(() => void socket.destroy());
    socket.once("close", forget);
    return socket;
  }

  /** As {@linkcode NsHandle.listen}. The end of the lab closes the server, and its connections. */
  async listen<S extends Server>(server: S, options: ListenOptions): Promise<S> {
    checkServer(server);
    const connections = new Set<Socket>();
    server.on("connection", (socket: Socket) => {
      connections.add(socket);
      socket.once("close", () => connections.delete(socket));
    });
    await this.#owned.wait((signal) => listen(this.handle.descriptor, server, options, signal));
    const forget = this.#owned.add(async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      if ("closeAllConnections" in server && typeof server.closeAllConnections === "function") {
        server.closeAllConnections();
      }
      for (const socket of connections) socket.destroy();
      await closed;
    });
    server.once("close", forget);
    return server;
  }

  /** As {@linkcode NsHandle.datagram}. */
  async datagram(options?: DatagramOptions): Promise<DatagramSocket> {
    const socket = await this.#owned.wait((signal) => datagram(this.handle.descriptor, options, signal));
    let isOpen = true;
    const forget = this.#owned.add(() => isOpen && void socket.close());
    socket.once("close", () => {
      isOpen = false;
      forget();
    });
    return socket;
  }

  /** As {@linkcode NsHandle.resolve}. */
  async resolve(...[name, options]: Parameters<NsHandle["resolve"]>): Promise<string[]> {
    return await this.#owned.wait((signal) => this.handle.resolve(name, { ...options, signal }), options?.signal);
  }

  /** As {@linkcode NsHandle.fetch}. */
  async fetch(url: string | URL | Request, init: RequestInit = {}): Promise<Response> {
    const given = init?.signal ?? (url instanceof Request ? url.signal : undefined);
    const { signal, release } = this.#owned.interruption(given); // also while the body is read
    return await fetch(this.handle.descriptor, url, { ...init, signal }, release);
  }

  /** As {@linkcode NsHandle.httpAgent}. */
  httpAgent(): Agent {
    this.#owned.check();
    return httpAgent({
      checkOpen: () => this.#owned.check(),
      atClose: (action) => void this.#owned.add(action),
      connect: (options) => this.connect(options),
    });
  }

  /** As {@linkcode NsHandle.worker}. */
  async worker<M>(
    url: string | URL,
    options: NamespaceWorkerOptions = {},
  ): Promise<NamespaceWorker<M>> {
    const worker = await this.#owned.wait((ended) => startWorker<M>(this.handle.descriptor, url, options, ended));
    this.#owned.add(() => worker[Symbol.asyncDispose]());
    return worker;
  }

  /** As {@linkcode NsHandle.netlink}. */
  netlink(): Netlink {
    this.#owned.check();
    const netlink = this.handle.netlink();
    this.#owned.add(() => netlink.close());
    return netlink;
  }

  /** As {@linkcode NsHandle.capture}. */
  async capture(options?: CaptureOptions): Promise<Capture> {
    this.#owned.check();
    const capture = await this.handle.capture(options);
    this.#owned.add(() => capture[Symbol.asyncDispose]());
    if (options?.file !== undefined) this.captures.push(String(options.file));
    return capture;
  }

  /** @internal Ends what goes on in it, waits for a change that uses its namespace, and ends the host. */
  async end(reason: unknown, change?: Promise<void>): Promise<void> {
    try {
      await this.#owned.end(reason);
    } finally {
      await change;
      this.handle.close();
    }
  }
}
