/** Routes. See ip-route(8). */
import type { RoutePreference, RouteScope, RouteType } from "../constants/route.ts";
import type { LinkRef } from "../link/ref.ts";
import type { Unknown } from "../wire/attributes.ts";
import type { RouteEncap } from "./encap/encap.ts";
import type { RouteMetrics } from "./metrics.ts";
import type { NextHop, NextHopSpec } from "./next_hops.ts";

/** A route, as the kernel has it. */
export interface Route {
  /** AF_INET (2) or AF_INET6 (10). */
  readonly family: number;
  /** The network it leads to: `"10.2.0.0/16"`; of the default route `"0.0.0.0/0"` or `"::/0"`. */
  readonly dst: string;
  /** What it does with a packet. */
  readonly type: RouteType | number;
  /** How far the destination is. */
  readonly scope: RouteScope | number;
  /** The number of its table. */
  readonly table: number;
  /** Who made it, RTPROT_…: 2 the kernel, 3 `ip route` (RTPROT_BOOT), 4 an administrator (RTPROT_STATIC). */
  readonly protocol: number;
  /** Where packets go next: several of a multipath route, none of one that drops them. */
  readonly nextHops: readonly NextHop[];
  /** Its priority: the lowest is preferred. */
  readonly metric?: number;
  /** The source address of packets that have none yet. */
  readonly preferredSource?: string;
  /** The source that packets must have. */
  readonly src?: string;
  /** The type of service that packets must have. */
  readonly tos: number;
  /** The kernel's flags, RTNH_F_… and RTM_F_…. */
  readonly flags: number;
  /** The largest packet on the way, in bytes, where it was set. */
  readonly mtu?: number;
  /** What the kernel keeps of the way, where it keeps something. */
  readonly metrics?: RouteMetrics;
  /** How long it still lives, in seconds. */
  readonly expires?: number;
  /** What it puts around packets; of several next hops, each has its own. */
  readonly encap?: RouteEncap;
  /** The id of the next-hop object that it leads to; `nextHops` show what that is. */
  readonly nextHopId?: number;
  /** How its router is preferred, IPv6 alone; absent: medium. */
  readonly preference?: RoutePreference | number;
  /** Its realm: the source's in the upper 16 bits, the destination's in the lower. */
  readonly realm?: number;
  /** MPLS: whether the time to live of a packet goes into its labels, where that was set. */
  readonly ttlPropagate?: boolean;
  /** Attributes that this library does not know, which are sent back as they are. */
  readonly unknown?: Unknown;
}

/** A route to add, replace or delete. One that was listed is sent back as it is. */
export interface RouteSpec {
  /** The network it leads to; `"default"` with `family`, or of the gateway's family. */
  readonly dst: string;
  /** AF_INET or AF_INET6, of a route to `"default"` without a gateway; otherwise it is that of `dst`. */
  readonly family?: number | undefined;
  /** What it does with a packet. @default {"unicast"} */
  readonly type?: RouteType | number | undefined;
  /** How far the destination is. @default {"universe" with a gateway, otherwise "link"; of IPv6 always "universe"} */
  readonly scope?: RouteScope | number | undefined;
  /** The number of its table. @default {254, the main one; 255 of types that are of this host} */
  readonly table?: number | undefined;
  /** The link that packets leave by. */
  readonly link?: LinkRef | undefined;
  /** The index of that link; `link` wins. */
  readonly linkIndex?: number | undefined;
  /** The router they go to. */
  readonly gateway?: string | undefined;
  /** The gateway is on the link even if no address there is in its network. */
  readonly onLink?: boolean | undefined;
  /** Next hops, instead of `link` and `gateway`; one is the same as those two, and an empty list is none. */
  readonly nextHops?: readonly NextHopSpec[] | undefined;
  /** The id of a next-hop object, instead of them; those that were listed beside it are not sent. */
  readonly nextHopId?: number | undefined;
  /** What it puts around packets. */
  readonly encap?: RouteEncap | undefined;
  /** How its router is preferred; IPv6 alone. @default {"medium"} */
  readonly preference?: RoutePreference | number | undefined;
  /** Its realm: the source's in the upper 16 bits, the destination's in the lower. */
  readonly realm?: number | undefined;
  /** MPLS: whether the time to live of a packet goes into its labels. */
  readonly ttlPropagate?: boolean | undefined;
  /** Its priority: the lowest is preferred. */
  readonly metric?: number | undefined;
  /** The source address of packets that have none yet. */
  readonly preferredSource?: string | undefined;
  /** The source that packets must have, as a network; IPv6 alone. */
  readonly src?: string | undefined;
  /** The type of service that packets must have. @default {0, any} */
  readonly tos?: number | undefined;
  /** The flags of a route that was listed; the kernel alone sets them, so they are not sent. */
  readonly flags?: number | undefined;
  /** The largest packet on the way, in bytes: `mtu` of the metrics, over which it wins. */
  readonly mtu?: number | undefined;
  /** What the kernel is to keep of the way. */
  readonly metrics?: RouteMetrics | undefined;
  /** IPv6: how long it lives, in seconds. */
  readonly expires?: number | undefined;
  /** Who makes it, RTPROT_…. @default {3, RTPROT_BOOT, as `ip route`} */
  readonly protocol?: number | undefined;
  /** Attributes of a route that was listed which this library does not know. */
  readonly unknown?: Unknown | undefined;
}

/** Which routes are listed. */
export interface RouteFilter {
  /** Only those of this family: AF_INET (2) or AF_INET6 (10); 4 and 6, the versions of IP, are taken too. */
  readonly family?: number | undefined;
  /** Only those of this table. */
  readonly table?: number | undefined;
  /** Only those that leave by this link. */
  readonly link?: LinkRef | undefined;
  /** Only those that leave by the link with this index. */
  readonly linkIndex?: number | undefined;
}

/** What else is known of packets whose route is asked for: {@linkcode Netlink.getRoute}. */
export interface RouteQuestion {
  /** Their source. */
  readonly from?: string | undefined;
  /** The link by which they come, of packets that this host would forward; needs `from`. */
  readonly iif?: LinkRef | undefined;
  /** The link by which they are to leave. */
  readonly oif?: LinkRef | undefined;
  /** Their mark. */
  readonly mark?: number | undefined;
  /** Their type of service. */
  readonly tos?: number | undefined;
  /** The user who sends them. */
  readonly uid?: number | undefined;
  /** Their protocol, IPPROTO_…: 6 TCP, 17 UDP. */
  readonly ipproto?: number | undefined;
  /** Their source port. */
  readonly sport?: number | undefined;
  /** Their destination port. */
  readonly dport?: number | undefined;
  /** Gives the route itself, and not what the kernel makes of it for this destination. */
  readonly fibMatch?: boolean | undefined;
}
