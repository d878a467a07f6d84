/** A namespace as the planner sees it: what is in it, read when it is first asked for. */
import type { ForwardingEntry } from "../../netlink/bridge/forwarding.ts";
import type { BridgeVlan } from "../../netlink/bridge/vlans.ts";
import type { BridgePort } from "../../netlink/link/bridge_ports.ts";
import type { LinkKind } from "../../netlink/link/kinds/link_spec.ts";
import type { NeighbourState } from "../../netlink/constants/neighbour.ts";
import type { RoutePreference, RouteScope, RouteType } from "../../netlink/constants/route.ts";
import type { RouteMetrics } from "../../netlink/route/metrics.ts";
import type { WireguardDevice } from "../../netlink/wireguard/types.ts";
import type { Rule } from "../../netlink/rule/types.ts";
import type { NftObject } from "../../netlink/nftables/types.ts";
import type { Qdisc } from "../../netlink/tc/qdisc/types.ts";
import type { Indexes } from "./indexes.ts";
import type { LinkExtras } from "./link_extras.ts";

/** A link that exists. */
export interface ObservedLink {
  /** Its number in its namespace. */
  readonly index: number;
  /** Its name. */
  readonly name: string;
  /** `"veth"`, `"tun"`, `"dummy"`; hardware has none. */
  readonly kind?: string | undefined;
  /** True if it is set up (IFF_UP). */
  readonly up: boolean;
  /** True if what is below it carries packets: of a pair, if both ends are up (IFLA_CARRIER). */
  readonly carrier: boolean;
  /** False if neighbours are not asked for on it (IFF_NOARP). */
  readonly arp: boolean;
  /** Its largest packet, in bytes. */
  readonly mtu: number;
  /** Its hardware address, in lower case; of a port of a bond its own one, not that of the bond. */
  readonly address?: string | undefined;
  /** Further names: no other link of the namespace can have one of these either. */
  readonly altNames?: readonly string[] | undefined;
  /** The index of the bridge, bond or VRF that it is a port of. */
  readonly master?: number | undefined;
  /** The index of the other end of a pair, in the namespace where that is (IFLA_LINK). */
  readonly peerIndex?: number | undefined;
  /** The id of that namespace in this one; absent if it is the same (IFLA_LINK_NETNSID). */
  readonly peerNamespaceId?: number | undefined;
  /** What is particular to its kind. */
  readonly data?: LinkKind | undefined;
  /** What it is as a port of its bridge. */
  readonly port?: BridgePort | undefined;
  /** Its alias. */
  readonly alias?: string | undefined;
  /** The length of its transmit queue, in packets. */
  readonly txQueueLength?: number | undefined;
  /** How many queues it has for what goes out. */
  readonly txQueues?: number | undefined;
  /** How many queues it has for what comes in. */
  readonly rxQueues?: number | undefined;
}

/** What an address was given beside itself. */
export interface ObservedAddressOptions {
  /** The broadcast address. */
  readonly broadcast?: string | undefined;
  /** How far it is valid, RT_SCOPE_…. */
  readonly scope?: number | undefined;
  /** The name that old tools show, of IPv4 addresses. */
  readonly label?: string | undefined;
  /** True if the kernel makes no route to its network. */
  readonly noPrefixRoute?: boolean | undefined;
  /** IPv6: true if it was added without duplicate address detection. */
  readonly noDad?: boolean | undefined;
  /** IPv6: true of the home address of a mobile host. */
  readonly home?: boolean | undefined;
  /** IPv6: true if the kernel makes temporary addresses of its network. */
  readonly managedTemporaries?: boolean | undefined;
  /** The metric of the route to its network, where it was given one. */
  readonly metric?: number | undefined;
  /** How long it is preferred, in seconds; absent: for ever. */
  readonly preferredLifetime?: number | undefined;
  /** How long it is valid, in seconds; absent: for ever. */
  readonly validLifetime?: number | undefined;
  /** Who made it, IFAPROT_…. */
  readonly protocol?: number | undefined;
}

