/**
 * Routes that go with an IPv6 address: with the last one of a network the kernel deletes the first route
 * without a gateway to that network by the link, whoever made it. Its own stays where another has a smaller metric.
 */
import { familyOf } from "../../ip/address.ts";
import { networkOf } from "../../ip/arithmetic.ts";
import { parseIpPrefix } from "../../ip/prefix.ts";
import { RTPROT_KERNEL } from "../../netlink/constants/route.ts";
import type { ObservedRoute } from "../observed/observed_namespace.ts";
import { fullRoute } from "../ownership/snapshot.ts";
import type { RouteFields } from "./actions.ts";
import type { Ownership } from "./plan_builder.ts";
import type { PlannedLink } from "./planned_link.ts";
import { routesToNetwork } from "./remaining_routes.ts";
import { routeFieldsOf } from "./remove_routes.ts";
import type { TaskList } from "./task_list.ts";

/** The IPv6 networks in which a link has no address left when `removed` are deleted and it has those that are `staying`. */
export function lostNetworks(removed: readonly string[], staying: readonly string[]): ReadonlySet<string> {
  const lost = networksOf(removed);
  for (const network of networksOf(staying)) lost.delete(network);
  return lost;
}

/**
 * Plans that what the kernel takes with the last address of a network comes back, and that the kernel's own route goes.
 *
 * @param isThere True of a route that is still there when the addresses are deleted.
 * @param isOwn True of one that the plan makes again by itself.
 */
export function restoreLostRoutes(
  plan: TaskList,
  item: string,
  link: PlannedLink,
  lost: ReadonlySet<string>,
  { isThere, isOwn, ends }: {
    readonly isThere: (route: ObservedRoute) => boolean;
    readonly isOwn?: (route: ObservedRoute) => boolean;
    readonly ends?: Ownership | undefined;
  },
): void {
  const { namespace, index, up, goesDown } = link;
  if (index === undefined || !up || goesDown) return;
  for (const network of lost) {
    const [first, ...others] = routesToNetwork(namespace, index, network).filter(isThere);
    if (first === undefined || isOfKernel(first)) continue;
    const back = (one: ObservedRoute): RouteFields => routeFieldsOf(fullRoute(one));
    if (!isOwn?.(first)) plan.add("after-carrier", item, { kind: "add-route", link, route: back(first) }, ends);
    for (const one of others.filter(isOfKernel)) {
      plan.add("after-carrier", item, { kind: "delete-route", link, route: back(one) }, ends);
    }
  }
}

const isOfKernel = ({ protocol }: ObservedRoute): boolean => protocol === RTPROT_KERNEL;

/** The networks of those that are of IPv6. */
function networksOf(texts: readonly string[]): Set<string> {
  return new Set(texts.flatMap((text) => {
    const prefix = familyOf(text) === 6 ? parseIpPrefix(text) : undefined;
    return prefix === undefined ? [] : [networkOf(prefix).text];
  }));
}
