/** Routes: RTM_NEWROUTE, RTM_DELROUTE, RTM_GETROUTE. See rtnetlink(7), ip-route(8), linux/rtnetlink.h. */
import { AF_INET, AF_INET6, AF_UNSPEC } from "../../../ffi/mod.ts";
import { RTM_DELROUTE, RTM_GETROUTE, RTM_NEWROUTE } from "../constants/messages.ts";
import {
  ROUTE_SCOPES,
  ROUTE_TYPES,
  type RouteType,
  RT_TABLE_LOCAL,
  RT_TABLE_MAIN,
  RT_TABLE_UNSPEC,
  RTM_F_CLONED,
  RTNH_F_ONLINK,
  RTPROT_BOOT,
} from "../constants/route.ts";
import { attributes, message, type MessageCodec, struct } from "../wire/codec.ts";
import { type NextHop, nextHops, via } from "./next_hops.ts";
import { type NetlinkRequest, NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE } from "../wire/framing.ts";
import { metrics } from "./metrics.ts";
import type { Route, RouteFilter, RouteSpec } from "./types.ts";
import { afOf, ip, ipPrefixOf, isIpFamily } from "../wire/ip.ts";
import { nameOf, s32, u32, u8 } from "../wire/values.ts";

export type { NextHop, Route, RouteFilter, RouteSpec };

const MOST_IN_HEADER = 255;

/** struct rtmsg */
const header = struct({
  family: u8,
  dstLength: u8,
  srcLength: u8,
  tos: u8,
  table: u8,
  protocol: u8,
  scope: u8,
  type: u8,
  flags: u32,
});

/** struct rta_cacheinfo */
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
/** The kernel's unit of time for user space: USER_HZ, in a second. */
const TICKS = 100;

const codec = message(
  header,
  attributes({
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
    table: [15, u32], // RTA_TABLE: the header has room for 255 tables
    mark: [16, u32], // RTA_MARK
    via: [18, via], // RTA_VIA
    pref: [20, u8], // RTA_PREF: of IPv6 routers, RFC 4191
    expires: [23, u32], // RTA_EXPIRES
  }),
);

/** The codec of the messages of this family. */
export const routeMessage: MessageCodec<object> = codec;

/** The request for the routes that a filter lets through. */
export function listRoutesRequest({ family = AF_UNSPEC, table, linkIndex }: RouteFilter): NetlinkRequest {
  const body = codec.encode({
    ...EMPTY_HEADER,
    family,
    attributes: { table, oif: linkIndex },
  });
  return { type: RTM_GETROUTE, flags: 0, body, label: "RTM_GETROUTE" };
}

/** The request that adds a route, or replaces the one with the same destination, table and metric. */
export function newRouteRequest(spec: RouteSpec, replace: boolean): NetlinkRequest {
  const flags = NLM_F_CREATE | (replace ? NLM_F_REPLACE : NLM_F_EXCL);
  return { type: RTM_NEWROUTE, flags, body: encodeRoute(spec, false), label: `RTM_NEWROUTE ${spec.dst}` };
}

/** The request that deletes the first route that fits. */
export function deleteRouteRequest(spec: RouteSpec): NetlinkRequest {
  return { type: RTM_DELROUTE, flags: 0, body: encodeRoute(spec, true), label: `RTM_DELROUTE ${spec.dst}` };
}

const EMPTY_HEADER = {
  family: 0,
  dstLength: 0,
  srcLength: 0,
  tos: 0,
  table: RT_TABLE_UNSPEC,
  protocol: 0,
  scope: 0,
  type: 0,
  flags: 0,
} as const;

