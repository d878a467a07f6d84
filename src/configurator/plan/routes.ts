/** Routes: what the file describes against what exists. */
import { defined } from "../../collections.ts";
import { printable } from "../../../ffi/mod.ts";
import { familyOf } from "../../ip/address.ts";
import { parseIpPrefix } from "../../ip/prefix.ts";
import type { LinuxRoute } from "../../models/route.ts";
import {
  IP6_RT_PRIO_USER,
  type RouteScope,
  type RouteType,
  RT_TABLE_LOCAL,
  RT_TABLE_MAIN,
  RTPROT_KERNEL,
  RTPROT_NETNS,
} from "../../netlink/constants/route.ts";
import { addressesOf, linkAt, lookup } from "../observed/lookup.ts";
import type { ObservedNamespace, ObservedRoute } from "../observed/observed_namespace.ts";
import type { RouteBefore } from "../ownership/before.ts";
import type { RouteRecord } from "../ownership/records.ts";
import { foreignEntry, linkLabel, ownedByOther, ownRouteOfKernel } from "../ownership/refusal.ts";
import { routeBefore } from "../ownership/snapshot.ts";
import { routeItem } from "../report.ts";
import type { RouteFields } from "./actions.ts";
import { type ConnectedRoute, ConnectedRoutes, isConnectedRoute } from "./connected_routes.ts";
import type { PlanBuilder } from "./plan_builder.ts";
import type { PlannedLink } from "./planned_link.ts";
import { covers, gatewaysOf, isDirect, type PlannedRoute, wayOf } from "./route_way.ts";

/** The scopes of the file, as the kernel names them. */
const SCOPES = { GLOBAL: "universe", SITE: "site", LINK: "link", HOST: "host" } as const satisfies Readonly<
  Record<NonNullable<LinuxRoute["scope"]>["type"], RouteScope>
>;

/** The metric that the kernel gives a route. */
const metricOf = (destination: string, metric?: number): number => (
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
    mtu,
  });
}

/** How far the destination is, as `ip route` takes it. */
function scopeOf({ dstIpAddr, gwAddr, nextHops, type }: LinuxRoute): RouteScope {
  if (familyOf(dstIpAddr) === 6) return "universe";
  if (type === "LOCAL") return "host";
  if (type !== undefined || gwAddr !== undefined) return "universe";
  return nextHops?.some((hop) => hop.gwAddr !== undefined) ? "universe" : "link";
}

/** What the kernel tells two routes of a namespace apart by, as text. */
export function routeKey(
  { destination, table, metric }: Pick<RouteFields, "destination" | "table" | "metric">,
): string {
  return `${destination} ${table} ${metricOf(destination, metric)}`;
}

/** Plans every route of the file; the gateways of some are reached by others, which come first. */
export function planRoutes(builder: PlanBuilder): void {
  const hasGateway = ({ gwAddr, nextHops }: LinuxRoute): number => Number((gwAddr ?? nextHops) !== undefined);
  const routes = [...builder.input.config.routes].sort((a, b) => hasGateway(a) - hasGateway(b));
  const planned = new Map<ObservedNamespace, PlannedRoute[]>();
  const plannedIn = (namespace: ObservedNamespace): PlannedRoute[] => {
    const known = planned.get(namespace) ?? [];
    if (known.length === 0) planned.set(namespace, known);
    return known;
  };
  const connected = new ConnectedRoutes(builder);
  for (const route of routes) {
    const item = routeItem(route.name);
    const way = wayOf(builder, route, plannedIn);
    if ("reason" in way) {
      builder.wait(item, way.reason);
      continue;
    }
    const { link, nextHops } = way;
    const fields = nextHops === undefined ? routeFields(route) : { ...routeFields(route), nextHops };
    const others = plannedIn(link.namespace);
    planRoute(builder, connected, item, link, fields, others);
    others.push({ fields, link });
  }
}

/**
 * Why a gateway cannot be used yet: the kernel takes one only if an address or a route without a gateway covers it.
 * The link-local gateways of IPv6 are always on the link.
 */
function reasonUnreachable(
  builder: PlanBuilder,
  connected: ConnectedRoutes,
  link: PlannedLink,
  gateway: string,
  planned: readonly PlannedRoute[],
): string | undefined {
  const family = familyOf(gateway);
  const networks = [
    ...builder.effects.addressesOf(link),
    ...planned.filter(({ fields }) => isDirect(fields)).map(({ fields }) => fields.destination),
    ...addressesOf(link.namespace, link.index ?? 0).flatMap(({ peer }) =>
      peer === undefined ? [] : [prefixOfPeer(peer)]
    ),
    ...link.namespace.routes(family, RT_TABLE_MAIN).filter((one) => (
      !goesWithLink(builder, link.namespace, one) && !goesWithAddresses(builder, link.namespace, one) &&
      !connected.goesWithAddress(link.namespace, one)
    )).filter((one) => one.gateway === undefined && one.index === link.index)
      .map(({ destination }) => destination),
  ];
  if (networks.some((text) => covers(text, gateway))) return undefined;
  return `the gateway ${gateway} is not reachable: no address or route of ${link.label} covers it`;
}