/** An address of a link. */
export interface ObservedAddress {
  /** The link. */
  readonly index: number;
  /** Canonical text with the prefix. */
  readonly text: string;
  /** The other end of a point-to-point link. */
  readonly peer?: string | undefined;
  /** What else it was given. */
  readonly options?: ObservedAddressOptions | undefined;
  /** True for one that the kernel takes away with the first address of its network (IFA_F_SECONDARY, IPv4). */
  readonly secondary: boolean;
  /** True for one that the kernel made of what a router advertises, and makes again; nobody gave it to the link. */
  readonly advertised?: boolean;
}

/** A next hop of a route. */
export interface ObservedHop {
  /** The router. */
  readonly gateway?: string | undefined;
  /** The link. */
  readonly index?: number | undefined;
  /** Its share of the packets, from 1. */
  readonly weight: number;
}

/** What a route was given that no file describes: it stays as it is, and comes back with the route. */
export interface ObservedRouteOptions {
  /** Its metrics: `advmss`, `hoplimit`, `lock`. */
  readonly metrics?: RouteMetrics | undefined;
  /** Its realm, of IPv4. */
  readonly realm?: number | undefined;
  /** How its router is preferred, of IPv6. */
  readonly preference?: RoutePreference | number | undefined;
  /** The nexthop object that it goes by. See ip-nexthop(8). */
  readonly nextHopId?: number | undefined;
  /** The type of service that it is for. */
  readonly tos?: number | undefined;
  /** The network of the sources that it is for, of IPv6. */
  readonly src?: string | undefined;
}

/** A route. */
export interface ObservedRoute {
  /** Canonical text with the prefix, also for the default route. */
  readonly destination: string;
  /** The routing table. */
  readonly table: number;
  /** The metric, as the kernel has it. */
  readonly metric: number;
  /** The next router; of several next hops the first. */
  readonly gateway?: string | undefined;
  /** The link it leaves by; of several next hops the first. */
  readonly index?: number | undefined;
  /** The preferred source. */
  readonly source?: string | undefined;
  /** How far away the destination is; a number that has no name stays a number. */
  readonly scope: RouteScope | number;
  /** True if the gateway is taken to be on the link. */
  readonly onLink?: boolean | undefined;
  /** What it does with a packet; a number that has no name stays a number. */
  readonly type: RouteType | number;
  /** Who made it, RTPROT_…. */
  readonly protocol: number;
  /** The largest packet on the way, in bytes, where it was set. */
  readonly mtu?: number | undefined;
  /** What else it was given. */
  readonly options?: ObservedRouteOptions | undefined;
  /** True if it puts packets into others (lwtunnel): it cannot be made again. */
  readonly isEncapsulating?: boolean | undefined;
  /** Every next hop; none of a route that drops packets. */
  readonly hops: readonly ObservedHop[];
  /** True for a unicast route with one next hop, of which everything is known here. */
  readonly plain: boolean;
  /** True if everything of it is known here, whatever its type and its next hops. */
  readonly whole: boolean;
  /**
   * True if destination, table and metric identify it: it is not for packets of one source or type of
   * service alone.
   */
  readonly keyed: boolean;
}

/** A neighbour. */
export interface ObservedNeighbour {
  /** The link. */
  readonly index: number;
  /** Canonical text. */
  readonly ip: string;
  /** Its hardware address, in lower case, if it is known. */
  readonly address?: string | undefined;
  /** What the kernel knows of it; a combination of states that has no name stays a number. */
  readonly state: NeighbourState | number;
  /** Who made it, RTPROT_…; absent: nobody said. */
  readonly protocol?: number | undefined;
  /** What somebody said of it, and no traffic: NTF_ROUTER, NTF_EXT_LEARNED. @default {0} */
  readonly flags?: number | undefined;
}

