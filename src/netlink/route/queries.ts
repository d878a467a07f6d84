/** The routes that there are. See ip-route(8). */
import { constants } from "node:os";
import { NetlinkError } from "../../errors.ts";
import { isOfFamily } from "../family_filter.ts";
import { withIndex } from "../link/ref.ts";
import { NeighbourQueries } from "../neighbour/queries.ts";
import { decodeFoundRoute, decodeRoute } from "./reply.ts";
import { getRouteRequest, listRoutesRequest } from "./request.ts";
import type { Route, RouteFilter, RouteQuestion } from "./types.ts";

/** The routes that there are. */
export abstract class RouteQueries extends NeighbourQueries {
  /**
   * Routes: of all tables, or those that `filter` lets through. A table that does not exist has none.
   *
   * @throws {NetlinkError} The kernel refused it.
   */
  listRoutes(filter: RouteFilter = {}): Route[] {
    const own = withIndex(filter, (link) => this.indexOf(link));
    // Before Linux 4.20 the kernel filters by family alone.
    return this.dump(listRoutesRequest(own), decodeRoute).filter(({ family, table, nextHops }) => (
      isOfFamily(own.family, family) &&
      (own.table === undefined || table === own.table) &&
      (own.linkIndex === undefined || nextHops.some(({ linkIndex }) => linkIndex === own.linkIndex))
    ));
  }

  /**
   * The route that packets to `destination` take, as `ip route get` finds it: its table, next hop and source address.
   *
   * @throws {NetlinkError} `ENETUNREACH`: there is none. `EHOSTUNREACH`, `EACCES`, `EINVAL`: it is unreachable,
   * prohibited, or a blackhole. `ENODEV`: there is no such link.
   * @throws {TypeError} It is not an address; or the question has another field.
   */
  getRoute(destination: string, question: RouteQuestion = {}): Route {
    const request = getRouteRequest(destination, question, (link) => this.indexOf(link));
    const route = this.get(request, decodeFoundRoute);
    if (route !== undefined) return route;
    throw new NetlinkError(request.label, constants.errno.ENETUNREACH, "the kernel gave no route");
  }
}
