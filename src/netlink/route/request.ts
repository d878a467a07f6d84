/** Requests about routes: RTM_NEWROUTE, RTM_DELROUTE, RTM_GETROUTE. See rtnetlink(7), ip-route(8). */
import { AF_INET6, AF_UNSPEC } from "../../../ffi/mod.ts";
import { RTM_DELROUTE, RTM_GETROUTE, RTM_NEWROUTE } from "../constants/messages.ts";
import {
  ROUTE_SCOPES,
  ROUTE_TYPES,
  type RouteScope,
  type RouteType,
  RT_TABLE_LOCAL,
  RT_TABLE_MAIN,
  RT_TABLE_UNSPEC,
  RTNH_F_ONLINK,
  RTPROT_BOOT,
} from "../constants/route.ts";
import { type NetlinkRequest, NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE } from "../wire/framing.ts";
import { afOf, ipPrefixOf } from "../wire/ip.ts";
import { numberOf } from "../wire/values.ts";
import { EMPTY_HEADER, routeMessage } from "./message.ts";
import type { RouteFilter, RouteSpec } from "./types.ts";

/** The largest number of a table that the header holds. */
const MOST_IN_HEADER = 255;
const MOST_WEIGHT = 256;
/** Types of the routes in the local table, where the kernel and `ip route` put them. */
const OF_THIS_HOST: ReadonlySet<RouteType> = new Set(["local", "broadcast", "anycast"]);

/** The request for the routes that a filter lets through. */
export function listRoutesRequest({ family = AF_UNSPEC, table, linkIndex }: RouteFilter): NetlinkRequest {
  const body = routeMessage.encode({ ...EMPTY_HEADER, family, attributes: { table, oif: linkIndex } });
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

function encodeRoute(spec: RouteSpec, deleting: boolean): Uint8Array<ArrayBuffer> {
  const { gateway, onLink = false, type, nextHops } = spec;
  const table = spec.table ?? (type !== undefined && OF_THIS_HOST.has(type) ? RT_TABLE_LOCAL : RT_TABLE_MAIN);
  const prefix = spec.dst === "default" ? undefined : ipPrefixOf(spec.dst);
  const family = prefix === undefined ? spec.family ?? afOf(gateway ?? nextHops?.[0]?.gateway ?? "") : afOf(spec.dst);
  const dstLength = prefix?.length ?? 0;
  const isVia = (gateway: string | undefined): boolean => gateway !== undefined && afOf(gateway) !== family;
  return routeMessage.encode({
    ...EMPTY_HEADER,
    family,
    dstLength,
    table: table > MOST_IN_HEADER ? RT_TABLE_UNSPEC : table,
    protocol: spec.protocol ?? (deleting ? 0 : RTPROT_BOOT),
    scope: numberOf(ROUTE_SCOPES, spec.scope ?? defaultScope(spec, family, deleting), "scope"),
    type: type === undefined && deleting ? 0 : numberOf(ROUTE_TYPES, type ?? "unicast", "type"),
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

/** The weight of a next hop as the kernel counts: how many shares more than one it has. */
function sharesLess(weight: number): number {
  if (Number.isInteger(weight) && weight >= 1 && weight <= MOST_WEIGHT) return weight - 1;
  throw new RangeError(`Cannot use ${weight} as the weight of a next hop: expected a whole number from 1 to 256`);
}

/** The scope that `ip route` takes by default: what is not behind a router is on the link. */
function defaultScope({ type, gateway, nextHops }: RouteSpec, family: number, deleting: boolean): RouteScope {
  if (family === AF_INET6) return "universe"; // the kernel has no other for IPv6
  if (deleting) return "nowhere"; // any
  if (type === "local") return "host";
  if (type === "broadcast" || type === "multicast" || type === "anycast") return "link";
  if (type !== undefined && type !== "unicast") return "universe";
  return gateway === undefined && nextHops === undefined ? "link" : "universe";
}
