/** What a route is, and what is said of one that is to be. See ip-route(8). */
import type { RouteScope, RouteType } from "../constants/route.ts";
import type { NextHop } from "./next_hops.ts";

/** A route, as the kernel has it. */
export interface Route {
  /** AF_INET (2) or AF_INET6 (10). */
  readonly family: number;
  /** The network it is for: `"10.2.0.0/16"`; of the default route `"0.0.0.0/0"` or `"::/0"`. */
  readonly dst: string;
  /** What it does with a packet. */
  readonly type: RouteType | number;
  /** How far the destination is. */
  readonly scope: RouteScope | number;
  /** The number of the table it is in. */
  readonly table: number;
  /** Who made it, RTPROT_…: 2 the kernel, 3 at boot (`ip route`), 4 an administrator. */
  readonly protocol: number;
  /** Where packets go next; several of a multipath route, none of one that drops them. */
  readonly nextHops: readonly NextHop[];
  /** Its priority: the lower goes first. */
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
  /** All that is remembered of the way, where something is. */
  readonly metrics?: {
    /** Which of the others the kernel may not change: a bit for each, by its RTAX_… number. */
    readonly lock?: number | undefined;
    /** The largest packet, in bytes. */
    readonly mtu?: number | undefined;
    /** The largest window to advertise, in bytes. */
    readonly window?: number | undefined;
    /** The round-trip time, in eighths of a millisecond. */
    readonly rtt?: number | undefined;
    /** Its variance, in quarters of a millisecond. */
    readonly rttVariance?: number | undefined;
    /** The slow start threshold, in packets. */
    readonly slowStartThreshold?: number | undefined;
    /** The largest congestion window, in packets. */
    readonly congestionWindow?: number | undefined;
    /** The segment size to advertise, in bytes. */
    readonly advertisedMss?: number | undefined;
    /** How far packets may be out of order, in packets. */
    readonly reordering?: number | undefined;
    /** The hop limit, or time to live, of packets. */
    readonly hopLimit?: number | undefined;
    /** The first congestion window, in packets. */
    readonly initialCongestionWindow?: number | undefined;
    /** RTAX_FEATURE_…: 1 is ECN. */
    readonly features?: number | undefined;
    /** The shortest retransmission timeout, in milliseconds. */
    readonly minimalTimeout?: number | undefined;
    /** The first window to advertise, in packets. */
    readonly initialReceiveWindow?: number | undefined;
    /** Acknowledge at once: 1. */
    readonly quickAck?: number | undefined;
    /** The name of the congestion control. */
    readonly congestionControl?: string | undefined;
  };
  /** For how long it lives yet, in seconds. */
  readonly expires?: number;
}

/** A route to add, replace or delete. */
export interface RouteSpec {
  /** The network it is for; `"default"` with `family`, or of the gateway's family. */
  readonly dst: string;
  /** AF_INET or AF_INET6, of a default route without a gateway. */
  readonly family?: number | undefined;
  /** What it does with a packet. @default {"unicast"} */
  readonly type?: RouteType | undefined;
  /** How far the destination is. @default {"universe" with a gateway, otherwise "link"; of IPv6 always "universe"} */
  readonly scope?: RouteScope | undefined;
  /** The number of its table. @default {254, the main one; 255 of types that are of this host} */
  readonly table?: number | undefined;
  /** The link packets leave by. */
  readonly linkIndex?: number | undefined;
  /** The router they go to. */
  readonly gateway?: string | undefined;
  /** The gateway is taken to be on the link, whatever the addresses say. */
  readonly onLink?: boolean | undefined;
  /** Several ways, instead of `linkIndex` and `gateway`. */
  readonly nextHops?: readonly (Partial<NextHop> & { readonly linkIndex: number })[] | undefined;
  /** Its priority: the lower goes first. */
  readonly metric?: number | undefined;
  /** The source address of packets that have none yet. */
  readonly preferredSource?: string | undefined;
  /** The largest packet on the way, in bytes: `mtu` of the metrics. */
  readonly mtu?: number | undefined;
  /** What is to be remembered of the way. */
  readonly metrics?: Route["metrics"] | undefined;
  /** IPv6: for how long it lives, in seconds. */
  readonly expires?: number | undefined;
  /** Who makes it, RTPROT_…. @default {3, as `ip route`} */
  readonly protocol?: number | undefined;
}

/** Which routes are listed. */
export interface RouteFilter {
  /** Those of this family alone. */
  readonly family?: number | undefined;
  /** Those of this table alone. */
  readonly table?: number | undefined;
  /** Those that leave by this link alone. */
  readonly linkIndex?: number | undefined;
}
