/** Routes: what the file describes against what is there. */
import { networkOf, parseIpPrefix } from "../../ip/address.ts";
import type { LinuxRoute } from "../../models/route.ts";
import type { RouteFields, Slot } from "./actions.ts";
import { type Draft, routeItem } from "./plan_builder.ts";
import { type ActualRoute, familyOf, lookup, type Space } from "../observed/observed_namespace.ts";

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
export function routeKey({ destination, table, metric }: RouteFields | ActualRoute): string {
  return `${destination} ${table} ${metricOf(destination, metric)}`;
}

/** Plans every route of the file; the gateways of some are reached by others, which come first. */
export function planRoutes(draft: Draft): void {
  const direct = (route: LinuxRoute): number => route.gwAddr === undefined ? 0 : 1;
  const routes = [...draft.situation.config.routes].sort((a, b) => direct(a) - direct(b));
  for (const route of routes) {
    const item = routeItem(route.name);
    const target = draft.target(route);
    if ("reason" in target) draft.wait(item, target.reason);
    else if (!target.up) draft.wait(item, `${target.name} in ${target.space.label} is down`);
    else planRoute(draft, item, target, routeFields(route));
  }
}

function planRoute(draft: Draft, item: string, slot: Slot, route: RouteFields): void {
  const there = sameKey(draft, slot.space, route);
  if (there.some((actual) => isAsDescribed(draft, actual, slot, route))) return;
  if (comesWithAddress(draft, slot, route)) return;
  // A route that the kernel made for an address is not ours to replace; the kernel says so if there is no room.
  const replaces = there.some(({ kernel }) => !kernel);
  draft.do("configure", item, { kind: replaces ? "replace-route" : "add-route", slot, route });
}

/**
 * True of the route to an IPv4 network in which the link has an address: the kernel makes it, and refuses a second one.
 * (Those of IPv6 have a metric that the file would have to give.)
 */
function comesWithAddress(draft: Draft, slot: Slot, route: RouteFields): boolean {
  if (route.gateway !== undefined || route.table !== MAIN_TABLE || route.metric || route.scope !== SCOPES.LINK) {
    return false;
  }
  const first = draft.addressesOf(slot).map(parseIpPrefix).find((prefix) => (
    prefix !== undefined && networkOf(prefix).text === route.destination
  ));
  return first !== undefined && (route.source === undefined || route.source === first.address.text);
}

const routesByKey = lookup((route: ActualRoute) => routeKey(route));

/** The routes in the place of `route`. */
function atKey(space: Space, route: RouteFields): readonly ActualRoute[] {
  return routesByKey(space.routes(familyOf(route.destination), route.table), routeKey(route));
}

/** Those of them that are there when the links and addresses are done. */
function sameKey(draft: Draft, space: Space, route: RouteFields): ActualRoute[] {
  return atKey(space, route).filter((actual) =>
    !goesWithLink(draft, space, actual) && !goesWithAddresses(draft, space, actual)
  );
}

function goesWithLink(draft: Draft, space: Space, { index }: ActualRoute): boolean {
  return index !== undefined && (draft.isDeleted(space, index) || draft.isGoingDown(space, index));
}

/** With the last IPv4 address of a link all its IPv4 routes go. */
function goesWithAddresses(draft: Draft, space: Space, { index, destination }: ActualRoute): boolean {
  return index !== undefined && !isIpv6(destination) && draft.losesIpv4(space, index);
}

function isAsDescribed(draft: Draft, actual: ActualRoute, slot: Slot, route: RouteFields): boolean {
  return actual.plain && actual.index === slot.index && actual.gateway === route.gateway &&
    actual.scope === route.scope && !losesSource(draft, actual, slot) &&
    // The kernel's own routes have the address they were made for as the source.
    (actual.source === route.source || (actual.kernel && route.source === undefined));
}

/** A route goes with the address that is its source, also if that is given back at once. */
function losesSource(draft: Draft, { source }: ActualRoute, { space }: Slot): boolean {
  return source !== undefined && draft.losesAddress(space, source);
}

/** Plans that a route goes that was described once, if it still leaves by that link and gateway. */
export function removeRoute(draft: Draft, route: LinuxRoute, slot: Slot): void {
  const fields = routeFields(route);
  // By the time that it is to go, the addresses have not changed yet.
  const found = atKey(slot.space, fields).some((actual) =>
    !goesWithLink(draft, slot.space, actual) && actual.plain && !actual.kernel && actual.index === slot.index &&
    actual.gateway === fields.gateway
  );
  if (found) draft.do("remove", routeItem(route.name), { kind: "delete-route", slot, route: fields });
}