/** A namespace. Two of them are the same namespace exactly if they are the same object. */
export interface ObservedNamespace {
  /** The namespace for people: `"blue"`, `"MICROSERVICE:web"`, `"the default namespace"`. */
  readonly label: string;
  /** How it was first named, as `namespaceToString` writes it: `"blue"`, `"PID:0"`. */
  readonly reference: string;
  /** Its name, if it was named by that. */
  readonly name?: string | undefined;
  /** False for a named namespace that will be made. */
  readonly exists: boolean;
  /** The kernel's number for it (SO_NETNS_COOKIE) in decimal; absent until it is made. */
  readonly cookie?: string | undefined;
  /** The number of its inode on nsfs in decimal; absent until it is made. */
  readonly inode?: string | undefined;
  /** True if it does not exist, and a crash left a file of its name. */
  readonly stale?: boolean | undefined;
  /** Why it cannot be given its name: what stands there, and what to do. */
  readonly obstacle?: string | undefined;
  /** What finds things in its lists. */
  readonly indexes: Indexes;
  /** All links. */
  links(): readonly ObservedLink[];
  /** All addresses. */
  addresses(): readonly ObservedAddress[];
  /** The addresses of the link with this index. */
  addressesOf(index: number): readonly ObservedAddress[];
  /** The routes of one IP version and one table. */
  routes(family: 4 | 6, table: number): readonly ObservedRoute[];
  /** The routes of all tables that leave by the link with this index. */
  routesOf(index: number): readonly ObservedRoute[];
  /** The routes of one IP version in all tables. */
  allRoutes(family: 4 | 6): readonly ObservedRoute[];
  /** The neighbours of one IP version. */
  neighbours(family: 4 | 6): readonly ObservedNeighbour[];
  /** The rules of one IP version. */
  rules(family: 4 | 6): readonly Rule[];
  /** The values of sysctls, without those that are not there. */
  sysctls(keys: readonly string[]): ReadonlyMap<string, string>;
  /** The ruleset of nf_tables; undefined if the kernel has none. */
  tables(): readonly NftObject[] | undefined;
  /** All qdiscs. */
  qdiscs(): readonly Qdisc[];
  /** What only few links have: read anew each time, of a link that goes or moves. */
  extras(link: ObservedLink): LinkExtras;
  /** The VLANs that the port of a bridge with this index is in. */
  bridgeVlans(index: number): readonly BridgeVlan[];
  /** The keys, the port and the peers of the WireGuard link with this index. Its keys are secret. */
  wireguard(index: number): WireguardDevice | undefined;
  /** The entries of the forwarding table of the link with this index. */
  forwarding(index: number): readonly ForwardingEntry[];
  /** The id that `other` has in this namespace, if it has one. See RTM_GETNSID in rtnetlink(7). */
  namespaceId(other: ObservedNamespace): number | undefined;
}

/** A namespace that cannot be opened. */
export interface UnavailableNamespace {
  /** Why, for people: `"No container with the microservice label "web" is running"`. */
  readonly reason: string;
  /** True if waiting does not help. */
  readonly broken: boolean;
  /** True if its container is known to have ended: links that were made for it elsewhere are of no use any more. */
  readonly ended?: boolean;
  /** True if its file is that of no namespace: what was one before is gone, unless somebody else holds it. */
  readonly isNone?: boolean;
}

/** True if `namespace` can be worked in, now or once it is made. */
export function isAvailable(namespace: ObservedNamespace | UnavailableNamespace): namespace is ObservedNamespace {
  return "label" in namespace;
}

/** A link in a namespace that need not be one of those which the plan opened. */
export interface LinkElsewhere {
  /** The namespace, for people. */
  readonly label: string;
  /** The namespace, if the plan opened it. */
  readonly namespace?: ObservedNamespace | undefined;
  /** The link. */
  readonly link: ObservedLink;
}

/** A link and the namespace that it is in. */
export interface LinkLocation {
  /** Its namespace. */
  readonly namespace: ObservedNamespace;
  /** Its number there. */
  readonly index: number;
}
