/** Routes that go: those which the file no longer describes, and what they had replaced comes back. */
import { type RouteScope, type RouteType, RTPROT_KERNEL } from "../../netlink/constants/route.ts";
import { linkAt } from "../observed/lookup.ts";
import type { ObservedNamespace, ObservedRoute } from "../observed/observed_namespace.ts";
import type { FullRoute } from "../ownership/prior_state.ts";
import type { RouteRecord } from "../ownership/records.ts";
import type { PlannedHop, RouteFields } from "./actions.ts";
import { connectedFields, type ConnectedRoutes } from "./connected_routes.ts";
import { LOOPBACK_INDEX } from "../../netlink/constants/link.ts";
import type { PlanBuilder } from "./plan_builder.ts";
import type { PlannedLink } from "./planned_link.ts";
import { goesWithLink, sameKey } from "./remaining_routes.ts";
import { routeKey } from "./route_fields.ts";
import { isOwnLink } from "./routes.ts";

/** Plans that a route goes which this configuration made and no longer describes, or that what it replaced comes back. */
export function removeRoute(
  builder: PlanBuilder,
  connected: ConnectedRoutes,
  namespace: ObservedNamespace,
  record: RouteRecord,
): void {
  const { destination, table, metric } = record;
  const item = record.item;
  // Routes are deleted before addresses change, so what goes with addresses still exists then.
  const actual = sameKey(namespace, record).find((one) => builder.input.claims.routeAt(namespace, one) === record);
  const link = actual === undefined ? undefined : linkAt(namespace, actual.index ?? LOOPBACK_INDEX);
  if (actual === undefined || link === undefined || goesWithLink(builder, namespace, actual)) {
    if (record.before !== undefined) restoreRoute(builder, item, namespace, record);
    return;
  }
  const planned = builder.effects.linkOf(namespace, link);
  const { scope, hops } = actual;
  const type = ROUTE_TYPES.find((name) => name === actual.type);
  // One of several next hops alone would be deleted of an IPv6 route.
  const gateway = hops.length > 1 ? undefined : actual.gateway;
  const route: RouteFields = {
    destination,
    table,
    metric: metric || undefined,
    gateway,
    scope: typeof scope === "number" ? "universe" : scope,
    protocol: record.protocol,
    type: type === "unicast" ? undefined : type,
    nextHops: hops.length > 1 ? [] : undefined,
  };
  builder.add("delete-entries", item, { kind: "delete-route", link: planned, route }, { drops: record });
  if (record.before !== undefined) restoreRoute(builder, item, namespace, record);
  else restoreConnectedRoute(builder, connected, item, namespace, record);
}

/** Plans that the kernel's own route comes back, if this configuration's had replaced it and its address stays. */
function restoreConnectedRoute(
  builder: PlanBuilder,
  connected: ConnectedRoutes,
  item: string,
  namespace: ObservedNamespace,
  record: RouteRecord,
): void {
  const key = routeKey(record);
  if (sameKey(namespace, record).some(({ protocol }) => protocol === RTPROT_KERNEL)) return;
  const lost = connected.standingAt(namespace, record.destination).find((one) => routeKey(one) === key);
  if (lost === undefined || !lost.isUnicast || !isOwnLink(builder, namespace, lost.link.index)) return;
  builder.add("configure", item, { kind: "add-route", link: lost.link, route: connectedFields(lost) });
}

/** Plans that the route which this configuration replaced comes back, if its link is still there. */
function restoreRoute(builder: PlanBuilder, item: string, namespace: ObservedNamespace, record: RouteRecord): void {
  const { destination, table, metric, before } = record;
  const linkOf = (index: number = LOOPBACK_INDEX): PlannedLink | undefined => {
    const link = linkAt(namespace, index);
    return link === undefined || builder.effects.isGone(namespace, index)
      ? undefined
      : builder.effects.linkOf(namespace, link);
  };
  const planned = before && linkOf(before.link);
  const route = before && routeBack({ ...before, destination, table, metric }, linkOf);
  if (planned === undefined || route === undefined) {
    return builder.leave(item, `what it replaced is not put back: its link is gone`);
  }
  const { claims } = builder.input;
  const isInTheWay = (one: ObservedRoute): boolean => one.keyed && claims.routeAt(namespace, one) !== record;
  if (sameKey(namespace, record).some((one) => isInTheWay(one) && !goesWithLink(builder, namespace, one))) {
    return builder.leave(item, `what it replaced is not made again: there is another route to ${destination}`);
  }
  builder.add("configure", item, { kind: "add-route", link: planned, route }, { drops: record });
}

/**
 * A recorded route as it is requested, with all its next hops.
 *
 * @returns Undefined if the link of one of them is gone.
 */
export function routeBack(
  route: FullRoute,
  linkOf: (index: number | undefined) => PlannedLink | undefined,
): RouteFields | undefined {
  const { hops } = route;
  if (hops === undefined) return routeFieldsOf(route);
  const nextHops = hops.flatMap(({ link: index, gateway, weight }): PlannedHop[] => {
    const link = linkOf(index);
    return link === undefined ? [] : [{ link, gateway, weight }];
  });
  return nextHops.length < hops.length ? undefined : { ...routeFieldsOf(route), nextHops };
}

/** A recorded route by one link, as it is requested. */
export function routeFieldsOf(route: FullRoute): RouteFields {
  const { destination, table, metric, gateway, source, protocol, onLink, scope, mtu, options } = route;
  const type = ROUTE_TYPES.find((name) => name === route.type && name !== "unicast");
  const known = SCOPE_NAMES.find((name) => name === scope) ?? (gateway === undefined ? "link" : "universe");
  return {
    destination,
    table,
    metric: metric || undefined,
    gateway,
    source,
    protocol,
    onLink,
    scope: known,
    type,
    mtu,
    options,
  };
}

/** The types that a file describes. */
const ROUTE_TYPES: readonly RouteType[] = [
  "unicast",
  "local",
  "blackhole",
  "unreachable",
  "prohibit",
  "throw",
];

const SCOPE_NAMES: readonly RouteScope[] = ["universe", "site", "link", "host"];
