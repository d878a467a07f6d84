/** A NETLINK_ROUTE socket, for people. */
import { constants } from "node:os";
import { NetlinkError } from "../errors.ts";
import { type Address, type AddressFilter, decodeAddress, listAddressesRequest } from "./address/address.ts";
import type { NetlinkChange, NetlinkGroup } from "./changes.ts";
import { followEvents, type NetlinkEvent, type NetlinkEventsOptions } from "./events.ts";
import type { LinkRef } from "./link/ref.ts";
import { decodeLink, getLinkRequest, type Link, LIST_LINKS } from "./link/link.ts";
import { decodeNeighbour, listNeighboursRequest, type Neighbour, type NeighbourFilter } from "./neighbour/neighbour.ts";
import { decodeNsid, getNsidRequest, listNsidsRequest } from "./nsid/nsid.ts";
import type { NetlinkRequest } from "./wire/framing.ts";
import { NetlinkRequests } from "./requests.ts";
import { decodeRoute, listRoutesRequest, type Route, type RouteFilter } from "./route/route.ts";
import { NetlinkSocket } from "./socket.ts";

/** Requests that go to the kernel together. Links are named by their index: a name would have to be asked for first. */
export class NetlinkBatch extends NetlinkRequests {
  /** The requests, in order. */
  readonly requests: NetlinkRequest[] = [];

  /** Takes a request into the batch. */
  protected override perform(request: NetlinkRequest): void {
    this.requests.push(request);
  }

  /** The index of a link, which must be named by it. */
  protected override indexOf(link: LinkRef): number {
    if ("index" in link) return link.index;
    throw new TypeError(`Cannot use the name ${link.name} in a batch: expected { index }, as getLink() gives it`);
  }
}

/**
 * A socket to the kernel's routing tables: links, addresses, neighbours, routes. It stays in the namespace in which it
 * was opened, wherever the thread goes: open one for each namespace and configure without switching.
 *
 * Close it, or declare it with `using`. Every call is synchronous. See netlink(7), rtnetlink(7).
 */
export class Netlink extends NetlinkRequests implements Disposable {
  readonly #socket: NetlinkSocket;

  private constructor(socket: NetlinkSocket) {
    super();
    this.#socket = socket;
  }

  /**
   * Opens a socket in the namespace in which the calling thread is.
   *
   * @throws {SyscallError} `EMFILE`: no descriptor left.
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

  /** Closes the socket. Twice is once. */
  close(): void {
    this.#socket.close();
  }

  /** As {@linkcode Netlink.close}, at the end of a `using` block. */
  [Symbol.dispose](): void {
    this.close();
  }

  /**
   * All links, in the order of their indexes.
   *
   * @throws {NetlinkError} The kernel refused it.
   */
  listLinks(): Link[] {
    return this.#socket.dump(LIST_LINKS).map(({ body }) => decodeLink(body))
      .sort((a, b) => a.index - b.index); // before 6.9 the kernel goes through a hash table
  }

  /**
   * One link.
   *
   * @throws {NetlinkError} `ENODEV`: there is none.
   */
  getLink(link: LinkRef): Link {
    const request = getLinkRequest(link);
    const [reply] = this.#socket.get(request);
    if (reply === undefined) throw new NetlinkError(request.label, constants.errno.ENODEV, "the kernel gave no answer");
    return decodeLink(reply.body);
  }

  /**
   * Addresses, of all links or as `filter` says.
   *
   * @throws {NetlinkError} `ENODEV`: there is no such link.
   */
  listAddresses(filter: AddressFilter = {}): Address[] {
    return this.#socket.dump(listAddressesRequest(filter)).flatMap(({ body }) => decodeAddress(body) ?? [])
      .filter(({ linkIndex }) => filter.linkIndex === undefined || linkIndex === filter.linkIndex);
  }

  /**
   * What is known of neighbours, of all links or as `filter` says.
   *
   * @throws {NetlinkError} The kernel refused it.
   */
  listNeighbours(filter: NeighbourFilter = {}): Neighbour[] {
    return this.#socket.dump(listNeighboursRequest(filter))
      .flatMap(({ body }) => decodeNeighbour(body) ?? [])
      .filter(({ linkIndex }) => filter.linkIndex === undefined || linkIndex === filter.linkIndex);
  }

