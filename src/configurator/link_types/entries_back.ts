/** Routes and neighbours of others that a link gets back. */
import { familyOf } from "../../ip/address.ts";
import { LOOPBACK_INDEX } from "../../netlink/constants/link.ts";
import { linkAt } from "../observed/lookup.ts";
import type { ObservedNamespace, ObservedRoute } from "../observed/observed_namespace.ts";
import type { LinkBefore } from "../ownership/prior_state.ts";
import type { Task } from "../plan/actions.ts";
import { carrierOf, PlannedLink } from "../plan/planned_link.ts";
import { routeBack, routeFieldsOf } from "../plan/remove_routes.ts";
import { wholeRouteKey } from "../plan/route_fields.ts";
import type { TaskList } from "../plan/task_list.ts";

/** Plans that a link gets the neighbours that were set on it and, if it was up, the routes. */
export function addEntries(
  plan: TaskList,
  item: string,
  link: PlannedLink,
  { up, routes, neighbours }: Pick<LinkBefore, "up" | "routes" | "neighbours">,
  ends?: Pick<Task, "drops">,
): void {
  const direct = ({ gateway, hops }: LinkBefore["routes"][number]): number => Number((hops ?? gateway) !== undefined);
  for (const route of up ? [...routes].sort((a, b) => direct(a) - direct(b)) : []) {
    // The kernel takes the source of an IPv6 route with that address, and leaves the rest.
    const kind = route.source !== undefined && familyOf(route.source) === 6 ? "replace-route" : "add-route";
    plan.add("after-carrier", item, { kind, link, route: routeBack(route, () => link) ?? routeFieldsOf(route) }, ends);
  }
  for (const { address, state = "permanent", ...neighbour } of neighbours) {
    if (address === undefined) continue; // where there is no ARP
    plan.add("after-carrier", item, { kind: "set-neighbour", link, ...neighbour, address, state }, ends);
  }
}

/**
 * Plans that the routes come back that others have by other links, with an address of this one as the source.
 *
 * @param how `ends`: the record that ends with it; `gone`: the addresses that go on the way; `anew`: a link that is made
 *   again, by the index that it had.
 */
export function addSourced(
  plan: TaskList,
  item: string,
  namespace: ObservedNamespace,
  sourced: LinkBefore["sourced"] = [],
  { ends, gone, anew }: {
    readonly ends?: Pick<Task, "drops"> | undefined;
    readonly gone?: ReadonlySet<string> | undefined;
    readonly anew?: ((index: number) => PlannedLink | undefined) | undefined;
  } = {},
): void {
  if (sourced.length === 0) return;
  const stays = ({ source = "" }: ObservedRoute): boolean => gone?.has(source) !== true;
  const has = new Set(namespace.allRoutes(4).filter(stays).map(wholeRouteKey));
  const linkOf = (index = LOOPBACK_INDEX): PlannedLink | undefined => {
    const made = anew?.(index);
    if (made !== undefined) return made.up ? made : undefined;
    const { name, up = false, carrier = false } = linkAt(namespace, index) ?? {};
    return name === undefined || !up
      ? undefined
      : new PlannedLink({ namespace, name, index, up, carrier: carrierOf(carrier, carrier) });
  };
  for (const one of sourced) {
    const link = linkOf(one.link);
    const route = link === undefined || has.has(wholeRouteKey(one)) ? undefined : routeBack(one, linkOf);
    if (link !== undefined && route !== undefined) {
      plan.add("after-carrier", item, { kind: "add-route", link, route }, ends);
    }
  }
}
