/** Routes: what the file describes against what is there. */
import { networkOf } from "../../ip/arithmetic.ts";
import { parseIpPrefix } from "../../ip/prefix.ts";
import type { LinuxRoute } from "../../models/route.ts";
import type { PlannedLink, RouteFields } from "./actions.ts";
import { type PlanBuilder, routeItem } from "./plan_builder.ts";
import { familyOf, lookup, type ObservedNamespace, type ObservedRoute } from "../observed/observed_namespace.ts";

/** RT_SCOPE_* of linux/rtnetlink.h. */
const SCOPES = { GLOBAL: 0, SITE: 200, LINK: 253, HOST: 254 } as const;
/** RT_TABLE_MAIN of linux/rtnetlink.h. */
const MAIN_TABLE = 254;
/** IP6_RT_PRIO_USER of linux/ipv6_route.h: the metric of a route that is given none. */
const IPV6_METRIC = 1024;

const isIpv6 = (text: string): boolean => text.includes(":");

/** The metric that the kernel gives a route. */
const metricOf = (destination: string, metric?: number): number => metric || (isIpv6(destination) ? IPV6_METRIC : 0);

/** The route as the kernel is told. */
export function routeFields({ dstIpAddr, gwAddr, srcIpAddr, metric, table, scope }: LinuxRoute): RouteFields {
  const near = gwAddr === undefined && !isIpv6(dstIpAddr);
  return {
    destination: dstIpAddr,
    table: table || MAIN_TABLE,
    ...metric ? { metric } : {},
    ...gwAddr === undefined ? {} : { gateway: gwAddr },
    ...srcIpAddr === undefined ? {} : { source: srcIpAddr },
    scope: scope === undefined ? (near ? SCOPES.LINK : SCOPES.GLOBAL) : SCOPES[scope.type],
  };
}

/** What the kernel tells two routes of a namespace apart by, as text. */
export function routeKey({ destination, table, metric }: RouteFields | ObservedRoute): string {
  return `${destination} ${table} ${metricOf(destination, metric)}`;
}

/** Plans every route of the file; the gateways of some are reached by others, which come first. */
export function planRoutes(builder: PlanBuilder): void {
  const direct = (route: LinuxRoute): number => route.gwAddr === undefined ? 0 : 1;
  const routes = [...builder.input.config.routes].sort((a, b) => direct(a) - direct(b));
  for (const route of routes) {
    const item = routeItem(route.name);
    const target = builder.target(route);
    if ("reason" in target) builder.wait(item, target.reason);
    else if (!target.up) builder.wait(item, `${target.name} in ${target.namespace.label} is down`);
    else planRoute(builder, item, target, routeFields(route));
  }
}

function planRoute(builder: PlanBuilder, item: string, link: PlannedLink, route: RouteFields): void {
  const there = sameKey(builder, link.namespace, route);
  if (there.some((actual) => isAsDescribed(builder, actual, link, route))) return;
  if (comesWithAddress(builder, link, route)) return;
  // A route that the kernel made for an address is not ours to replace; the kernel says so if there is no room.
  const replaces = there.some(({ kernel }) => !kernel);
  builder.do("configure", item, { kind: replaces ? "replace-route" : "add-route", link, route });
}

/**
 * True of the route to an IPv4 network in which the link has an address: the kernel makes it, and refuses a second one.
 * (Those of IPv6 have a metric that the file would have to give.)
 */
function comesWithAddress(builder: PlanBuilder, link: PlannedLink, route: RouteFields): boolean {
  if (route.gateway !== undefined || route.table !== MAIN_TABLE || route.metric || route.scope !== SCOPES.LINK) {
    return false;
  }
  const first = builder.addressesOf(link).map(parseIpPrefix).find((prefix) => (
    prefix !== undefined && networkOf(prefix).text === route.destination
  ));
  return first !== undefined && (route.source === undefined || route.source === first.address.text);
}

const routesByKey = lookup((route: ObservedRoute) => routeKey(route));

/** The routes in the place of `route`. */
function atKey(namespace: ObservedNamespace, route: RouteFields): readonly ObservedRoute[] {
  return routesByKey(namespace.routes(familyOf(route.destination), route.table), routeKey(route));
}

/** Those of them that are there when the links and addresses are done. */
function sameKey(builder: PlanBuilder, namespace: ObservedNamespace, route: RouteFields): ObservedRoute[] {
  return atKey(namespace, route).filter((actual) =>
    !goesWithLink(builder, namespace, actual) && !goesWithAddresses(builder, namespace, actual)
  );
}

function goesWithLink(builder: PlanBuilder, namespace: ObservedNamespace, { index }: ObservedRoute): boolean {
  return index !== undefined && (builder.isDeleted(namespace, index) || builder.isGoingDown(namespace, index));
}

/** With the last IPv4 address of a link all its IPv4 routes go. */
function goesWithAddresses(
  builder: PlanBuilder,
  namespace: ObservedNamespace,
  { index, destination }: ObservedRoute,
): boolean {
  return index !== undefined && !isIpv6(destination) && builder.losesIpv4(namespace, index);
}

function isAsDescribed(builder: PlanBuilder, actual: ObservedRoute, link: PlannedLink, route: RouteFields): boolean {
  return actual.plain && actual.index === link.index && actual.gateway === route.gateway &&
    actual.scope === route.scope && !losesSource(builder, actual, link) &&
    // The kernel's own routes have the address they were made for as the source.
    (actual.source === route.source || (actual.kernel && route.source === undefined));
}

/** A route goes with the address that is its source, also if that is given back at once. */
function losesSource(builder: PlanBuilder, { source }: ObservedRoute, { namespace }: PlannedLink): boolean {
  return source !== undefined && builder.losesAddress(namespace, source);
}

/** Plans that a route goes that was described once, if it still leaves by that link and gateway. */
export function removeRoute(builder: PlanBuilder, route: LinuxRoute, link: PlannedLink): void {
  const fields = routeFields(route);
  // By the time that it is to go, the addresses have not changed yet.
  const found = atKey(link.namespace, fields).some((actual) =>
    !goesWithLink(builder, link.namespace, actual) && actual.plain && !actual.kernel && actual.index === link.index &&
    actual.gateway === fields.gateway
  );
  if (found) builder.do("delete-entries", routeItem(route.name), { kind: "delete-route", link, route: fields });
}
