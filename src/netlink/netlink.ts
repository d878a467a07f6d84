/** The NETLINK_ROUTE socket of the library. */
import { defined } from "../collections.ts";
import { NetlinkError, shown } from "../errors.ts";
import { NetlinkBatch } from "./batch.ts";
import type { NetlinkChange, NetlinkGroup } from "./reported_changes.ts";
import { followEvents, type NetlinkEvent, type NetlinkEventsOptions } from "./events.ts";
import type { LinkRef } from "./link/ref.ts";
import { getLinkRequest } from "./link/request.ts";
import { remedyWithoutIpv6 } from "./ipv6_missing.ts";
import { NetlinkQueries } from "./queries.ts";
import { NetlinkSocket } from "./socket.ts";
import type { Decode, NetlinkRequest } from "./wire/framing.ts";

/**
 * A socket to the kernel's routing tables: links, addresses, neighbours, routes. It stays in the namespace in which it
 * was opened, wherever the thread goes: open one for each namespace and configure without switching.
 *
 * Close it, or declare it with `using`. Every call is synchronous. See netlink(7), rtnetlink(7).
 *
 * Each family has a class of its queries and one of its changes:
 *
 * - links: {@linkcode LinkQueries.prototype.listLinks}, {@linkcode LinkQueries.prototype.getLink}; {@linkcode LinkRequests}
 * - addresses: {@linkcode AddressQueries.prototype.listAddresses}; {@linkcode AddressRequests}
 * - neighbours: {@linkcode NeighbourQueries.prototype.listNeighbours}; {@linkcode NeighbourRequests}
 * - routes: {@linkcode RouteQueries.prototype.listRoutes}, {@linkcode RouteQueries.prototype.getRoute}; {@linkcode RouteRequests}
 * - next hops: {@linkcode NextHopQueries.prototype.listNextHops}; {@linkcode NextHopRequests}
 * - rules: {@linkcode RuleQueries.prototype.listRules}; {@linkcode RuleRequests}
 * - traffic control: {@linkcode TrafficControlQueries}; {@linkcode TrafficControlRequests}
 * - VLANs and forwarding entries of bridges: {@linkcode BridgeQueries}; {@linkcode BridgeRequests}
 * - ids of namespaces: {@linkcode NamespaceIdQueries}; {@linkcode NamespaceIdRequests}
 */
export class Netlink extends NetlinkQueries implements Disposable {
  readonly #socket: NetlinkSocket;
  /** The messages of other programs that the threads of events dropped. */
  readonly #droppedByThreads = new Int32Array(new SharedArrayBuffer(4));

  private constructor(socket: NetlinkSocket) {
    super();
    this.#socket = socket;
  }

  /**
   * Opens a socket in the namespace of the calling thread.
   *
   * @throws {SyscallError} `EMFILE`: no descriptor is left.
   */
  static open(): Netlink {
    return new Netlink(NetlinkSocket.open());
  }

  /**
   * The kernel's number of the namespace that this socket is in (SO_NETNS_COOKIE): it is never used twice while the
   * machine is up. See socket(7).
   *
   * @throws {SyscallError} `ENOPROTOOPT`: the kernel is older than 5.14. `EBADF`: this socket is closed.
   */
  get namespaceCookie(): bigint {
    return this.#socket.namespaceCookie;
  }

  /** False once {@linkcode Netlink.close} was called. */
  get isOpen(): boolean {
    return this.#socket.isOpen;
  }

  /**
   * How many messages this socket, and its events, received that the kernel did not send: any process with CAP_NET_ADMIN
   * in the namespace can send some. They are dropped unread. From the first on, the kernel lets none of them into the
   * queue of this socket; those to the groups of its events still come.
   */
  get dropped(): number {
    return this.#socket.dropped + Atomics.load(this.#droppedByThreads, 0);
  }

  /** Closes the socket. Idempotent. */
  close(): void {
    this.#socket.close();
  }

  /** {@linkcode Netlink.close}, at the end of a `using` block. */
  [Symbol.dispose](): void {
    this.close();
  }

  /**
   * Carries out many requests, in order, in as few sends as they fit in.
   *
   * @param fn Makes the requests; they are sent when it returns, and not at all if it throws.
   * @throws {NetlinkError} The first refusal; `failures` has all of them. The other requests were done.
   */
  batch(fn: (batch: NetlinkBatch) => void): void {
    const results = this.tryBatch(fn);
    const failures = results.flatMap((error, index) => error === undefined ? [] : [{ index, error }]);
    const [first] = failures;
    if (first === undefined) return;
    const { request, errno, detail, field, remedy } = first.error;
    const label = `${request} (request ${first.index + 1} of ${results.length})`;
    throw new NetlinkError(label, errno, detail, defined({ failures, field, remedy }));
  }

