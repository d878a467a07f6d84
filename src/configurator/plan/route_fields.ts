/** A route of the file as the kernel is asked for it. */
import { defined } from "../../collections.ts";
import { familyOf } from "../../ip/address.ts";
import type { LinuxRoute } from "../../models/route.ts";
import {
  IP6_RT_PRIO_USER,
  type RouteScope,
  type RouteType,
  RT_TABLE_LOCAL,
  RT_TABLE_MAIN,
  RTPROT_BOOT,
  RTPROT_NETNS,
  RTPROT_STATIC,
} from "../../netlink/constants/route.ts";
import type { RouteFields } from "./actions.ts";

/** The marks of routes that somebody set by hand, or that this program did; not the kernel, and no daemon. */
export const ADMINISTRATORS: ReadonlySet<number> = new Set([RTPROT_BOOT, RTPROT_STATIC, RTPROT_NETNS]);

/** The scopes of the file, as the kernel names them. */
const SCOPES = { GLOBAL: "universe", SITE: "site", LINK: "link", HOST: "host" } as const satisfies Readonly<
  Record<NonNullable<LinuxRoute["scope"]>["type"], RouteScope>
>;

/** The metric that the kernel gives a route. */
export const metricOf = (destination: string, metric?: number): number => (
  metric || (familyOf(destination) === 6 ? IP6_RT_PRIO_USER : 0)
);

/** The types of the file, as the kernel names them. */
const TYPES = {
  BLACKHOLE: "blackhole",
  UNREACHABLE: "unreachable",
  PROHIBIT: "prohibit",
  THROW: "throw",
  LOCAL: "local",
} as const satisfies Readonly<Record<NonNullable<LinuxRoute["type"]>, RouteType>>;

/** The largest MTU that the kernel keeps for a route, in bytes: of a larger one it makes this. */
const ROUTE_MTU_MAX = 65_520;

/** The route as it is requested, but for its next hops. */
export function routeFields(route: LinuxRoute): RouteFields {
  const { dstIpAddr, gwAddr, srcIpAddr, metric, table, scope, type, onLink, mtu } = route;
  return defined({
    destination: dstIpAddr,
    table: table || (type === "LOCAL" ? RT_TABLE_LOCAL : RT_TABLE_MAIN),
    metric: metric || undefined,
    gateway: gwAddr,
    source: srcIpAddr,
    scope: scope === undefined ? scopeOf(route) : SCOPES[scope.type],
    type: type === undefined ? undefined : TYPES[type],
    onLink,
    mtu: mtu && Math.min(mtu, ROUTE_MTU_MAX),
  });
}

/** How far the destination is, as `ip route` takes it. */
function scopeOf({ dstIpAddr, gwAddr, nextHops, type }: LinuxRoute): RouteScope {
  if (familyOf(dstIpAddr) === 6) return "universe";
  if (type === "LOCAL") return "host";
  if (type !== undefined || gwAddr !== undefined) return "universe";
  return nextHops?.some((hop) => hop.gwAddr !== undefined) ? "universe" : "link";
}

/** What identifies a route in its namespace for the kernel, as text. */
export function routeKey(
  { destination, table, metric }: Pick<RouteFields, "destination" | "table" | "metric">,
): string {
  return `${destination} ${table} ${metricOf(destination, metric)}`;
}

/** The same of a route that was there, which may differ from another one by what the file does not describe. */
export const wholeRouteKey = (route: Pick<RouteFields, "destination" | "table" | "metric" | "options">): string =>
  `${routeKey(route)} ${route.options?.tos} ${route.options?.src}`;
