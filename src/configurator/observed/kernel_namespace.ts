/** A namespace that is open: what is in it is read over a netlink socket of its own. */
import { AF_INET, AF_INET6 } from "../../../ffi/mod.ts";
import { NEIGHBOUR_STATES } from "../../netlink/constants/neighbour.ts";
import type { Link } from "../../netlink/link/link.ts";
import type { Netlink } from "../../netlink/netlink.ts";
import { ROUTE_SCOPES } from "../../netlink/constants/route.ts";
import type { Route } from "../../netlink/route/route.ts";
import { type NsHandle, openNetlinks } from "../../netns/handle.ts";
import type {
  ObservedAddress,
  ObservedLink,
  ObservedNamespace,
  ObservedNeighbour,
  ObservedRoute,
} from "./observed_namespace.ts";

/** RTPROT_KERNEL of linux/rtnetlink.h. */
const RTPROT_KERNEL = 2;
/** IFA_F_SECONDARY of linux/if_addr.h. */
const IFA_F_SECONDARY = 0x01;
/** The kernel's numbers for the IP versions. */
const AF = { 4: AF_INET, 6: AF_INET6 } as const;
/** The index that the loopback link has in each namespace. */
const LOOPBACK = 1;

/** A namespace that can be worked in. */
export class KernelNamespace implements ObservedNamespace, Disposable {
  /** As {@linkcode ObservedNamespace.label}. */
  readonly label: string;
  /** As {@linkcode ObservedNamespace.name}. */
  readonly name: string | undefined;
  /** As {@linkcode ObservedNamespace.stale}. */
  readonly stale: boolean;
  #handle: NsHandle | undefined;
  #netlink: Netlink | undefined;
  #links: readonly ObservedLink[] | undefined;
  #addresses: readonly ObservedAddress[] | undefined;
  // Each made when something is first kept in it: of most namespaces only the links are looked at.
  #routes: Map<string, readonly ObservedRoute[]> | undefined;
  #neighbours: Map<number, readonly ObservedNeighbour[]> | undefined;
  #ids: Map<ObservedNamespace, number | undefined> | undefined;
  #nextIndex = 0;

  /**
   * A namespace behind `handle`, which is then the namespace's own; without it, one that will be made, and of whose name a
   * `stale` file may lie there.
   */
  constructor(label: string, name?: string, handle?: NsHandle, stale: boolean = false) {
    this.stale = stale;
    this.label = label;
    this.name = name;
    this.#handle = handle;
  }

  /** As {@linkcode ObservedNamespace.exists}. */
  get exists(): boolean {
    return this.#handle !== undefined;
  }

