/** Routes. See ip-route(8). */
import type { RouteScope, RouteType } from "../constants/route.ts";
import type { RouteMetrics } from "./metrics.ts";
import type { NextHop } from "./next_hops.ts";

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
  /** Who made it, RTPROT_…: 2 the kernel, 3 `ip route`, 4 an administrator. */
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
  /** The index of the link that packets leave by. */
  readonly linkIndex?: number | undefined;
  /** The router they go to. */
  readonly gateway?: string | undefined;
  /** The gateway is on the link even if no address there is in its network. */
  readonly onLink?: boolean | undefined;
  /** Next hops, instead of `linkIndex` and `gateway`; one is the same as those two, and an empty list is none. */
  readonly nextHops?: readonly (Partial<NextHop> & { readonly linkIndex: number })[] | undefined;
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
  /** The largest packet on the way, in bytes: `mtu` of the metrics. */
  readonly mtu?: number | undefined;
  /** What the kernel is to keep of the way. */
  readonly metrics?: RouteMetrics | undefined;
  /** IPv6: how long it lives, in seconds. */
  readonly expires?: number | undefined;
  /** Who makes it, RTPROT_…. @default {3, as `ip route`} */
  readonly protocol?: number | undefined;
}

/** Which routes are listed. */
export interface RouteFilter {
  /** Only those of this family. */
  readonly family?: number | undefined;
  /** Only those of this table. */
  readonly table?: number | undefined;
  /** Only those that leave by this link. */
  readonly linkIndex?: number | undefined;
}