const prefixOfPeer = (peer: string): string => peer.includes("/") ? peer : `${peer}/${familyOf(peer) === 4 ? 32 : 128}`;

function planRoute(
  builder: PlanBuilder,
  connected: ConnectedRoutes,
  item: string,
  link: PlannedLink,
  route: RouteFields,
  planned: readonly PlannedRoute[],
): void {
  const { claims, adopt } = builder.input;
  const remaining = remainingRoutes(builder, connected, link.namespace, route);
  const owned = remaining.map((one) => ({ one, record: claims.routeAt(link.namespace, one) }))
    .find(({ record }) => record !== undefined);
  if (owned?.record !== undefined) builder.keep(owned.record, { ...owned.record, item });
  const label = `the route to ${route.destination} in ${printable(link.namespace.label)}`;
  const other = remaining.map((one) => claims.otherOwnerOfRoute(link.namespace, one)).find((one) => one !== undefined);
  if (other !== undefined) return builder.fail(item, ownedByOther(label, other));
  if (remaining.some((actual) => isAsDescribed(builder, actual, link, route))) return;
  const key = routeKey(route);
  const coming = connected.comingIn(link.namespace).filter((one) => routeKey(one) === key);
  if (coming.some((one) => isConnectedRoute(one, link, route))) return;
  const foreign = remaining.filter((one) => one !== owned?.one && !comesFromOwnLink(builder, link, one));
  const [first] = foreign;
  if (owned === undefined && first === undefined) {
    const kernels = connectedRouteInTheWay(link.namespace, remaining, coming, route);
    if (kernels !== undefined) return builder.fail(item, ownRouteOfKernel(route.destination, kernels));
  }
  const [unreachable] = gatewaysOf(link, route)
    .flatMap(([by, gateway]) => reasonUnreachable(builder, connected, by, gateway, planned) ?? []);
  if (unreachable !== undefined) return builder.wait(item, unreachable);
  if (first !== undefined) {
    if (!adopt) return builder.fail(item, foreignEntry(label));
    if (isDefaultRouteOfHost(builder, link.namespace, first)) {
      return builder.fail(item, {
        ...foreignEntry(label),
        reason: `${label} is not adopted: it is the host's own`,
        hint: "give this one another metric or table",
      });
    }
    const { namespace, name } = link;
    builder.add("adopt", item, { kind: "adopt", what: label, namespace, name });
  }
  const former = claims.routeRecord(link.namespace, { ...route, metric: metricOf(route.destination, route.metric) });
  if (former !== undefined) builder.keep(former); // what is made takes its place
  const record = recordOf(item, route, first === undefined ? owned?.record?.before : routeBefore(first));
  const kind = remaining.length + coming.length > 0 ? "replace-route" : "add-route";
  const makes = (): readonly RouteRecord[] => [{ ...record, namespace: link.namespace.cookie ?? "0" }];
  const why = reasonLost(builder, connected, link, route, former !== undefined);
  builder.add("configure", item, { kind, link, route }, defined({ makes, why }));
}

function recordOf(item: string, route: RouteFields, before: RouteBefore | undefined): Omit<RouteRecord, "namespace"> {
  const { destination, table, metric } = route;
  const protocol = route.protocol ?? RTPROT_NETNS;
  return { kind: "route", item, destination, table, metric: metricOf(destination, metric), protocol, before };
}

/** True of a route that the kernel made for an address of a link of this configuration. */
function comesFromOwnLink(builder: PlanBuilder, { namespace }: PlannedLink, route: ObservedRoute): boolean {
  return route.protocol === RTPROT_KERNEL && isOwnLink(builder, namespace, route.index);
}

/** True of the index of a link of this configuration. */
export function isOwnLink({ input: { claims } }: PlanBuilder, namespace: ObservedNamespace, index?: number): boolean {
  const link = index === undefined ? undefined : linkAt(namespace, index);
  return link !== undefined && claims.linkAt(namespace, link) !== undefined;
}

/** The route by which the host reaches the world stays, whatever is asked. */
function isDefaultRouteOfHost(
  { input }: PlanBuilder,
  namespace: ObservedNamespace,
  { destination, table }: ObservedRoute,
) {
  return namespace === input.namespaceOf() && destination.endsWith("/0") && table === RT_TABLE_MAIN;
}