  /**
   * Routes of all tables, or as `filter` says. A table that does not exist has none.
   *
   * @throws {NetlinkError} The kernel refused it.
   */
  listRoutes(filter: RouteFilter = {}): Route[] {
    try {
      return this.#socket.dump(listRoutesRequest(filter))
        .flatMap(({ body }) => decodeRoute(body) ?? [])
        // Before 4.20 the kernel filters by family alone.
        .filter(({ table, nextHops }) =>
          (filter.table === undefined || table === filter.table) &&
          (filter.linkIndex === undefined || nextHops.some(({ linkIndex }) => linkIndex === filter.linkIndex))
        );
    } catch (error) {
      if (error instanceof NetlinkError && error.code === "ENOENT" && filter.table !== undefined) return [];
      throw error;
    }
  }

  /**
   * The id that this socket's namespace has for another, as links name it.
   *
   * @returns The id, or nothing where there is none.
   * @throws {NetlinkError} It is no open namespace.
   */
  getNamespaceId(netns: { readonly fd: number }): number | undefined {
    const [reply] = this.#socket.get(getNsidRequest(netns));
    return reply === undefined ? undefined : decodeNsid(reply.body);
  }

  /**
   * The ids that this socket's namespace has for others.
   *
   * @throws {NetlinkError} The kernel refused it.
   */
  listNamespaceIds(): number[] {
    return this.#socket.dump(listNsidsRequest()).flatMap(({ body }) => decodeNsid(body) ?? []);
  }

  /**
   * Carries many requests out, in order, in as few sends as they fit in.
   *
   * @param fn Makes the requests; they are sent when it returns, and not at all if it throws.
   * @throws {NetlinkError} The first that the kernel refused. Those before and after it were carried out, but for
   * those that its `failures` name.
   */
  batch(fn: (batch: NetlinkBatch) => void): void {
    const results = this.tryBatch(fn);
    const failures = results.flatMap((error, index) => error === undefined ? [] : [{ index, error }]);
    const [first] = failures;
    if (first === undefined) return;
    const { request, errno, detail } = first.error;
    throw new NetlinkError(`${request} (request ${first.index + 1} of ${results.length})`, errno, detail, { failures });
  }

  /**
   * {@linkcode Netlink.batch}, for who wants to know how each request went.
   *
   * @returns The refusal of each request, at its place; `undefined` where it was carried out.
   * @throws {SyscallError} The socket itself failed.
   */
  tryBatch(fn: (batch: NetlinkBatch) => void): (NetlinkError | undefined)[] {
    const batch = new NetlinkBatch();
    fn(batch);
    return this.#socket.tryAll(batch.requests);
  }

  /**
   * Follows what changes in this socket's namespace, whoever changes it, from the first step of the loop on. It is
   * waited for on a thread of its own, which ends with the loop.
   *
   * Where a program reads too slowly, the kernel drops changes: that is told (`overrun`), and followed by everything
   * that there is. In Deno it needs `--allow-read` for the library, to start the thread.
   *
   * @throws {SyscallError} `EPERM`: no CAP_NET_ADMIN in the namespace. `EBADF`: this socket is closed.
   *
   * @example Wait for a link
   * ```ts ignore
   * for await (const event of netlink.events({ groups: ["links"] })) {
   *   if (event.kind === "link" && event.link.name === "eth0") break;
   * }
   * ```
   */
  events(options: NetlinkEventsOptions = {}): AsyncGenerator<NetlinkEvent, void, undefined> {
    return followEvents({
      openNamespace: () => this.#socket.openNamespace(),
      listAll: (groups) => this.#listAll(groups),
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
  }

  /** Carries a request out. */
  protected override perform(request: NetlinkRequest): void {
    this.#socket.execute(request);
  }

  /** The index of a link; its name is asked for. */
  protected override indexOf(link: LinkRef): number {
    return "index" in link ? link.index : this.getLink(link).index;
  }
}
