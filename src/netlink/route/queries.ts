/** The routes that there are. See ip-route(8). */
import { NetlinkError } from "../../errors.ts";
import { NeighbourQueries } from "../neighbour/queries.ts";
import { routesOf } from "./reply.ts";
import { listRoutesRequest } from "./request.ts";
import type { Route, RouteFilter } from "./types.ts";

/** The routes that there are. */
export abstract class RouteQueries extends NeighbourQueries {
  /**
   * Routes: of all tables, or those that `filter` lets through. A table that does not exist has none.
   *
   * @throws {NetlinkError} The kernel refused it.
   */
  listRoutes(filter: RouteFilter = {}): Route[] {
    try {
      return routesOf(this.dump(listRoutesRequest(filter)), filter);
    } catch (error) {
      if (error instanceof NetlinkError && error.code === "ENOENT" && filter.table !== undefined) return [];
      throw error;
    }
  }
}
