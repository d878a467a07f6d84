/** What was there before a configuration changed, moved or replaced it, and what is given back. */
import type { ObservedAddressOptions, ObservedRouteOptions } from "../observed/observed_namespace.ts";
import type { Cookie } from "./cookie.ts";

/** An address as it was before this configuration changed something, and as it is given back. */
export interface AddressBefore extends ObservedAddressOptions {
  /** With its prefix: `"10.0.0.1/24"`. */
  readonly address: string;
  /** The other end of a point-to-point link. */
  readonly peer?: string | undefined;
}

/** One of several next hops of a route. */
export interface HopBefore {
  /** The link that it left by. */
  readonly link?: number | undefined;
  /** The router. */
  readonly gateway?: string | undefined;
  /** Its share of the packets. */
  readonly weight: number;
}

/** A route as it was before this configuration replaced it. */
export interface RouteBefore {
  /** The link that it left by. */
  readonly link?: number | undefined;
  /** The router. */
  readonly gateway?: string | undefined;
  /** The preferred source. */
  readonly source?: string | undefined;
  /** How far the destination is. */
  readonly scope: string;
  /** What it did with a packet. */
  readonly type: string;
  /** Who had made it, RTPROT_…. */
  readonly protocol: number;
  /** True if the gateway was taken to be on the link. */
  readonly onLink?: boolean | undefined;
  /** The largest packet on the way, in bytes. */
  readonly mtu?: number | undefined;
  /** Its next hops, if it had several: `link` and `gateway` are those of the first. */
  readonly hops?: readonly HopBefore[] | undefined;
  /** What else it was given. */
  readonly options?: ObservedRouteOptions | undefined;
}

/** A route in full: what a link had besides its addresses. */
export interface FullRoute extends RouteBefore {
  /** The network it is for. */
  readonly destination: string;
  /** The routing table. */
  readonly table: number;
  /** The metric; 0 where the kernel shows none. */
  readonly metric: number;
}

/** Options of a link by their names, as the kernel lists them. */
export type OptionsBefore = Readonly<Record<string, boolean | number | string>>;

/** A VLAN that a port of a bridge was in. */
export interface VlanBefore {
  /** Its number. */
  readonly id: number;
  /** True if packets that come in without a tag are in it. */
  readonly pvid: boolean;
  /** True if packets go out without a tag. */
  readonly untagged: boolean;
}

/** An entry of the forwarding table of a bridge that does not age. */
export interface PortEntryBefore {
  /** The hardware address that is behind the port. */
  readonly address: string;
  /** The VLAN, of a bridge that keeps VLANs apart. */
  readonly vlan?: number | undefined;
  /** `"permanent"`: as an address of the host; `"static"`: until it is deleted. */
  readonly state: string;
  /** True if the address never moves to another port. */
  readonly sticky?: boolean | undefined;
  /** True if another program learned it. */
  readonly externLearn?: boolean | undefined;
}

/** An entry of the forwarding table of a VXLAN. */
export interface VxlanEntryBefore {
  /** The hardware address that is behind the other end. */
  readonly mac: string;
  /** The other end. */
  readonly remote: string;
  /** The port of that. */
  readonly port?: number | undefined;
  /** The network there. */
  readonly vni?: number | undefined;
  /** The network here. */
  readonly srcVni?: number | undefined;
  /** The link by which it is reached. */
  readonly viaIndex?: number | undefined;
}

/** A link that stands on another one, in the same namespace: with the MTU of that its own gets smaller. */
export interface UpperBefore {
  /** Its number. */
  readonly index: number;
  /** What it is: `"macvlan"`. */
  readonly kind: string;
  /** Its largest packet, in bytes. */
  readonly mtu: number;
}

/** What only few links have, and lose when they are deleted; of this, a link that is moved loses its qdisc and its sysctls. */
export interface ExtrasBefore {
  /** The qdisc at its root, as JSON. */
  readonly qdisc?: string | undefined;
  /** Its alternative names. */
  readonly altNames?: readonly string[] | undefined;
  /** Its group. */
  readonly group?: number | undefined;
  /** True if it took all packets. */
  readonly promisc?: boolean | undefined;
  /** True if it took all multicast packets. */
  readonly allmulti?: boolean | undefined;
  /** Its sysctls that were not as those of a new link. */
  readonly sysctls?: Readonly<Record<string, string>> | undefined;
  /** Its features (ethtool(8)) that can be changed, and whether each was wanted. */
  readonly features?: Readonly<Record<string, boolean>> | undefined;
}

/** A neighbour that somebody had set, as it was. */
export interface NeighbourBefore {
  /** Its address. */
  readonly ip: string;
  /** Its hardware address; absent where there is no ARP. */
  readonly address?: string | undefined;
  /** What the kernel knew of it. @default {"permanent"} */
  readonly state?: "permanent" | "noarp" | undefined;
  /** Who made it, RTPROT_…. */
  readonly protocol?: number | undefined;
  /** NTF_…. */
  readonly flags?: number | undefined;
}

/** A link as it was before this configuration moved, changed or replaced it, and as it is given back. */
export interface LinkBefore {
  /** Where it was. */
  readonly namespace: Cookie;
  /** Its number there, which it is given again where that is free. */
  readonly index: number;
  /** Its name. */
  readonly name: string;
  /** What it was: `"veth"`, `"tun"`; absent for hardware. */
  readonly kind?: string | undefined;
  /** True if it was up. */
  readonly up: boolean;
  /** Its largest packet, in bytes. */
  readonly mtu: number;
  /** Its hardware address. */
  readonly address?: string | undefined;
  /** The index of its bridge, bond or VRF. */
  readonly master?: number | undefined;
  /** Its alias. */
  readonly alias?: string | undefined;
  /** The length of its transmit queue, in packets. */
  readonly txQueueLength?: number | undefined;
  /** How many queues it had for what goes out. */
  readonly txQueues?: number | undefined;
  /** How many queues it had for what comes in. */
  readonly rxQueues?: number | undefined;
  /** The options of its kind. */
  readonly options?: OptionsBefore | undefined;
  /** The number of the link by which the packets of a tunnel went; 0 for any. */
  readonly parent?: number | undefined;
  /** What only few links have. */
  readonly extras?: ExtrasBefore | undefined;
  /** What it was as a port of its bridge. */
  readonly port?: OptionsBefore | undefined;
  /** The VLANs that it was in as a port of its bridge. */
  readonly vlans?: readonly VlanBefore[] | undefined;
  /** The entries of its bridge for it, but for its own addresses. */
  readonly forwarding?: readonly PortEntryBefore[] | undefined;
  /** The permanent entries of a VXLAN. */
  readonly entries?: readonly VxlanEntryBefore[] | undefined;
  /** What stood on it, but for links of this configuration. */
  readonly uppers?: readonly UpperBefore[] | undefined;
  /** Its addresses, in the kernel's order. */
  readonly addresses: readonly AddressBefore[];
  /** Its routes, but for those that come with its addresses. */
  readonly routes: readonly FullRoute[];
  /** The routes by other links whose source was an address of it. */
  readonly sourced?: readonly FullRoute[] | undefined;
  /** The neighbours that somebody had set on it. */
  readonly neighbours: readonly NeighbourBefore[];
}