  /**
   * The open namespace.
   *
   * @throws {Error} It was not made.
   */
  get handle(): NsHandle {
    if (this.#handle === undefined) throw new Error(`The namespace ${this.label} was not made`);
    return this.#handle;
  }

  /** The socket in the namespace, opened at the first use. */
  get netlink(): Netlink {
    return this.#netlink ??= this.handle.netlink();
  }

  /** The sockets of all `namespaces` that exist and have none yet, opened on one round. */
  static connect(namespaces: Iterable<KernelNamespace>): void {
    const waiting = [...namespaces].filter((namespace) => namespace.exists && namespace.#netlink === undefined);
    const netlinks = openNetlinks(waiting.map(({ handle }) => handle));
    waiting.forEach((namespace, index) => namespace.#netlink = netlinks[index]);
  }

  /** The namespace was made: `handle` is the namespace's own from now on. Its loopback link is set up. */
  made(handle: NsHandle): void {
    this.#handle = handle;
    this.forget();
    this.netlink.setLink({ index: LOOPBACK }, { up: true });
  }

  /** It was not made after all. */
  lost(): void {
    this.#netlink?.close();
    this.#netlink = undefined;
    this.#handle = undefined;
  }

  /** Forgets what was read: the next question is the kernel's to answer. */
  forget(): void {
    this.forgetLinks();
    this.#addresses = undefined;
    this.#routes = undefined;
    this.#neighbours = undefined;
    this.#ids = undefined;
  }

  /** An index that no link has here, so far as is known. */
  takeIndex(): number {
    if (this.#nextIndex === 0) this.#nextIndex = Math.max(LOOPBACK, ...this.links().map(({ index }) => index));
    return ++this.#nextIndex;
  }

  /** Forgets which links there are: somebody else has taken an index that {@linkcode takeIndex} gave. */
  forgetLinks(): void {
    this.#links = undefined;
    this.#nextIndex = 0;
  }

  /** As {@linkcode ObservedNamespace.links}. */
  links(): readonly ObservedLink[] {
    if (!this.exists) return [];
    return this.#links ??= this.netlink.listLinks().map(linkOf);
  }

  /** As {@linkcode ObservedNamespace.addresses}. */
  addresses(): readonly ObservedAddress[] {
    if (!this.exists) return [];
    return this.#addresses ??= this.netlink.listAddresses().map(({ linkIndex, cidr, flags }) => ({
      index: linkIndex,
      text: cidr,
      // For IPv6 the same bit means that it is temporary, and nothing else goes with it.
      secondary: (flags & IFA_F_SECONDARY) !== 0 && !cidr.includes(":"),
    }));
  }

  /** As {@linkcode ObservedNamespace.routes}. Only what is asked for is read: the kernel keeps several routes for each address. */
  routes(family: 4 | 6, table: number): readonly ObservedRoute[] {
    if (this.#isBare) return [];
    const key = `${family} ${table}`;
    this.#routes ??= new Map();
    const known = this.#routes.get(key) ?? this.netlink.listRoutes({ family: AF[family], table }).map(routeOf);
    this.#routes.set(key, known);
    return known;
  }

  /** As {@linkcode ObservedNamespace.neighbours}. */
  neighbours(family: 4 | 6): readonly ObservedNeighbour[] {
    if (this.#isBare) return [];
    this.#neighbours ??= new Map();
    const known = this.#neighbours.get(family) ??
      this.netlink.listNeighbours({ family: AF[family] }).filter(({ proxy }) => !proxy).map((one) => ({
        index: one.linkIndex,
        ip: one.ip,
        address: one.address,
        state: typeof one.state === "number" ? one.state : NEIGHBOUR_STATES[one.state],
      }));
    this.#neighbours.set(family, known);
    return known;
  }

  /** As {@linkcode ObservedNamespace.namespaceId}. */
  namespaceId(other: ObservedNamespace): number | undefined {
    this.#ids ??= new Map();
    if (!this.#ids.has(other)) {
      const id = other instanceof KernelNamespace && other.exists
        ? this.netlink.getNamespaceId(other.handle)
        : undefined;
      this.#ids.set(other, id);
    }
    return this.#ids.get(other);
  }

  /** A namespace as it is born has no routes and neighbours that a file could mean: not worth two questions. */
  get #isBare(): boolean {
    return this.links().length <= 1;
  }

  /** Closes the socket and the handle. */
  [Symbol.dispose](): void {
    this.#netlink?.close();
    this.#handle?.close();
  }
}

/** The open namespace that `namespace` is. Only those are handed to what carries a plan out. */
export function opened(namespace: ObservedNamespace): KernelNamespace {
  if (namespace instanceof KernelNamespace) return namespace;
  throw new TypeError(`Cannot work in ${namespace.label}: expected an open namespace`);
}

function linkOf({ index, name, kind, up, carrier, mtu, address, peerIndex, linkNetnsid }: Link): ObservedLink {
  return { index, name, kind, up, carrier, mtu, address, peerIndex, peerNamespaceId: linkNetnsid };
}

function routeOf(
  { dst, table, metric = 0, nextHops, preferredSource, scope, type, protocol, tos, src }: Route,
): ObservedRoute {
  const [hop, ...others] = nextHops;
  return {
    destination: dst,
    table,
    metric,
    gateway: hop?.gateway,
    index: hop?.linkIndex,
    source: preferredSource,
    scope: typeof scope === "number" ? scope : ROUTE_SCOPES[scope],
    plain: type === "unicast" && hop !== undefined && others.length === 0 && tos === 0 && src === undefined,
    kernel: protocol === RTPROT_KERNEL,
  };
}
