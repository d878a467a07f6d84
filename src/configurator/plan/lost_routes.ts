/**
 * Routes of others that go with an IPv6 address: with the last one of a network the kernel deletes the first route
 * without a gateway to that network by the link, whoever made it. Its own stays where another has a smaller metric.
 */
import { familyOf } from "../../ip/address.ts";
import { networkOf } from "../../ip/arithmetic.ts";
import { parseIpPrefix } from "../../ip/prefix.ts";
import { RT_TABLE_MAIN, RTPROT_KERNEL } from "../../netlink/constants/route.ts";
import type { ObservedRoute } from "../observed/observed_namespace.ts";
import { fullRoute } from "../ownership/snapshot.ts";
import type { Ownership } from "./plan_builder.ts";
import type { PlannedLink } from "./planned_link.ts";
import { routeFieldsOf } from "./remove_routes.ts";
import type { TaskList } from "./task_list.ts";

/** A change of the addresses of a link; texts with prefixes. */
export interface LostAddresses {
  /** Those that are deleted. */
  readonly removed: readonly string[];
  /** Those that the link has after that. */
  readonly staying: readonly string[];
}

/**
 * Plans that the routes of others come back which go with addresses, and that the kernel's own go.
 *
 * @param isForeign True of a route that this configuration did not make.
 */
export function restoreLostRoutes(
  plan: TaskList,
  item: string,
  link: PlannedLink,
  { removed, staying }: LostAddresses,
  isForeign: (route: ObservedRoute) => boolean,
  ends?: Ownership,
): void {
  const { namespace, index, up, goesDown } = link;
  if (index === undefined || !up || goesDown) return;
  const lost = networksOf(removed);
  for (const network of networksOf(staying)) lost.delete(network);
  for (const network of lost) {
    const [first, ...others] = namespace.routesOf(index).filter((one) => (
      one.destination === network && one.table === RT_TABLE_MAIN && one.gateway === undefined && isForeign(one)
    )).sort((a, b) => a.metric - b.metric);
    if (first === undefined || isOfKernel(first)) continue;
    plan.add("after-carrier", item, { kind: "add-route", link, route: routeFieldsOf(fullRoute(first)) }, ends);
    for (const one of others.filter(isOfKernel)) {
      plan.add("after-carrier", item, { kind: "delete-route", link, route: routeFieldsOf(fullRoute(one)) }, ends);
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