  /**
   * {@linkcode Netlink.batch} that returns refusals instead of throwing: use it when you need each request's result.
   *
   * @returns The refusal of each request, at its index; `undefined` where it was done.
   * @throws {SyscallError} The socket itself failed.
   */
  tryBatch(fn: (batch: NetlinkBatch) => void): (NetlinkError | undefined)[] {
    if (typeof fn !== "function") { // untyped code may give anything
      throw new TypeError(`Cannot use ${shown(fn)} as a batch: expected a function that makes the requests`);
    }
    const batch = new NetlinkBatch();
    fn(batch);
    return this.tryAll(batch.requests);
  }

  /**
   * Follows what changes in this socket's namespace, whoever changes it, from the first call of `next()` on. A thread of
   * its own waits for the changes; it ends with the loop, and `return()` ends a `next()` that waits. It goes on when this
   * socket is closed meanwhile, up to an `overrun`, after which it has nothing to read all again with.
   *
   * If a program reads too slowly, changes are dropped: then there is an `overrun` event, and after it everything that
   * exists. In Deno it needs `--allow-read` for the library, to start the thread.
   *
   * @throws {SyscallError} `EPERM`: no CAP_SYS_ADMIN, or no CAP_NET_ADMIN in the namespace. `EBADF`: this socket is closed.
   * @throws {TypeError} The options have another field, or `groups` another group.
   *
   * @example Wait for a link, which may exist already
   * ```ts ignore
   * for await (const event of netlink.events({ groups: ["links"], initial: true })) {
   *   if (event.kind === "link" && event.link.name === "eth0") break;
   * }
   * ```
   */
  events(options: NetlinkEventsOptions = {}): AsyncGenerator<NetlinkEvent, void, undefined> {
    return followEvents({
      openNamespace: () => this.#socket.openNamespace(),
      listAll: (groups) => this.#listAll(groups),
      dropped: this.#droppedByThreads,
    }, options);
  }

  *#listAll(groups: readonly NetlinkGroup[]): Generator<NetlinkChange> {
    const action = "set";
    const has = (group: NetlinkGroup): boolean => groups.includes(group);
    if (has("links")) { for (const link of this.listLinks()) yield { kind: "link", action, link }; }
    if (has("addresses")) { for (const address of this.listAddresses()) yield { kind: "address", action, address }; }
    if (has("neighbours")) {
      for (const neighbour of this.listNeighbours()) yield { kind: "neighbour", action, neighbour };
    }
    if (has("routes")) { for (const route of this.listRoutes()) yield { kind: "route", action, route }; }
    if (has("rules")) { for (const rule of this.listRules()) yield { kind: "rule", action, rule }; }
    if (has("nextHops")) { for (const nextHop of this.listNextHops()) yield { kind: "nextHop", action, nextHop }; }
  }

  /** Asks for all objects. */
  protected override dump<T>(request: NetlinkRequest, decode: Decode<T>): T[] {
    return this.#socket.dump(request, decode);
  }

  /** Asks for one object. */
  protected override get<T>(request: NetlinkRequest, decode: Decode<T>): T | undefined {
    try {
      return this.#socket.get(request, decode);
    } catch (error) {
      throw error instanceof NetlinkError ? this.#explained(request, error) : error;
    }
  }

  /** Carries out a request. */
  protected override perform(request: NetlinkRequest): void {
    const [error] = this.tryAll([request]);
    if (error !== undefined) throw error;
  }

  /** Carries out requests; a refusal says what to do about it, where the request knows. */
  protected override tryAll(requests: readonly NetlinkRequest[]): (NetlinkError | undefined)[] {
    const results = this.#socket.tryAll(requests);
    return results.map((error, index) => {
      const request = requests[index];
      return error === undefined || request === undefined ? error : this.#explained(request, error);
    });
  }

  #explained(request: NetlinkRequest, error: NetlinkError): NetlinkError {
    let remedy: string | undefined;
    try {
      remedy = request.explain?.(error, (link) => this.#exists(link)) ?? remedyWithoutIpv6(request, error);
    } catch {
      return error; // the refusal is what the caller must see, not that nobody could look why
    }
    if (remedy === undefined) return error;
    return new NetlinkError(error.request, error.errno, error.detail, defined({ field: error.field, remedy }));
  }

  #exists(link: LinkRef): boolean {
    try {
      return this.#socket.get(getLinkRequest(link), () => true) ?? false;
    } catch (error) {
      if (error instanceof NetlinkError && error.code === "ENODEV") return false;
      throw error;
    }
  }
}
