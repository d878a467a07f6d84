/**
 * Moves a link to another namespace with what is on it. The kernel sets a link down to move it, and takes its
 * addresses, routes and neighbours away: what was there is read before, and put back behind the move.
 */
import { AF_INET6 } from "../../ffi/mod.ts";
import { NetlinkError, reasonOf } from "../errors.ts";
import type { Address, AddressOptions } from "../netlink/address/types.ts";
import { RT_TABLE_LOCAL, RTPROT_KERNEL, RTPROT_RA, RTPROT_REDIRECT } from "../netlink/constants/route.ts";
import type { LinkRef } from "../netlink/link/ref.ts";
import type { Link } from "../netlink/link/types.ts";
import type { Neighbour } from "../netlink/neighbour/types.ts";
import type { Netlink } from "../netlink/netlink.ts";
import type { Route, RouteSpec } from "../netlink/route/types.ts";

/** A namespace between which links are moved. */
export interface MovePlace {
  /** The open namespace. */
  readonly netns: { readonly fd: number };
  /** A socket in it; it stays the caller's. */
  readonly netlink: Netlink;
}

/** What a link has that a move takes away. */
interface Belongings {
  readonly link: Link;
  readonly addresses: readonly Address[];
  readonly routes: readonly Route[];
  readonly neighbours: readonly Neighbour[];
}

/** Who made the routes that the kernel and the network make again. */
const MADE_BY_THE_NETWORK: ReadonlySet<number> = new Set([RTPROT_REDIRECT, RTPROT_KERNEL, RTPROT_RA]);

/**
 * Moves a link, and puts back what the move takes: whether it is up, addresses, routes, permanent neighbours. MTU,
 * link-layer address and queue go along by themselves. If something cannot be put back, the link is brought back to
 * where it was with what it had. Not put back are routes with several next hops, for packets of one source or type of
 * service, or made by advertisements and redirects, and the master (bridge, VRF), which is in the first namespace.
 * Needs CAP_NET_ADMIN in both.
 *
 * @param link The link, in `from`.
 * @param name What it is called from then on; without it the name stays.
 * @returns Its index in `to`.
 * @throws {NetlinkError} `EEXIST`: a link of the name is in `to`. `EINVAL`: the link cannot be moved, as loopback. What
 * cannot be put back. The link is where it was.
 * @throws {AggregateError} It could neither be moved whole nor brought back whole; each error says what went wrong.
 */
export function moveLink(link: LinkRef, from: MovePlace, to: MovePlace, name?: string): number {
  const had = belongingsOf(link, from.netlink);
  const { index } = had.link;
  from.netlink.setLink({ index }, { netns: to.netns, ...name === undefined ? {} : { name } });
  const called = { name: name ?? had.link.name };
  try {
    return putBack(had, called, to.netlink);
  } catch (error) {
    try {
      to.netlink.setLink({ index: to.netlink.getLink(called).index }, { netns: from.netns, name: had.link.name });
      putBack(had, { name: had.link.name }, from.netlink);
    } catch (second) {
      throw new AggregateError([error, second], `${reasonOf(error)}; and on the way back: ${reasonOf(second)}`);
    }
    throw error;
  }
}

function belongingsOf(ref: LinkRef, netlink: Netlink): Belongings {
  const link = netlink.getLink(ref);
  const linkIndex = link.index;
  return {
    link,
    addresses: netlink.listAddresses({ linkIndex }),
    routes: link.up ? netlink.listRoutes({ linkIndex }).filter(isKept) : [],
    neighbours: link.up ? netlink.listNeighbours({ linkIndex }).filter(isPermanent) : [],
  };
}

const isKept = ({ protocol, table, nextHops, tos, src }: Route): boolean => (
  !MADE_BY_THE_NETWORK.has(protocol) && table !== RT_TABLE_LOCAL && nextHops.length === 1 && tos === 0 &&
  src === undefined
);

const isPermanent = ({ state, proxy }: Neighbour): boolean => state === "permanent" && !proxy;

/** Gives a link that was moved what it had. */
function putBack({ link, addresses, routes, neighbours }: Belongings, called: LinkRef, netlink: Netlink): number {
  const { index } = netlink.getLink(called);
  const failures = netlink.tryBatch((batch) => {
    for (const address of addresses) batch.addAddress({ index }, address.cidr, optionsOf(address));
    if (link.up) batch.setLink({ index }, { up: true });
    // Gateways are reached by the routes that have none.
    const direct = ({ nextHops: [hop] }: Route): number => hop?.gateway === undefined ? 0 : 1;
    for (const route of [...routes].sort((a, b) => direct(a) - direct(b))) batch.addRoute(specOf(route, index));
    for (const { ip, address } of neighbours) batch.setNeighbour({ linkIndex: index, ip, address });
  });
  // The kernel makes some of it by itself.
  const failure = failures.find((error) => error instanceof NetlinkError && error.code !== "EEXIST");
  if (failure !== undefined) throw failure;
  return index;
}

function optionsOf({ family, peer, broadcast, scope, preferredLifetime, validLifetime }: Address): AddressOptions {
  return { noDad: family === AF_INET6, peer, broadcast, scope, preferredLifetime, validLifetime };
}

function specOf({ nextHops: [hop], scope, type, ...route }: Route, linkIndex: number): RouteSpec {
  return {
    ...route,
    // What has no name is not known to this library, and left to the kernel.
    scope: typeof scope === "number" ? undefined : scope,
    type: typeof type === "number" ? undefined : type,
    linkIndex,
    gateway: hop?.gateway,
    onLink: hop?.onLink,
  };
}
