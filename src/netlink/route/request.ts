/** Requests about routes: RTM_NEWROUTE, RTM_DELROUTE, RTM_GETROUTE. See rtnetlink(7), ip-route(8). */
import { constants } from "node:os";
import { AF_INET6 } from "../../../ffi/mod.ts";
import { filteredFamily } from "../family_filter.ts";
import type { NetlinkError } from "../../errors.ts";
import { RTM_DELROUTE, RTM_GETROUTE, RTM_NEWROUTE } from "../constants/messages.ts";
import {
  ROUTE_PREFERENCES,
  ROUTE_SCOPES,
  ROUTE_TYPES,
  type RouteScope,
  type RouteType,
  RT_TABLE_LOCAL,
  RT_TABLE_MAIN,
  RT_TABLE_UNSPEC,
  RTM_F_FIB_MATCH,
  RTM_F_LOOKUP_TABLE,
  RTNH_F_ONLINK,
  RTPROT_BOOT,
} from "../constants/route.ts";
import { fieldsOf } from "../../argument_fields.ts";
import type { LinkRef } from "../link/ref.ts";
import { fieldNames } from "../wire/codec.ts";
import {
  type LinkExists,
  type NetlinkRequest,
  NLM_F_APPEND,
  NLM_F_CREATE,
  NLM_F_EXCL,
  NLM_F_REPLACE,
} from "../wire/framing.ts";
import { afOf, ipPrefixOf } from "../wire/ip.ts";
import { nameOf, numberOf } from "../wire/named_numbers.ts";
import { encodeEncap } from "./encap/encap.ts";
import { EMPTY_HEADER, routeMessage } from "./message.ts";
import { checkMetrics } from "./metrics.ts";
import type { RouteFilter, RouteQuestion, RouteSpec } from "./types.ts";
import { sharesLess, wayOf } from "./way.ts";

/** The largest number of a table that the header holds. */
const MOST_IN_HEADER = 255;
/** Types of the routes in the local table, where the kernel and `ip route` put them. */
const OF_THIS_HOST: ReadonlySet<RouteType | number> = new Set(["local", "broadcast", "anycast"]);

const fieldAt = fieldNames(routeMessage, {
  priority: "metric",
  prefSrc: "preferredSource",
  oif: "link",
  via: "gateway",
  multipath: "nextHops",
  nhId: "nextHopId",
  encapType: "encap",
  flow: "realm",
  pref: "preference",
  "metrics.mtu": "mtu",
});

const checkFilter = fieldsOf<RouteFilter>("a filter of routes", {
  family: true,
  table: true,
  link: true,
  linkIndex: true,
});

const checkSpec = fieldsOf<RouteSpec>("a route", {
  dst: true,
  gateway: true,
  link: true,
  linkIndex: true,
  nextHops: "list",
  nextHopId: true,
  encap: "any",
  preference: true,
  realm: true,
  ttlPropagate: "boolean",
  unknown: "list",
  onLink: "boolean",
  type: true,
  scope: true,
  table: true,
  metric: true,
  preferredSource: true,
  src: true,
  tos: true,
  mtu: true,
  metrics: true,
  expires: true,
  protocol: true,
  family: true,
  flags: true,
});

/** The last request for a list: one namespace after the other is asked the same. */
let lastList: { readonly filter: RouteFilter; readonly request: NetlinkRequest } | undefined;

/** The request for the routes that a filter lets through. */
export function listRoutesRequest(filter: RouteFilter): NetlinkRequest {
  checkFilter(filter);
  const { table, linkIndex } = filter;
  const family = filteredFamily(filter.family);
  const last = lastList?.filter;
  if (lastList !== undefined && last?.family === family && last?.table === table && last?.linkIndex === linkIndex) {
    return lastList.request;
  }
  const request = filteredRequest({ family, table, linkIndex });
  lastList = { filter: { family, table, linkIndex }, request };
  return request;
}

