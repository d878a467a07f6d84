/** Routes: what the file describes against what exists. */
import { defined } from "../../collections.ts";
import { familyOf } from "../../ip/address.ts";
import { networkOf } from "../../ip/arithmetic.ts";
import { parseIpPrefix } from "../../ip/prefix.ts";
import type { LinuxRoute } from "../../models/route.ts";
import { IP6_RT_PRIO_USER, type RouteScope, RT_TABLE_MAIN } from "../../netlink/constants/route.ts";
import { lookup } from "../observed/lookup.ts";
import type { ObservedNamespace, ObservedRoute } from "../observed/observed_namespace.ts";
import { routeItem } from "../report.ts";
import type { RouteFields } from "./actions.ts";
import type { PlanBuilder } from "./plan_builder.ts";
import type { PlannedLink } from "./planned_link.ts";

/** The scopes of the file, as the kernel names them. */
const SCOPES = { GLOBAL: "universe", SITE: "site", LINK: "link", HOST: "host" } as const satisfies Readonly<
  Record<NonNullable<LinuxRoute["scope"]>["type"], RouteScope>
>;

/** The metric that the kernel gives a route. */
const metricOf = (destination: string, metric?: number): number => (
  metric || (familyOf(destination) === 6 ? IP6_RT_PRIO_USER : 0)
);

/** The route as it is requested. */
export function routeFields({ dstIpAddr, gwAddr, srcIpAddr, metric, table, scope }: LinuxRoute): RouteFields {
  const onLink = gwAddr === undefined && familyOf(dstIpAddr) === 4;
  return defined({
    destination: dstIpAddr,
    table: table || RT_TABLE_MAIN,
    metric: metric || undefined,
    gateway: gwAddr,
    source: srcIpAddr,
    scope: SCOPES[scope?.type ?? (onLink ? "LINK" : "GLOBAL")],
  });
}

/** What the kernel tells two routes of a namespace apart by, as text. */
export function routeKey({ destination, table, metric }: RouteFields | ObservedRoute): string {
  return `${destination} ${table} ${metricOf(destination, metric)}`;
}

/** Plans every route of the file; the gateways of some are reached by others, which come first. */
export function planRoutes(builder: PlanBuilder): void {
  const hasGateway = ({ gwAddr }: LinuxRoute): number => Number(gwAddr !== undefined);
  const routes = [...builder.input.config.routes].sort((a, b) => hasGateway(a) - hasGateway(b));
  for (const route of routes) {
    const item = routeItem(route.name);
    const target = builder.target(route);
    if ("reason" in target) builder.wait(item, target.reason);
    else if (!target.up) builder.wait(item, `${target.name} in ${target.namespace.label} is down`);
    else planRoute(builder, item, target, routeFields(route));
  }
}

function planRoute(builder: PlanBuilder, item: string, link: PlannedLink, route: RouteFields): void {
  const remaining = remainingRoutes(builder, link.namespace, route);
  if (remaining.some((actual) => isAsDescribed(builder, actual, link, route))) return;
  if (comesWithAddress(builder, link, route)) return;
  // A route that the kernel made for an address is never replaced; the kernel says so if the new one clashes with it.
  const replaces = remaining.some(({ kernel }) => !kernel);
  builder.add("configure", item, { kind: replaces ? "replace-route" : "add-route", link, route });
}

/**
 * True of the route to an IPv4 network in which the link has an address: the kernel makes it, and refuses a second one.
 * (Those of IPv6 have a metric that the file would have to give.)
 */
function comesWithAddress(builder: PlanBuilder, link: PlannedLink, route: RouteFields): boolean {
  if (route.gateway !== undefined || route.table !== RT_TABLE_MAIN || route.metric || route.scope !== "link") {
    return false;
  }
  const first = builder.effects.addressesOf(link).map(parseIpPrefix).find((prefix) => (
    prefix !== undefined && networkOf(prefix).text === route.destination
  ));
  return first !== undefined && (route.source === undefined || route.source === first.address.text);
}

const routesByKey = lookup((route: ObservedRoute) => routeKey(route));

/** The routes that exist with the key of `route`. */
function sameKey(namespace: ObservedNamespace, route: RouteFields): readonly ObservedRoute[] {
  return routesByKey(namespace.routes(familyOf(route.destination), route.table), routeKey(route));
}

/** Those of them that still exist when the links and addresses are done. */
function remainingRoutes(builder: PlanBuilder, namespace: ObservedNamespace, route: RouteFields): ObservedRoute[] {
  return sameKey(namespace, route).filter((actual) =>
    !goesWithLink(builder, namespace, actual) && !goesWithAddresses(builder, namespace, actual)
  );
}

function goesWithLink({ effects }: PlanBuilder, namespace: ObservedNamespace, { index }: ObservedRoute): boolean {
  return index !== undefined && (effects.isGone(namespace, index) || effects.isGoingDown(namespace, index));
}

/** With the last IPv4 address of a link all its IPv4 routes go. */
function goesWithAddresses(
  { effects }: PlanBuilder,
  namespace: ObservedNamespace,
  { index, destination }: ObservedRoute,
): boolean {
  return index !== undefined && familyOf(destination) === 4 && effects.losesIpv4(namespace, index);
}

function isAsDescribed(builder: PlanBuilder, actual: ObservedRoute, link: PlannedLink, route: RouteFields): boolean {
  return actual.plain && actual.index === link.index && actual.gateway === route.gateway &&
    actual.scope === route.scope && !losesSource(builder, actual, link) &&
    // The kernel's own routes have the address they were made for as the source.
    (actual.source === route.source || (actual.kernel && route.source === undefined));
}

/** A route goes with the address that is its source, also if that is given back at once. */
function losesSource({ effects }: PlanBuilder, { source }: ObservedRoute, { namespace }: PlannedLink): boolean {
  return source !== undefined && effects.losesAddress(namespace, source);
}

/** Plans that a route of an earlier description goes, if it still leaves by that link and gateway. */
export function removeRoute(builder: PlanBuilder, route: LinuxRoute, link: PlannedLink): void {
  const fields = routeFields(route);
  // Routes are deleted before addresses change, so what goes with addresses still exists then.
  const exists = sameKey(link.namespace, fields).some((actual) =>
    !goesWithLink(builder, link.namespace, actual) && actual.plain && !actual.kernel &&
    actual.index === link.index && actual.gateway === fields.gateway
  );
  if (exists) {
    builder.add("delete-entries", routeItem(route.name), { kind: "delete-route", link, route: fields });
  }
}
