/** Routes: what the file describes against what exists. */
import { defined } from "../../collections.ts";
import { printable } from "../../../ffi/mod.ts";
import { familyOf } from "../../ip/address.ts";
import { covers } from "../../ip/networks.ts";
import { parseIpPrefix } from "../../ip/prefix.ts";
import type { LinuxRoute } from "../../models/route.ts";
import { RT_TABLE_MAIN, RTPROT_KERNEL, RTPROT_NETNS } from "../../netlink/constants/route.ts";
import { addressesOf, linkAt } from "../observed/lookup.ts";
import type { ObservedNamespace, ObservedRoute } from "../observed/observed_namespace.ts";
import { isAdded } from "../ownership/added_addresses.ts";
import type { RouteBefore } from "../ownership/prior_state.ts";
import type { RouteRecord } from "../ownership/records.ts";
import {
  foreignEntry,
  linkLabel,
  neverReplaced,
  ownedByOther,
  ownRouteOfKernel,
  type Refusal,
} from "../ownership/refusal.ts";
import { routeBefore } from "../ownership/snapshot.ts";
import { routeItem } from "../report.ts";
import type { ActionOf, RouteFields } from "./actions.ts";
import { type ConnectedRoute, ConnectedRoutes, isConnectedRoute } from "./connected_routes.ts";
import { refusedIpv6 } from "./ipv6_mtu.ts";
import type { PlanBuilder } from "./plan_builder.ts";
import type { PlannedLink } from "./planned_link.ts";
import {
  goesWithAddresses,
  goesWithLink,
  isLeftToKernel,
  losesSource,
  reasonLost,
  remainingRoutes,
  routesAt,
} from "./remaining_routes.ts";
import { ADMINISTRATORS, metricOf, routeFields } from "./route_fields.ts";
import { gatewaysOf, hasNoWay, isDirect, type PlannedRoute, type RouteWay, wayOf } from "./route_way.ts";

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
      builder.outOfReach(item, builder.namespaceOf(route));
      continue;
    }
    const { link, nextHops } = way;
    const refused = refusedWay(builder, route, way);
    if (refused !== undefined) {
      builder.fail(item, refused);
      continue;
    }
    const fields = nextHops === undefined ? routeFields(route) : { ...routeFields(route), nextHops };
    const others = plannedIn(link.namespace);
    planRoute(builder, connected, item, link, fields, others);
    others.push({ fields, link });
  }
}

