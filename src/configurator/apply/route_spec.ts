/** The request of rtnetlink for a planned route. */
import { RTPROT_NETNS } from "../../netlink/constants/route.ts";
import type { RouteSpec } from "../../netlink/route/types.ts";
import { isDropping, type RouteFields } from "../plan/actions.ts";
import type { PlannedLink } from "../plan/planned_link.ts";
import { MissingError } from "./executor.ts";

/**
 * What names a link in a request.
 *
 * @throws {MissingError} It was not made.
 */
export function refOf({ index, label }: PlannedLink): { readonly index: number } {
  if (index === undefined) throw new MissingError(`${label} was not made`);
  return { index };
}

/**
 * The request for a route that leaves by `link`.
 *
 * @throws {MissingError} A link of it was not made.
 */
export function routeSpec(link: PlannedLink, route: RouteFields): RouteSpec {
  const { nextHops, type, options } = route;
  if (nextHops !== undefined || options !== undefined || isDropping(type)) return rareRouteSpec(link, route);
  // Without a spread, which takes longer than the rest of a request.
  const { destination: dst, table, metric, scope, mtu, gateway, source: preferredSource, onLink } = route;
  const { protocol = RTPROT_NETNS } = route;
  const linkIndex = refOf(link).index;
  return { dst, table, metric, scope, mtu, gateway, preferredSource, onLink, type, protocol, linkIndex };
}

/** The request for a route with several next hops, with none, or with options of a route that was there. */
function rareRouteSpec(
  link: PlannedLink,
  { destination: dst, gateway, source, type, nextHops, onLink, options, protocol = RTPROT_NETNS, ...rest }: RouteFields,
): RouteSpec {
  const common = { ...rest, ...options, dst, preferredSource: source, type, protocol };
  // A nexthop object says by which link.
  if (isDropping(type) || options?.nextHopId !== undefined) return common;
  if (nextHops === undefined) return { ...common, gateway, onLink, linkIndex: refOf(link).index };
  return {
    ...common,
    nextHops: nextHops.map((hop) => ({
      linkIndex: refOf(hop.link).index,
      gateway: hop.gateway,
      weight: hop.weight,
      onLink: hop.gateway === undefined ? undefined : onLink,
    })),
  };
}
