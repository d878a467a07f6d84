/**
 * What a plan makes again because it goes with a change of its link: if that change failed, it may be there still. Every
 * question goes to the kernel anew, because what was read before the plan says nothing any more.
 */
import { AF_INET, AF_INET6 } from "../../../ffi/mod.ts";
import { groupBy } from "../../collections.ts";
import { NetlinkError } from "../../errors.ts";
import { familyOf } from "../../ip/address.ts";
import { RTPROT_NETNS } from "../../netlink/constants/route.ts";
import { observedNeighbour, observedRoute } from "../observed/kernel_answers.ts";
import type { KernelNamespace } from "../observed/kernel_namespace.ts";
import type { ObservedNeighbour, ObservedRoute } from "../observed/observed_namespace.ts";
import type { Action, ActionOf, Task } from "../plan/actions.ts";
import type { PlannedLink } from "../plan/planned_link.ts";
import { metricOf, routeKey } from "../plan/route_fields.ts";
import { isRouteAs } from "../plan/routes.ts";

const afOf = (text: string): number => familyOf(text) === 4 ? AF_INET : AF_INET6;

/** The links of which a change failed. */
export function linksNotChanged(failed: Iterable<Task>): ReadonlySet<PlannedLink> {
  const links = new Set<PlannedLink>();
  for (const { action } of failed) if (action.kind === "change-link") links.add(action.link);
  return links;
}

/** True if a route could not be added because there is one with its key. */
export function isRouteRefused(action: Action, error: unknown): action is ActionOf<"add-route"> {
  return action.kind === "add-route" && error instanceof NetlinkError && error.code === "EEXIST";
}

/** What there is in a namespace in the middle of an apply. Each list is read once: a plan may have thousands of routes. */
export class StillThere {
  readonly #namespace: KernelNamespace;
  readonly #neighbours = new Map<number, ReadonlyMap<string, ObservedNeighbour>>();
  readonly #routes = new Map<string, ReadonlyMap<string, readonly ObservedRoute[]>>();

  /** Reads nothing yet. */
  constructor(namespace: KernelNamespace) {
    this.#namespace = namespace;
  }

  /** True if a neighbour is as it is to be set. */
  hasNeighbour({ link, ip, address, state }: ActionOf<"set-neighbour">): boolean {
    const family = afOf(ip);
    let known = this.#neighbours.get(family);
    if (known === undefined) {
      const list = this.#namespace.netlink.listNeighbours({ family }).filter(({ proxy }) => !proxy);
      known = new Map(list.map(observedNeighbour).map((one) => [`${one.index} ${one.ip}`, one]));
      this.#neighbours.set(family, known);
    }
    const there = known.get(`${link.index} ${ip}`);
    return there?.address === address && there.state === state;
  }

  /**
   * What there is in the place of a route that could not be added: itself, another one of this configuration that it
   * may replace, or somebody else's.
   */
  inPlaceOf({ link, route, mayStay }: ActionOf<"add-route">): "same" | "own" | "foreign" {
    const { destination, table, protocol = RTPROT_NETNS } = route;
    const metric = metricOf(destination, route.metric);
    const there = this.#routesAt(afOf(destination), table).get(routeKey({ destination, table, metric })) ?? [];
    const keyed = there.filter((one) => one.keyed);
    const [only, ...others] = keyed.filter((one) => one.protocol === protocol);
    if (only === undefined || others.length > 0) return "foreign";
    if (isRouteAs(only, link, route)) return "same";
    // IPv6 has several with one key: which of them a replacement would hit, the kernel chooses.
    return mayStay && keyed.length === 1 ? "own" : "foreign";
  }

  #routesAt(family: number, table: number): ReadonlyMap<string, readonly ObservedRoute[]> {
    const known = this.#routes.get(`${family} ${table}`);
    if (known !== undefined) return known;
    const list = this.#namespace.netlink.listRoutes({ family, table }).map(observedRoute);
    const byKey = groupBy(list, routeKey);
    this.#routes.set(`${family} ${table}`, byKey);
    return byKey;
  }
}