/** A link of the way on which the kernel takes no route of IPv6, or to a gateway of it. */
function refusedWay(builder: PlanBuilder, route: LinuxRoute, { link, nextHops = [] }: RouteWay): Refusal | undefined {
  if (hasNoWay(route)) return undefined;
  for (const { link: one, gateway = route.dstIpAddr } of [{ link, gateway: route.gwAddr }, ...nextHops]) {
    const isOfIpv6 = [route.dstIpAddr, gateway].some((text) => familyOf(text) === 6);
    const refused = isOfIpv6 ? refusedIpv6(builder, one) : undefined;
    if (refused !== undefined) return refused;
  }
  return undefined;
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
  // Nearly always an address of the link covers it, and nothing need be read.
  if (builder.effects.addressesOf(link).some((text) => covers(text, gateway))) return undefined;
  const networks = [
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
  const isUnseen = isLeftToKernel(builder, connected, link, route);
  const remaining = isUnseen ? [] : remainingRoutes(builder, connected, link.namespace, route);
  const own = remaining.find((one) => claims.routeAt(link.namespace, one) !== undefined);
  const record = own && claims.routeAt(link.namespace, own);
  if (record !== undefined) builder.keep(record, record.item === item ? record : { ...record, item });
  const label = (): string => `the route to ${route.destination} in ${printable(link.namespace.label)}`;
  for (const one of remaining) {
    const other = claims.others.ownerOfRoute(link.namespace, one);
    if (other !== undefined) return builder.fail(item, ownedByOther(label(), other));
  }
  const there = remaining.find((actual) => isAsDescribed(builder, actual, link, route));
  if (there !== undefined) {
    if (record !== undefined || !ADMINISTRATORS.has(there.protocol)) return;
    const why = reasonNotToAdopt(builder, link.namespace, there, 1);
    if (why === undefined) builder.match(recordOfMatching(item, link, there));
    else builder.spare(item, neverReplaced(label(), why));
    return;
  }
  const coming = connected.comingAt(link.namespace, route);
  if (coming.some((one) => isConnectedRoute(one, link, route))) return;
  const foreign = remaining.filter((one) => one !== own && !comesFromOwnAddress(builder, link, one));
  const [first] = foreign;
  if (record === undefined && (first === undefined || adopt)) {
    const kernels = connectedRouteInTheWay(link.namespace, remaining, coming, route);
    if (kernels !== undefined) return builder.fail(item, ownRouteOfKernel(route.destination, kernels));
  }
  const [unreachable] = gatewaysOf(link, route)
    .flatMap(([by, gateway]) => reasonUnreachable(builder, connected, by, gateway, planned) ?? []);
  if (unreachable !== undefined) return builder.wait(item, unreachable);
  if (first !== undefined) {
    const why = reasonNotToAdopt(builder, link.namespace, first, foreign.length);
    if (!adopt) return builder.fail(item, foreignEntry(label(), why));
    if (why !== undefined) return builder.fail(item, neverReplaced(label(), why));
    const { namespace, name } = link;
    builder.add("adopt", item, { kind: "adopt", what: label(), namespace, name });
  }
  const former = claims.routeRecord(link.namespace, { ...route, metric: metricOf(route.destination, route.metric) });
  if (former !== undefined) builder.keep(former); // what is made takes its place
  const made = recordOf(item, route, first === undefined ? record?.before : routeBefore(first));
  const kind = remaining.length + coming.length > 0 ? "replace-route" : "add-route";
  const makes = (): RouteRecord => ({ ...made, namespace: link.namespace.cookie ?? "0" });
  if (isUnseen) return builder.add("configure", item, { kind, link, route, isUnseen }, { makes });
  const why = reasonLost(builder, connected, link, route, former !== undefined);
  const mayStay = kind === "add-route" && former !== undefined &&
    routesAt(link.namespace, route).some((one) => claims.routeAt(link.namespace, one) === former);
  const action: ActionOf<"add-route"> = mayStay ? { kind, link, route, mayStay } : { kind, link, route };
  builder.add("configure", item, action, defined({ makes, why }));
}

function recordOf(item: string, route: RouteFields, before: RouteBefore | undefined): Omit<RouteRecord, "namespace"> {
  const { destination, table, metric } = route;
  const protocol = route.protocol ?? RTPROT_NETNS;
  return { kind: "route", item, destination, table, metric: metricOf(destination, metric), protocol, before };
}

function recordOfMatching(item: string, { namespace }: PlannedLink, route: ObservedRoute): RouteRecord {
  const { destination, table, metric, protocol } = route;
  return { kind: "route", item, namespace: namespace.cookie ?? "0", destination, table, metric, protocol };
}

/** True of a route that the kernel made for an address of this configuration. */
function comesFromOwnAddress(builder: PlanBuilder, { namespace }: PlannedLink, route: ObservedRoute): boolean {
  if (route.protocol !== RTPROT_KERNEL || route.index === undefined) return false;
  const link = linkAt(namespace, route.index);
  const record = link && builder.input.claims.linkAt(namespace, link)?.record;
  if (record?.kind !== "borrowed" || record.used === undefined) return record !== undefined;
  // A link that is used stays somebody else's, with the addresses that it has beside those of the file.
  const its = addressesOf(namespace, route.index).filter(({ text }) => (
    route.source === undefined ? covers(route.destination, ipOf(text)) : ipOf(text) === route.source
  ));
  return its.length > 0 && its.every((one) => isAdded(namespace, one, record));
}

/** True of the index of a link of this configuration. */
export function isOwnLink({ input: { claims } }: PlanBuilder, namespace: ObservedNamespace, index?: number): boolean {
  const link = index === undefined ? undefined : linkAt(namespace, index);
  return link !== undefined && claims.linkAt(namespace, link) !== undefined;
}

/** Why a route is not adopted, whatever is asked. Undefined: it may be. */
function reasonNotToAdopt(
  builder: PlanBuilder,
  namespace: ObservedNamespace,
  route: ObservedRoute,
  count: number,
): string | undefined {
  if (isDefaultRouteOfHost(builder, namespace, route)) return "it is the host's own";
  if (route.protocol === RTPROT_KERNEL) return "the kernel made it for an address, with which it comes and goes";
  if (route.options?.metrics?.unknown !== undefined) {
    return "it has metrics of a newer kernel, and could not be made again";
  }
  if (route.isEncapsulating) return "it puts packets into others, and could not be made again as it was";
  return count > 1 ? "there are several of them, which could not be put back as they were" : undefined;
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

function isAsDescribed(builder: PlanBuilder, actual: ObservedRoute, link: PlannedLink, route: RouteFields): boolean {
  return actual.whole && isSameWay(actual, link, route) && !losesSource(builder, actual, link) &&
    // The kernel's own routes have the address they were made for as the source.
    (actual.source === route.source || (actual.protocol === RTPROT_KERNEL && route.source === undefined));
}

/** True if a route that exists is what this request would make of it, by its key and its mark. */
export function isRouteAs(actual: ObservedRoute, link: PlannedLink, route: RouteFields): boolean {
  return (actual.whole || route.options !== undefined) && isSameWay(actual, link, route) &&
    actual.source === route.source && JSON.stringify(actual.options) === JSON.stringify(route.options);
}

function isSameWay(actual: ObservedRoute, link: PlannedLink, route: RouteFields): boolean {
  return actual.type === (route.type ?? "unicast") && hasWay(actual, link, route) && actual.scope === route.scope &&
    actual.mtu === route.mtu;
}

/** True if a route that exists leads where it should. */
function hasWay({ hops, onLink }: ObservedRoute, link: PlannedLink, route: RouteFields): boolean {
  if (route.type !== undefined && route.type !== "local") return true;
  if (route.onLink && !onLink) return false;
  const [only, ...others] = hops;
  if (route.nextHops === undefined && only !== undefined && others.length === 0) {
    return only.index === link.index && only.gateway === route.gateway && only.weight === 1;
  }
  const wanted = route.nextHops ?? [{ link, gateway: route.gateway, weight: 1 }];
  const keys = wanted.map((hop) => `${hop.link.index} ${hop.gateway} ${hop.weight}`).sort();
  const actual = hops.map(({ index, gateway, weight }) => `${index} ${gateway} ${weight}`).sort();
  return keys.length === actual.length && keys.every((key, position) => key === actual[position]);
}