/**
 * The kernel's own route, of a link of this configuration, that cannot give way: in its place one through a gateway would
 * make that unreachable, and one to this host is its address.
 */
function connectedRouteInTheWay(
  namespace: ObservedNamespace,
  remaining: readonly ObservedRoute[],
  coming: readonly ConnectedRoute[],
  route: RouteFields,
): { readonly address: string; readonly label: string } | undefined {
  const isOther = !isDirect(route);
  const next = coming.find(({ isUnicast }) => isOther || !isUnicast);
  if (next !== undefined) return { address: next.address, label: next.link.label };
  const old = remaining.find(({ protocol, plain }) => protocol === RTPROT_KERNEL && (isOther || !plain));
  const link = old?.index === undefined ? undefined : linkAt(namespace, old.index);
  if (old === undefined || link === undefined) return undefined;
  const [address = old.destination] = addressesOf(namespace, link.index).map(({ text }) => text)
    .filter((text) => old.source === undefined ? covers(old.destination, ipOf(text)) : ipOf(text) === old.source)
    .sort();
  return { address, label: linkLabel(namespace, link) };
}

const ipOf = (text: string): string => parseIpPrefix(text)?.address.text ?? text;

const routesByKey = lookup((route: ObservedRoute) => routeKey(route));

/** The existing routes with the key of `route` that this key distinguishes from all others. */
export function routesAt(
  namespace: ObservedNamespace,
  route: Pick<RouteFields, "destination" | "table" | "metric">,
): readonly ObservedRoute[] {
  return sameKey(namespace, route).filter(({ keyed }) => keyed);
}

/** The routes that exist with the key of `route`. */
export function sameKey(
  namespace: ObservedNamespace,
  route: Pick<RouteFields, "destination" | "table" | "metric">,
): readonly ObservedRoute[] {
  return routesByKey(namespace.routes(familyOf(route.destination), route.table), routeKey(route));
}

/** Why a route that was there is made again. */
function reasonLost(
  builder: PlanBuilder,
  connected: ConnectedRoutes,
  link: PlannedLink,
  route: RouteFields,
  wasMade: boolean,
): string | undefined {
  const { namespace } = link;
  const there = routesAt(namespace, route);
  if (there.some((one) => goesWithLink(builder, namespace, one))) return "went with its link";
  const goes = (one: ObservedRoute): boolean => (
    goesWithAddresses(builder, namespace, one) || connected.goesWithAddress(namespace, one) ||
    losesSource(builder, one, link)
  );
  if (there.some(goes)) return "went with its address";
  if (!wasMade || there.length > 0) return undefined;
  if (link.isNew) return "went with its link";
  const isAdded = builder.effects.addressesOf(link).some((text) => builder.effects.isAdded(link, text));
  return isAdded ? "went with its address" : undefined;
}

/** Those of them that still exist when the links and addresses are done. */
function remainingRoutes(
  builder: PlanBuilder,
  connected: ConnectedRoutes,
  namespace: ObservedNamespace,
  route: RouteFields,
): ObservedRoute[] {
  return sameKey(namespace, route).filter((actual) =>
    actual.keyed && !goesWithLink(builder, namespace, actual) && !goesWithAddresses(builder, namespace, actual) &&
    !connected.goesWithAddress(namespace, actual)
  );
}

/** True of a route whose link goes, or is set down. */
export function goesWithLink(
  { effects }: PlanBuilder,
  namespace: ObservedNamespace,
  { index }: ObservedRoute,
): boolean {
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
  return actual.whole && actual.type === (route.type ?? "unicast") && hasWay(actual, link, route) &&
    actual.scope === route.scope && actual.mtu === route.mtu && !losesSource(builder, actual, link) &&
    // The kernel's own routes have the address they were made for as the source.
    (actual.source === route.source || (actual.protocol === RTPROT_KERNEL && route.source === undefined));
}

/** True if a route that exists leads where it should. */
function hasWay({ hops, onLink }: ObservedRoute, link: PlannedLink, route: RouteFields): boolean {
  if (route.type !== undefined && route.type !== "local") return true;
  if (route.onLink && !onLink) return false;
  const wanted = route.nextHops ?? [{ link, gateway: route.gateway, weight: 1 }];
  const keys = wanted.map((hop) => `${hop.link.index} ${hop.gateway} ${hop.weight}`).sort();
  const actual = hops.map(({ index, gateway, weight }) => `${index} ${gateway} ${weight}`).sort();
  return keys.length === actual.length && keys.every((key, position) => key === actual[position]);
}

/** A route goes with the address that is its source, also if that is given back at once. */
function losesSource({ effects }: PlanBuilder, { source }: ObservedRoute, { namespace }: PlannedLink): boolean {
  return source !== undefined && effects.losesAddress(namespace, source);
}
