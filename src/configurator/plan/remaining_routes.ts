/** The routes that exist: which of them remain when the links and addresses are done, and why others go. */
import { familyOf } from "../../ip/address.ts";
import { RT_TABLE_LOCAL, RT_TABLE_MAIN } from "../../netlink/constants/route.ts";
import { lookup } from "../observed/indexes.ts";
import { linkAt } from "../observed/lookup.ts";
import type { ObservedNamespace, ObservedRoute } from "../observed/observed_namespace.ts";
import type { RouteFields } from "./actions.ts";
import type { ConnectedRoutes } from "./connected_routes.ts";
import { LOOPBACK_INDEX } from "../../netlink/constants/link.ts";
import type { PlanBuilder } from "./plan_builder.ts";
import type { PlannedLink } from "./planned_link.ts";
import { routeKey } from "./route_fields.ts";

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
  return routesByKey(namespace, namespace.routes(familyOf(route.destination), route.table), routeKey(route));
}

/** Why a route that was there is made again. */
export function reasonLost(
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
    goesWithNetwork(builder, namespace, one) || losesSource(builder, one, link)
  );
  if (there.some(goes)) return "went with its address";
  if (!wasMade || there.length > 0) return undefined;
  if (link.isNew) return "went with its link";
  const isAdded = builder.effects.addressesOf(link).some((text) => builder.effects.isAdded(link, text));
  return isAdded ? "went with its address" : undefined;
}

/**
 * True if a route is added without a look at those that are there. In a namespace that has nothing but its loopback link
 * there mostly are none, and the kernel, which is asked only for what it has not got yet, refuses one whose key is taken.
 */
export function isLeftToKernel(
  { input: { leavesToKernel, claims } }: PlanBuilder,
  connected: ConnectedRoutes,
  { namespace, index }: PlannedLink,
  route: RouteFields,
): boolean {
  return leavesToKernel && index !== LOOPBACK_INDEX && route.table !== RT_TABLE_LOCAL && hasOnlyLoopback(namespace) &&
    !claims.hasRoutes(namespace) && connected.comingAt(namespace, route).length === 0;
}

function hasOnlyLoopback(namespace: ObservedNamespace): boolean {
  const [first, ...others] = namespace.links();
  return first?.index === LOOPBACK_INDEX && others.length === 0;
}

/** Those of them that still exist when the links and addresses are done. */
export function remainingRoutes(
  builder: PlanBuilder,
  connected: ConnectedRoutes,
  namespace: ObservedNamespace,
  route: RouteFields,
): ObservedRoute[] {
  return sameKey(namespace, route).filter((actual) =>
    actual.keyed && !goesWithLink(builder, namespace, actual) && !goesWithAddresses(builder, namespace, actual) &&
    !connected.goesWithAddress(namespace, actual) && !goesWithNetwork(builder, namespace, actual)
  );
}

/** True of a route whose link goes, or is set down, but for those that come back with another link at once. */
export function goesWithLink(
  { effects }: PlanBuilder,
  namespace: ObservedNamespace,
  route: ObservedRoute,
): boolean {
  const { index } = route;
  if (index === undefined) return false;
  return effects.isGone(namespace, index) && !effects.comesBack(namespace, route) ||
    effects.isGoingDown(namespace, index);
}

/** With the last IPv4 address of a link all its IPv4 routes go, but for those that come back at once. */
export function goesWithAddresses(
  { effects }: PlanBuilder,
  namespace: ObservedNamespace,
  route: ObservedRoute,
): boolean {
  const { index, destination } = route;
  return index !== undefined && familyOf(destination) === 4 && effects.losesIpv4(namespace, index) &&
    !effects.comesBack(namespace, route);
}

/** True of the route that the kernel takes with the last address of its network. */
function goesWithNetwork({ effects }: PlanBuilder, namespace: ObservedNamespace, route: ObservedRoute): boolean {
  const { index, destination } = route;
  if (index === undefined || !effects.losesNetwork(namespace, index, destination)) return false;
  const [first] = routesToNetwork(namespace, index, destination);
  return first !== undefined && isWithoutGateway(route) && first.table === route.table && first.metric === route.metric;
}

/** The routes without a gateway to an IPv6 network, in the order in which the kernel takes them with addresses. */
export function routesToNetwork(namespace: ObservedNamespace, index: number, network: string): ObservedRoute[] {
  return namespace.routes(6, tableOfNetworks(namespace, index))
    .filter((one) => one.index === index && one.destination === network && isWithoutGateway(one))
    .sort((a, b) => a.metric - b.metric);
}

const isWithoutGateway = ({ gateway }: ObservedRoute): boolean => gateway === undefined;

/** The table in which the routes to the networks of a link are: that of its VRF, if it is a port of one. */
function tableOfNetworks(namespace: ObservedNamespace, index: number): number {
  const master = linkAt(namespace, index)?.master;
  const data = master === undefined ? undefined : linkAt(namespace, master)?.data;
  return data?.kind === "vrf" ? data.table ?? RT_TABLE_MAIN : RT_TABLE_MAIN;
}

/** A route goes with the address that is its source, also if that is given back at once. */
export function losesSource({ effects }: PlanBuilder, route: ObservedRoute, { namespace }: PlannedLink): boolean {
  const { source } = route;
  return source !== undefined && effects.losesAddress(namespace, source) && !effects.comesBack(namespace, route);
}
