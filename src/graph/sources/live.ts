/** The picture of what is really there. */
import { isErrno, NetlinkError, type SyscallError } from "../../errors.ts";
import { isLinkLocal6 } from "../../ip/arithmetic.ts";
import type { Address } from "../../netlink/address/address.ts";
import { RT_TABLE_MAIN, RTPROT_KERNEL } from "../../netlink/constants/route.ts";
import type { Link } from "../../netlink/link/link.ts";
import { Netlink } from "../../netlink/netlink.ts";
import type { Neighbour } from "../../netlink/neighbour/neighbour.ts";
import type { Route } from "../../netlink/route/route.ts";
import type { NsHandler } from "../../ns_handler.ts";
import { findNamespaces, type Found } from "./discover.ts";
import { joinLinks, LiveSpace } from "./peers.ts";
import { DEFAULT_NAMESPACE, type DrawnLink, type DrawnNamespace, type DrawnRoute, type Picture } from "../picture.ts";

/** What was seen, and what was not. */
export interface LivePicture {
  /** The picture. */
  readonly picture: Picture;
  /** What could not be looked at, a line for each. */
  readonly warnings: readonly string[];
}

/** The addresses that a loopback link has by itself. */
const LOOPBACK_ADDRESSES: ReadonlySet<string> = new Set(["127.0.0.1/8", "::1/128"]);

/**
 * Draws every namespace that can be found: the default one, the named ones, those of containers that `handler` knows,
 * those that are mounted on other files, and those in which only processes are. What this process may not look into is
 * drawn as such. Needs CAP_SYS_ADMIN to see other namespaces than the default one, and CAP_SYS_PTRACE to find those of
 * other users' processes.
 *
 * @throws {SyscallError} `/proc` cannot be read, or no descriptor is left (`EMFILE`).
 */
export function pictureOfSystem(handler: NsHandler): LivePicture {
  using findings = findNamespaces(handler);
  const seen = findings.namespaces.map(look);
  const joined = joinLinks(seen.map(({ space }) => space));
  const refused = new Map<string, string[]>();
  for (const { space, refusal } of seen) {
    if (refusal === undefined) continue;
    refused.set(refusal.message, [...refused.get(refusal.message) ?? [], space.found.name]);
  }
  return {
    picture: {
      namespaces: seen.map((one) => namespaceOf(one, joined.notes.get(one.space) ?? new Map())),
      edges: joined.edges,
    },
    warnings: [
      ...findings.warnings,
      ...[...refused].map(([reason, names]) => `${names.join(", ")} cannot be looked into: ${reason}`),
    ],
  };
}

/** What is in a namespace, or why it cannot be looked into. */
interface Seen {
  readonly space: LiveSpace;
  readonly addresses: readonly Address[];
  readonly routes: readonly Route[];
  readonly neighbours: readonly Neighbour[];
  readonly refusal?: NetlinkError | SyscallError;
}

function look(found: Found): Seen {
  try {
    using netlink = openNetlink(found);
    return {
      space: new LiveSpace(found, netlink.listLinks(), () => openNetlink(found)),
      addresses: netlink.listAddresses(),
      routes: netlink.listRoutes({ table: RT_TABLE_MAIN }).filter(({ protocol }) => protocol !== RTPROT_KERNEL),
      neighbours: netlink.listNeighbours().filter(({ state, proxy }) => state === "permanent" && !proxy),
    };
  } catch (error) {
    if (!(error instanceof NetlinkError) && !(isErrno(error, "EPERM"))) throw error;
    const space = new LiveSpace(found, [], () => openNetlink(found));
    return { space, addresses: [], routes: [], neighbours: [], refusal: error };
  }
}

/** At home no switch is needed, which takes a capability. */
function openNetlink({ name, handle }: Found): Netlink {
  return name === DEFAULT_NAMESPACE ? Netlink.open() : handle.netlink();
}

function namespaceOf(
  { space: { found, links }, addresses, routes, neighbours, refusal }: Seen,
  notes: ReadonlyMap<number, string>,
): DrawnNamespace {
  const names = new Map(links.map(({ index, name }) => [index, name]));
  const nameOf = (index: number): string => names.get(index) ?? `link ${index}`;
  const { name, aliases, containers, processes } = found;
  return {
    name,
    aliases,
    containers,
    processes,
    links: links.map((link) => linkOf(link, addresses, nameOf, notes.get(link.index)))
      .filter((link, at) => !links[at]?.loopback || link.addresses.some((one) => !LOOPBACK_ADDRESSES.has(one))),
    routes: routes.flatMap((route) => routesOf(route, nameOf)),
    neighbours: neighbours.map(({ ip, address, linkIndex }) => (
      { ip, ...address === undefined ? {} : { address }, link: nameOf(linkIndex) }
    )),
    // What to do about it is said once, in the warning.
    ...refusal === undefined ? {} : { unseen: refusal.reason },
  };
}

function linkOf(
  link: Link,
  addresses: readonly Address[],
  nameOf: (index: number) => string,
  note: string | undefined,
): DrawnLink {
  const { index, name, up, lowerUp, mtu, master, kind, peerIndex, linkNetnsid } = link;
  const isOnLink = peerIndex !== undefined && linkNetnsid === undefined && kind !== "veth" && peerIndex !== index;
  return {
    name,
    ...kindOf(link),
    state: !up ? "down" : lowerUp ? "up" : "no carrier",
    mtu,
    addresses: addresses.filter(({ linkIndex, cidr }) => linkIndex === index && !isLinkLocal6(cidr))
      .map(({ cidr }) => cidr),
    ...master === undefined ? {} : { master: nameOf(master) },
    ...isOnLink ? { on: nameOf(peerIndex) } : {},
    ...note === undefined ? {} : { note },
  };
}

function kindOf({ kind, data }: Link): Pick<DrawnLink, "kind" | "vlan"> {
  if (kind === undefined) return {};
  if (data?.kind === "vlan") return { kind, ...data.id === undefined ? {} : { vlan: data.id } };
  return { kind: data?.kind === "tun" ? data.mode ?? kind : kind };
}

/** A route, for each router that it goes by. */
function routesOf({ dst, type, nextHops }: Route, nameOf: (index: number) => string): DrawnRoute[] {
  const own = { destination: dst, ...type === "unicast" ? {} : { type: `${type}` } };
  if (type !== "unicast" || nextHops.length === 0) return [own];
  return nextHops.map(({ gateway, linkIndex }) => (
    { ...own, ...gateway === undefined ? {} : { gateway }, link: nameOf(linkIndex) }
  ));
}