function encodeRoute(spec: RouteSpec, deleting: boolean): Uint8Array<ArrayBuffer> {
  const { gateway, onLink = false, type, nextHops } = spec;
  const table = spec.table ?? (type !== undefined && OF_THIS_HOST.has(type) ? RT_TABLE_LOCAL : RT_TABLE_MAIN);
  const prefix = spec.dst === "default" ? undefined : ipPrefixOf(spec.dst);
  const family = prefix === undefined ? spec.family ?? afOf(gateway ?? nextHops?.[0]?.gateway ?? "") : afOf(spec.dst);
  const dstLength = prefix?.length ?? 0;
  const isVia = (hop: string | undefined): boolean => hop !== undefined && afOf(hop) !== family;
  return codec.encode({
    ...EMPTY_HEADER,
    family,
    dstLength,
    table: table > MOST_IN_HEADER ? RT_TABLE_UNSPEC : table,
    protocol: spec.protocol ?? (deleting ? 0 : RTPROT_BOOT),
    scope: scopeOf(spec, family, deleting),
    type: type === undefined && deleting ? 0 : ROUTE_TYPES[type ?? "unicast"],
    flags: onLink ? RTNH_F_ONLINK : 0,
    attributes: {
      dst: dstLength === 0 ? undefined : prefix?.address.text,
      prefSrc: spec.preferredSource,
      oif: spec.linkIndex,
      gateway: isVia(gateway) ? undefined : gateway,
      via: isVia(gateway) ? gateway : undefined,
      priority: spec.metric,
      table: table > MOST_IN_HEADER ? table : undefined,
      metrics: spec.mtu === undefined ? spec.metrics : { ...spec.metrics, mtu: spec.mtu },
      expires: spec.expires,
      multipath: nextHops?.map((hop) => ({
        index: hop.linkIndex,
        hops: sharesLess(hop.weight ?? 1),
        flags: hop.onLink ? RTNH_F_ONLINK : 0,
        gateway: isVia(hop.gateway) ? undefined : hop.gateway,
        via: isVia(hop.gateway) ? hop.gateway : undefined,
      })),
    },
  });
}

/** Types of the routes that the kernel keeps in the local table, and `ip route` puts there. */
const OF_THIS_HOST: ReadonlySet<RouteType> = new Set(["local", "broadcast", "anycast"]);
const MOST_WEIGHT = 256;

/** How much more than one share a next hop has, as the kernel counts. */
function sharesLess(weight: number): number {
  if (Number.isInteger(weight) && weight >= 1 && weight <= MOST_WEIGHT) return weight - 1;
  throw new RangeError(`Cannot use ${weight} as the weight of a next hop: expected a whole number from 1 to 256`);
}

/** What `ip route` takes where nothing is said: what is not behind a router is on the link. */
function scopeOf(spec: RouteSpec, family: number, deleting: boolean): number {
  if (spec.scope !== undefined) return ROUTE_SCOPES[spec.scope];
  if (family === AF_INET6) return ROUTE_SCOPES.universe; // the kernel has no other for IPv6
  if (deleting) return ROUTE_SCOPES.nowhere; // any
  if (spec.type === "local") return ROUTE_SCOPES.host;
  if (spec.type === "broadcast" || spec.type === "multicast" || spec.type === "anycast") return ROUTE_SCOPES.link;
  if (spec.type !== undefined && spec.type !== "unicast") return ROUTE_SCOPES.universe;
  return spec.gateway === undefined && spec.nextHops === undefined ? ROUTE_SCOPES.link : ROUTE_SCOPES.universe;
}

/**
 * The route that a message of the kernel tells of; nothing for an entry of a route cache, or for one that is neither
 * of IPv4 nor of IPv6.
 */
export function decodeRoute(body: Uint8Array): Route | undefined {
  if (!isIpFamily(body)) return undefined;
  const message = codec.decodeKnown(body);
  const { family, dstLength, flags, attributes: a } = message;
  if (flags & RTM_F_CLONED) return undefined;
  const hop = (linkIndex: number, weight: number, hopFlags: number, gateway: string | undefined): NextHop => ({
    linkIndex,
    ...(gateway === undefined ? {} : { gateway }),
    weight,
    onLink: (hopFlags & RTNH_F_ONLINK) !== 0,
  });
  const anyAddress = family === AF_INET ? "0.0.0.0" : "::";
  return {
    family,
    dst: `${a.dst ?? anyAddress}/${dstLength}`,
    type: nameOf(ROUTE_TYPES, message.type),
    scope: nameOf(ROUTE_SCOPES, message.scope),
    table: a.table ?? message.table,
    protocol: message.protocol,
    nextHops: a.multipath?.map((h) => hop(h.index, h.hops + 1, h.flags, h.gateway ?? h.via)) ??
      (a.oif === undefined ? [] : [hop(a.oif, 1, flags, a.gateway ?? a.via)]),
    ...(a.priority === undefined ? {} : { metric: a.priority }),
    ...(a.prefSrc === undefined ? {} : { preferredSource: a.prefSrc }),
    ...(a.src === undefined ? {} : { src: `${a.src}/${message.srcLength}` }),
    tos: message.tos,
    flags,
    ...(a.metrics?.mtu === undefined ? {} : { mtu: a.metrics.mtu }),
    ...(a.metrics === undefined ? {} : { metrics: a.metrics }),
    ...(a.cacheInfo === undefined || a.cacheInfo.expires === 0
      ? {}
      : { expires: Math.trunc(a.cacheInfo.expires / TICKS) }),
  };
}