function filteredRequest(
  { family, table, linkIndex }: Pick<RouteFilter, "table" | "linkIndex"> & { readonly family: number },
): NetlinkRequest {
  const body = routeMessage.encode({ ...EMPTY_HEADER, family, attributes: { table, oif: linkIndex } });
  const noneAt = table === undefined ? undefined : constants.errno.ENOENT; // there is no such table
  return { type: RTM_GETROUTE, flags: 0, body, label: "RTM_GETROUTE", noneAt };
}

const checkQuestion = fieldsOf<RouteQuestion>("a question after a route", {
  from: true,
  iif: true,
  oif: true,
  mark: true,
  tos: true,
  uid: true,
  ipproto: true,
  sport: true,
  dport: true,
  fibMatch: "boolean",
});

/**
 * The request for the route of packets to a destination.
 *
 * @param indexOf Finds the index of a link.
 * @throws {TypeError} It is not an address; or the question has another field.
 */
export function getRouteRequest(
  destination: string,
  question: RouteQuestion,
  indexOf: (link: LinkRef) => number,
): NetlinkRequest {
  checkQuestion(question);
  const { from, iif, oif, mark, tos = 0, uid, ipproto, sport, dport, fibMatch } = question;
  const { address, length } = ipPrefixOf(destination);
  const source = from === undefined ? undefined : ipPrefixOf(from);
  const family = afOf(destination);
  const body = routeMessage.encode({
    ...EMPTY_HEADER,
    family,
    dstLength: length,
    srcLength: source?.length ?? 0,
    tos,
    flags: (family === AF_INET6 ? 0 : RTM_F_LOOKUP_TABLE) | (fibMatch ? RTM_F_FIB_MATCH : 0),
    attributes: {
      dst: address.text,
      src: source?.address.text,
      iif: iif === undefined ? undefined : indexOf(iif),
      oif: oif === undefined ? undefined : indexOf(oif),
      mark,
      uid,
      ipProto: ipproto,
      sport,
      dport,
    },
  });
  return { type: RTM_GETROUTE, flags: 0, body, label: `RTM_GETROUTE ${destination}`, fieldAt };
}

/** What is done beside a route with the same destination, table and metric: as a flag of the request. */
const FLAGS: Readonly<Record<"add" | "append" | "replace", number>> = {
  add: NLM_F_EXCL,
  append: NLM_F_APPEND,
  replace: NLM_F_REPLACE,
};

/** The request that adds a route, beside or in place of one with the same destination, table and metric. */
export function newRouteRequest(spec: RouteSpec, how: keyof typeof FLAGS): NetlinkRequest {
  return {
    type: RTM_NEWROUTE,
    flags: NLM_F_CREATE | FLAGS[how],
    body: encodeRoute(spec, false),
    label: `RTM_NEWROUTE ${spec.dst}`,
    fieldAt,
    explain: (error, exists) => explain(spec, error, exists),
  };
}

/** The request that deletes the first route that fits. */
export function deleteRouteRequest(spec: RouteSpec): NetlinkRequest {
  return { type: RTM_DELROUTE, flags: 0, body: encodeRoute(spec, true), label: `RTM_DELROUTE ${spec.dst}`, fieldAt };
}

/** What to do about a route that leads nowhere, or over a link that does not exist. */
function explain(
  { linkIndex, gateway, nextHops = [] }: RouteSpec,
  error: NetlinkError,
  exists: LinkExists,
): string | undefined {
  if (error.code !== "ENODEV" || error.detail !== undefined) return undefined;
  const indexes = [linkIndex, ...nextHops.map((hop) => hop.linkIndex)].filter((index) => index !== undefined);
  if (indexes.length === 0 && gateway === undefined) return "give the route a gateway, a linkIndex or nextHops";
  const missing = indexes.find((index) => !exists({ index }));
  return missing === undefined
    ? undefined
    : `linkIndex is ${missing}, and this namespace has no link of that index: see listLinks()`;
}

