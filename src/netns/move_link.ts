/**
 * Moves a link to another namespace with its configuration. The kernel sets a link down to move it, and removes its
 * addresses, routes and neighbours: they are read before the move and restored after it.
 */
import { constants } from "node:os";
import { AF_INET6 } from "../../ffi/mod.ts";
import { NetlinkError, reasonOf } from "../errors.ts";
import type { Address, AddressOptions } from "../netlink/address/types.ts";
import { RT_TABLE_LOCAL, RTPROT_KERNEL, RTPROT_RA, RTPROT_REDIRECT } from "../netlink/constants/route.ts";
import type { LinkRef } from "../netlink/link/ref.ts";
import type { Link } from "../netlink/link/types.ts";
import type { Neighbour } from "../netlink/neighbour/types.ts";
import type { Netlink } from "../netlink/netlink.ts";
import type { Route, RouteSpec } from "../netlink/route/types.ts";

/** One of the two namespaces of a move. */
export interface MoveEnd {
  /** The open namespace. */
  readonly netns: { readonly fd: number };
  /** A socket in it, which the caller closes. */
  readonly netlink: Netlink;
}

/** A link with what a move removes from it. */
interface LinkConfiguration {
  readonly link: Link;
  readonly addresses: readonly Address[];
  readonly routes: readonly Route[];
  readonly neighbours: readonly Neighbour[];
}

/** Who makes the routes that come back by themselves. */
const MADE_BY_THE_NETWORK: ReadonlySet<number> = new Set([RTPROT_REDIRECT, RTPROT_KERNEL, RTPROT_RA]);

/** A link, so that it is found and named again. */
type NamedLink = Pick<Link, "index" | "name">;

/**
 * Moves a link and restores what the move removes: whether it is up, its addresses, routes and permanent neighbours. The
 * kernel moves MTU, link-layer address and queue itself. If something cannot be restored, the link goes back to where it
 * was, with what it had.
 *
 * It does not restore routes with several next hops, with a source or a type of service, or made by advertisements and
 * redirects, nor the master (bridge, VRF), which stays in the first namespace. Needs CAP_NET_ADMIN in both.
 *
 * @param link The link, in `from`.
 * @param name Its new name; without it the name stays.
 * @param newIndex Its index in `to`, if that is free, from Linux 5.12 on; without it the kernel chooses.
 * @returns Its index in `to`.
 * @throws {NetlinkError} `EEXIST`: `to` has a link of the name. `EINVAL`: the link cannot be moved, as loopback. Or what
 * cannot be restored. The link is where it was.
 * @throws {AggregateError} Neither the move nor the way back succeeded; each error says what failed.
 */
export function moveLink(link: LinkRef, from: MoveEnd, to: MoveEnd, name?: string, newIndex?: number): number {
  const before = configurationOf(link, from.netlink);
  const there = { name: name ?? before.link.name };
  try {
    sendLink(before.link, from, to, there.name, newIndex);
  } catch (error) {
    // Where the link came back, it came without what it had.
    throw afterUndo(error, () => restore(before, { index: before.link.index }, from.netlink));
  }
  try {
    return restore(before, there, to.netlink);
  } catch (error) {
    throw afterUndo(error, () => {
      const { index } = to.netlink.getLink(there);
      sendLink({ index, name: there.name }, to, from, before.link.name, before.link.index);
      restore(before, { name: before.link.name }, from.netlink);
    });
  }
}

/**
 * Moves a link without what it has: it arrives down, with neither addresses nor routes. The kernel moves a link first and
 * names it then, so a new name that is taken there would leave it half-way, in the other namespace under its old name.
 *
 * @param name Its name in `to`.
 * @param newIndex Its index in `to`, if that is free, from Linux 5.12 on; without it the kernel chooses.
 * @throws {NetlinkError} `EEXIST`: `to` has a link of the name. `EINVAL`: the link cannot be moved, as loopback. The link
 * is in `from` under its name and number; only if another link took the name meanwhile, it has lost what it had.
 * @throws {AggregateError} Neither the move nor the way back succeeded; each error says what failed.
 */
