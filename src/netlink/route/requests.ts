/** The changes of routes. See ip-route(8). */
import { type LinkRef, withIndex } from "../link/ref.ts";
import { NeighbourRequests } from "../neighbour/requests.ts";
import { deleteRouteRequest, newRouteRequest } from "./request.ts";
import type { RouteSpec } from "./types.ts";

/** The changes of routes. */
export abstract class RouteRequests extends NeighbourRequests {
  /**
   * Adds a route; one that was listed, as it was listed.
   *
   * @throws {NetlinkError} `EEXIST`: there is one. `ENETUNREACH`: the gateway is on no link.
   */
  addRoute(route: RouteSpec): void {
    this.perform(newRouteRequest(this.#own(route), "add"));
  }

  /**
   * Adds a route behind those with the same destination, table and metric, as the kernel adds its own: each link with an
   * address of a network has a route to it.
   *
   * @throws {NetlinkError} `EEXIST`: this very route is there. `ENETUNREACH`: the gateway is on no link.
   */
  appendRoute(route: RouteSpec): void {
    this.perform(newRouteRequest(this.#own(route), "append"));
  }

  /**
   * Adds a route, or replaces the one with the same destination, table and metric.
   *
   * @throws {NetlinkError} `ENETUNREACH`: the gateway is on no link.
   */
  replaceRoute(route: RouteSpec): void {
    this.perform(newRouteRequest(this.#own(route), "replace"));
  }

  /**
   * Deletes the first route that fits; one that was listed fits itself alone, by its type of service, source, next hops
   * and encapsulation too.
   *
   * @throws {NetlinkError} `ESRCH`: there is none.
   */
  deleteRoute(route: RouteSpec): void {
    this.perform(deleteRouteRequest(this.#own(route)));
  }

  /** The route with its links named by their indexes. */
  #own(route: RouteSpec): RouteSpec {
    const indexOf = (link: LinkRef): number => this.indexOf(link);
    const own = withIndex(route, indexOf);
    if (!Array.isArray(own?.nextHops)) return own; // untyped code may give anything, which is refused later
    return { ...own, nextHops: own.nextHops.map((hop) => withIndex(hop, indexOf)) };
  }
}
