/** The messages of routes: struct rtmsg and RTA_…. See rtnetlink(7), linux/rtnetlink.h. */
import { attributesOf, type Unknown } from "../wire/attributes.ts";
import { message, type MessageCodec } from "../wire/codec.ts";
import { struct } from "../wire/struct.ts";
import { ip } from "../wire/ip.ts";
import { bytes } from "../wire/bytes.ts";
import { flag } from "../wire/flags.ts";
import { be16, s32, u16, u32, u8 } from "../wire/numbers.ts";
import { metrics, type RouteMetrics } from "./metrics.ts";
import { nextHops, via, type WireHop } from "./next_hops.ts";

/** struct rtmsg */
export interface RouteHeader {
  readonly family: number;
  readonly dstLength: number;
  readonly srcLength: number;
  readonly tos: number;
  /** RT_TABLE_…, up to 255. */
  readonly table: number;
  /** RTPROT_… */
  readonly protocol: number;
  /** RT_SCOPE_… */
  readonly scope: number;
  /** RTN_… */
  readonly type: number;
  /** RTNH_F_…, RTM_F_… */
  readonly flags: number;
}

/** RTA_… */
export interface RouteAttributes {
  readonly dst?: string | undefined;
  readonly src?: string | undefined;
  readonly iif?: number | undefined;
  readonly oif?: number | undefined;
  readonly gateway?: string | undefined;
  readonly priority?: number | undefined;
  readonly prefSrc?: string | undefined;
  readonly metrics?: RouteMetrics | undefined;
  readonly multipath?: readonly WireHop[] | undefined;
  readonly flow?: number | undefined;
  readonly cacheInfo?: RouteCacheInfo | undefined;
  /** A table of any number. */
  readonly table?: number | undefined;
  readonly mark?: number | undefined;
  /** A gateway of the other family. */
  readonly via?: string | undefined;
  /** The preference of an IPv6 router, RFC 4191. */
  readonly pref?: number | undefined;
  readonly encapType?: number | undefined;
  readonly encap?: Uint8Array<ArrayBuffer> | undefined;
  readonly expires?: number | undefined;
  readonly uid?: number | undefined;
  readonly ttlPropagate?: boolean | undefined;
  readonly ipProto?: number | undefined;
  readonly sport?: number | undefined;
  readonly dport?: number | undefined;
  readonly nhId?: number | undefined;
}

/** struct rta_cacheinfo */
export interface RouteCacheInfo {
  readonly references: number;
  readonly lastUse: number;
  /** How long the route still lives, in {@linkcode TICKS} a second; 0: for ever. */
  readonly expires: number;
  readonly error: number;
  readonly used: number;
  readonly id: number;
  readonly ts: number;
  readonly tsAge: number;
}

/** The kernel's unit of time for user space: USER_HZ. */
export const TICKS = 100;

const cacheInfo = struct({
  references: u32,
  lastUse: u32,
  expires: s32,
  error: u32,
  used: u32,
  id: u32,
  ts: u32,
  tsAge: u32,
});

/** A message of a route. */
export type RouteMessage = RouteHeader & {
  readonly attributes: RouteAttributes & { readonly unknown?: Unknown | undefined };
};

/** The codec of the messages of routes. */
export const routeMessage: MessageCodec<RouteMessage> = message(
  struct({
    family: u8,
    dstLength: u8,
    srcLength: u8,
    tos: u8,
    table: u8,
    protocol: u8,
    scope: u8,
    type: u8,
    flags: u32,
  }),
  attributesOf<RouteAttributes>({
    dst: [1, ip], // RTA_DST
    src: [2, ip], // RTA_SRC
    iif: [3, u32], // RTA_IIF
    oif: [4, u32], // RTA_OIF
    gateway: [5, ip], // RTA_GATEWAY
    priority: [6, u32], // RTA_PRIORITY
    prefSrc: [7, ip], // RTA_PREFSRC
    metrics: [8, metrics], // RTA_METRICS
    multipath: [9, nextHops], // RTA_MULTIPATH
    flow: [11, u32], // RTA_FLOW
    cacheInfo: [12, cacheInfo], // RTA_CACHEINFO
    table: [15, u32], // RTA_TABLE
    mark: [16, u32], // RTA_MARK
    via: [18, via], // RTA_VIA
    pref: [20, u8], // RTA_PREF
    encapType: [21, u16], // RTA_ENCAP_TYPE
    encap: [22, bytes], // RTA_ENCAP
    expires: [23, u32], // RTA_EXPIRES
    uid: [25, u32], // RTA_UID
    ttlPropagate: [26, flag], // RTA_TTL_PROPAGATE
    ipProto: [27, u8], // RTA_IP_PROTO
    sport: [28, be16], // RTA_SPORT
    dport: [29, be16], // RTA_DPORT
    nhId: [30, u32], // RTA_NH_ID
  }),
);

/** The header of a request, without the properties of a route. */
export const EMPTY_HEADER: RouteHeader = {
  family: 0,
  dstLength: 0,
  srcLength: 0,
  tos: 0,
  table: 0,
  protocol: 0,
  scope: 0,
  type: 0,
  flags: 0,
};