export function sendLink(link: NamedLink, from: MoveEnd, to: MoveEnd, name: string, newIndex?: number): void {
  if (name !== link.name && hasLink(to.netlink, { name })) {
    const remedy = "choose another name, or delete the link that has it";
    throw new NetlinkError(`RTM_NEWLINK ${name}`, constants.errno.EEXIST, undefined, { remedy });
  }
  try {
    change(link, from, to, name, newIndex);
  } catch (error) {
    if (hasLink(from.netlink, { index: link.index })) throw error;
    throw afterUndo(error, () => change(to.netlink.getLink({ name: link.name }), to, from, link.name, link.index));
  }
}

/** Sends the request; without the index, if somebody else has that. */
function change({ index }: NamedLink, from: MoveEnd, to: MoveEnd, name: string, newIndex?: number): void {
  const { netns } = to;
  try {
    from.netlink.setLink({ index }, newIndex === undefined ? { netns, name } : { netns, name, newIndex });
  } catch (error) {
    if (newIndex === undefined || !(error instanceof NetlinkError && error.code === "EBUSY")) throw error;
    from.netlink.setLink({ index }, { netns, name });
  }
}

/** The error of a step, when what was done of the step is undone; or both errors, if that fails. */
function afterUndo(error: unknown, undo: () => void): unknown {
  try {
    undo();
    return error;
  } catch (second) {
    return new AggregateError(
      [error, second],
      `${reasonOf(error)}; and the link could not go back: ${reasonOf(second)}`,
    );
  }
}

function hasLink(netlink: Netlink, ref: LinkRef): boolean {
  try {
    netlink.getLink(ref);
    return true;
  } catch (error) {
    if (error instanceof NetlinkError && error.code === "ENODEV") return false;
    throw error;
  }
}

function configurationOf(ref: LinkRef, netlink: Netlink): LinkConfiguration {
  const link = netlink.getLink(ref);
  const linkIndex = link.index;
  return {
    link,
    addresses: netlink.listAddresses({ linkIndex }),
    routes: link.up ? netlink.listRoutes({ linkIndex }).filter(isKept) : [],
    neighbours: link.up ? netlink.listNeighbours({ linkIndex }).filter(isPermanent) : [],
  };
}

const isKept = ({ protocol, table, nextHops, tos, src, nextHopId }: Route): boolean => (
  !MADE_BY_THE_NETWORK.has(protocol) && table !== RT_TABLE_LOCAL && nextHops.length === 1 && tos === 0 &&
  src === undefined && nextHopId === undefined
);

const isPermanent = ({ state, proxy }: Neighbour): boolean => state === "permanent" && !proxy;

/** Gives a moved link its configuration, and returns its index. */
function restore({ link, addresses, routes, neighbours }: LinkConfiguration, ref: LinkRef, netlink: Netlink): number {
  const { index } = netlink.getLink(ref);
  const failures = netlink.tryBatch((batch) => {
    // The kernel puts an address of IPv6 before those that the link has already.
    const isIpv6 = ({ family }: Address): boolean => family === AF_INET6;
    const ordered = [...addresses.filter((one) => !isIpv6(one)), ...addresses.filter(isIpv6).reverse()];
    for (const address of ordered) batch.addAddress({ index }, address.cidr, optionsOf(address));
    if (link.up) batch.setLink({ index }, { up: true });
    // Routes without a gateway come first: gateways are reached by them.
    const direct = ({ nextHops: [hop] }: Route): number => hop?.gateway === undefined ? 0 : 1;
    for (const route of [...routes].sort((a, b) => direct(a) - direct(b))) batch.addRoute(specOf(route, index));
    for (const { ip, address } of neighbours) batch.setNeighbour({ linkIndex: index, ip, address });
  });
  // EEXIST: the kernel made some of it again.
  const failure = failures.find((error) => error instanceof NetlinkError && error.code !== "EEXIST");
  if (failure !== undefined) throw failure;
  return index;
}

function optionsOf(address: Address): AddressOptions {
  const { family, peer, broadcast, scope, preferredLifetime, validLifetime, noPrefixRoute, metric, protocol } = address;
  return {
    noDad: family === AF_INET6,
    peer,
    broadcast,
    scope,
    preferredLifetime,
    validLifetime,
    noPrefixRoute,
    metric,
    protocol,
  };
}

function specOf({ nextHops: [hop], scope, type, ...route }: Route, linkIndex: number): RouteSpec {
  return {
    ...route,
    // A number is a value that this library does not know: the kernel chooses.
    scope: typeof scope === "number" ? undefined : scope,
    type: typeof type === "number" ? undefined : type,
    linkIndex,
    gateway: hop?.gateway,
    onLink: hop?.onLink,
  };
}