function encodeRoute(spec: RouteSpec, deleting: boolean): Uint8Array<ArrayBuffer> {
  checkSpec(spec);
  if (spec.metrics !== undefined) checkMetrics(spec.metrics);
  const { src } = spec;
  const type = spec.type === undefined ? undefined : nameOf(ROUTE_TYPES, numberOf(ROUTE_TYPES, spec.type, "type"));
  const { linkIndex, gateway, onLink = false, multipath, nextHopId, encap, realm } = wayOf(spec);
  const table = spec.table ?? (type !== undefined && OF_THIS_HOST.has(type) ? RT_TABLE_LOCAL : RT_TABLE_MAIN);
  const prefix = spec.dst === "default" ? undefined : ipPrefixOf(spec.dst);
  const source = src === undefined ? undefined : ipPrefixOf(src);
  const family = prefix === undefined
    ? spec.family ?? afOf(gateway ?? multipath?.[0]?.gateway ?? src ?? "")
    : afOf(spec.dst);
  const dstLength = prefix?.length ?? 0;
  const isDirect = gateway === undefined && multipath === undefined && nextHopId === undefined;
  const isVia = (gateway: string | undefined): boolean => gateway !== undefined && afOf(gateway) !== family;
  return routeMessage.encode({
    family,
    dstLength,
    srcLength: source?.length ?? 0,
    tos: spec.tos ?? 0,
    table: table > MOST_IN_HEADER ? RT_TABLE_UNSPEC : table,
    protocol: spec.protocol ?? (deleting ? 0 : RTPROT_BOOT),
    scope: numberOf(ROUTE_SCOPES, spec.scope ?? defaultScope(type, family, deleting, isDirect), "scope"),
    type: typeOf(type, nextHopId, deleting),
    flags: onLink ? RTNH_F_ONLINK : 0,
    attributes: {
      dst: dstLength === 0 ? undefined : prefix?.address.text,
      src: source?.address.text,
      prefSrc: spec.preferredSource,
      oif: linkIndex,
      gateway: isVia(gateway) ? undefined : gateway,
      via: isVia(gateway) ? gateway : undefined,
      priority: spec.metric,
      table: table > MOST_IN_HEADER ? table : undefined,
      metrics: spec.mtu === undefined ? spec.metrics : { ...spec.metrics, mtu: spec.mtu },
      expires: spec.expires,
      flow: realm,
      pref: spec.preference === undefined ? undefined : numberOf(ROUTE_PREFERENCES, spec.preference, "preference"),
      ...encodeEncap(encap),
      ttlPropagate: spec.ttlPropagate,
      nhId: nextHopId,
      unknown: spec.unknown,
      multipath: multipath?.map((hop) => ({
        index: hop.linkIndex ?? 0,
        hops: sharesLess(hop.weight ?? 1),
        flags: hop.onLink ? RTNH_F_ONLINK : 0,
        gateway: isVia(hop.gateway) ? undefined : hop.gateway,
        via: isVia(hop.gateway) ? hop.gateway : undefined,
        flow: hop.realm,
        ...encodeEncap(hop.encap),
        unknown: hop.unknown,
      })),
    },
  });
}

/**
 * RTN_…, or 0 for any. The type that is listed of a route to a next-hop object is that of the object, which the kernel
 * does not find again.
 */
function typeOf(type: RouteType | number | undefined, nextHopId: number | undefined, deleting: boolean): number {
  if (deleting && (type === undefined || nextHopId !== undefined)) return 0;
  const own = type === "blackhole" && nextHopId !== undefined ? "unicast" : type;
  return numberOf(ROUTE_TYPES, own ?? "unicast", "type");
}

/**
 * The scope that `ip route` takes by default: what is not behind a router is on the link.
 *
 * @param isDirect The route has neither a gateway nor several next hops.
 */
function defaultScope(type: RouteSpec["type"], family: number, deleting: boolean, isDirect: boolean): RouteScope {
  if (family === AF_INET6) return "universe"; // the kernel has no other for IPv6
  if (deleting) return "nowhere"; // any
  if (type === "local") return "host";
  if (type === "broadcast" || type === "multicast" || type === "anycast") return "link";
  if (type !== undefined && type !== "unicast") return "universe";
  return isDirect ? "link" : "universe";
}
