/** Routes as the kernel reports them. See rtnetlink(7). */
import { AF_INET } from "../../../ffi/mod.ts";
import { defined } from "../../collections.ts";
import { ROUTE_PREFERENCES, ROUTE_SCOPES, ROUTE_TYPES, RTM_F_CLONED, RTNH_F_ONLINK } from "../constants/route.ts";
import { isIpFamily } from "../wire/ip.ts";
import { nameOf } from "../wire/named_numbers.ts";
import { decodeEncap } from "./encap/encap.ts";
import { type RouteAttributes, type RouteMessage, routeMessage, TICKS } from "./message.ts";
import type { NextHop } from "./next_hops.ts";
import type { Route } from "./types.ts";

/**
 * The route that a message of the kernel is about; undefined for an entry of a route cache, and for one that is neither
 * IPv4 nor IPv6.
 */
export function decodeRoute(body: Uint8Array): Route | undefined {
  if (!isIpFamily(body)) return undefined;
  const message = routeMessage.decode(body);
  return message.flags & RTM_F_CLONED ? undefined : routeOf(message);
}

/** The route that the kernel gives for one destination; undefined for one that is neither IPv4 nor IPv6. */
export function decodeFoundRoute(body: Uint8Array): Route | undefined {
  return isIpFamily(body) ? routeOf(routeMessage.decode(body)) : undefined;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** Key by key, as a machine can have a million routes, most of which have few of the properties. */
function routeOf(message: RouteMessage): Route {
  const { family, dstLength, srcLength, tos, table, protocol, scope, type, flags, attributes: a } = message;
  const route: Writable<Route> = {
    family,
    dst: `${a.dst ?? (family === AF_INET ? "0.0.0.0" : "::")}/${dstLength}`,
    type: nameOf(ROUTE_TYPES, type),
    scope: nameOf(ROUTE_SCOPES, scope),
    table: a.table ?? table,
    protocol,
    nextHops: nextHopsOf(a, flags),
    tos,
    flags,
  };
  if (a.priority !== undefined) route.metric = a.priority;
  if (a.prefSrc !== undefined) route.preferredSource = a.prefSrc;
  if (a.src !== undefined) route.src = `${a.src}/${srcLength}`;
  if (a.metrics !== undefined) {
    route.metrics = a.metrics;
    if (a.metrics.mtu !== undefined) route.mtu = a.metrics.mtu;
  }
  if (a.cacheInfo !== undefined && a.cacheInfo.expires !== 0) route.expires = Math.trunc(a.cacheInfo.expires / TICKS);
  const encap = a.encapType === undefined ? undefined : decodeEncap(a);
  if (encap !== undefined) route.encap = encap;
  if (a.nhId !== undefined) route.nextHopId = a.nhId;
  if (a.pref !== undefined && a.pref !== ROUTE_PREFERENCES.medium) route.preference = nameOf(ROUTE_PREFERENCES, a.pref);
  if (a.flow !== undefined) route.realm = a.flow;
  if (a.ttlPropagate !== undefined) route.ttlPropagate = a.ttlPropagate;
  if (a.unknown !== undefined) route.unknown = a.unknown;
  return route;
}

function nextHopsOf({ multipath, oif, gateway, via }: RouteAttributes, flags: number): NextHop[] {
  if (multipath !== undefined) {
    return multipath.map((hop) =>
      defined({
        ...nextHop(hop.index, hop.gateway ?? hop.via, hop.hops + 1, hop.flags),
        encap: decodeEncap(hop),
        realm: hop.flow,
        flags: (hop.flags & ~RTNH_F_ONLINK) === 0 ? undefined : hop.flags,
        unknown: hop.unknown,
      })
    );
  }
  return oif === undefined ? [] : [nextHop(oif, gateway ?? via, 1, flags)];
}

function nextHop(linkIndex: number, gateway: string | undefined, weight: number, flags: number): NextHop {
  const onLink = (flags & RTNH_F_ONLINK) !== 0;
  return gateway === undefined ? { linkIndex, weight, onLink } : { linkIndex, gateway, weight, onLink };
}
