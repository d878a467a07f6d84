/**
 * What a plan makes again because it goes with a change of its link: if that change failed, it may be there still. Every
 * question goes to the kernel anew, because what was read before the plan says nothing any more.
 */
import { familyOf } from "../../ip/address.ts";
import { AF_INET, AF_INET6 } from "../../../ffi/mod.ts";
import { NetlinkError } from "../../errors.ts";
import { RTPROT_NETNS } from "../../netlink/constants/route.ts";
import { observedNeighbour, observedRoute } from "../observed/kernel_answers.ts";
import type { KernelNamespace } from "../observed/kernel_namespace.ts";
import type { ObservedRoute } from "../observed/observed_namespace.ts";
import type { Action, ActionOf, Task } from "../plan/actions.ts";
import type { PlannedLink } from "../plan/planned_link.ts";
import { metricOf } from "../plan/route_fields.ts";
import { isRouteAs } from "../plan/routes.ts";

const afOf = (text: string): number => familyOf(text) === 4 ? AF_INET : AF_INET6;

/** The links of which a change failed. */
export function linksNotChanged(failed: Iterable<Task>): ReadonlySet<PlannedLink> {
  const links = new Set<PlannedLink>();
  for (const { action } of failed) if (action.kind === "change-link") links.add(action.link);
  return links;
}

/** True if a neighbour is as it is to be set. */
export function isNeighbourThere(
  { netlink }: KernelNamespace,
  { link, ip, address, state }: ActionOf<"set-neighbour">,
): boolean {
  return netlink.listNeighbours({ family: afOf(ip) }).filter(({ proxy }) => !proxy).map(observedNeighbour)
    .some((one) => one.index === link.index && one.ip === ip && one.address === address && one.state === state);
}

/** True if a route could not be added because there is one with its key. */
export function isRouteRefused(action: Action, error: unknown): action is ActionOf<"add-route"> {
  return action.kind === "add-route" && error instanceof NetlinkError && error.code === "EEXIST";
}

/**
 * What there is in the place of a route that could not be added: itself, another one of this configuration that it
 * may replace, or somebody else's.
 */
export function routeInPlace(
  { netlink }: KernelNamespace,
  { link, route, mayStay }: ActionOf<"add-route">,
): "same" | "own" | "foreign" {
  const { destination, table, protocol = RTPROT_NETNS } = route;
  const metric = metricOf(destination, route.metric);
  const isInPlace = (one: ObservedRoute): boolean => (
    one.keyed && one.destination === destination && one.table === table && one.metric === metric
  );
  const there = netlink.listRoutes({ family: afOf(destination), table }).map(observedRoute).filter(isInPlace);
  const [only, ...others] = there.filter((one) => one.protocol === protocol);
  if (only === undefined || others.length > 0) return "foreign";
  if (isRouteAs(only, link, route)) return "same";
  return mayStay ? "own" : "foreign";
}
