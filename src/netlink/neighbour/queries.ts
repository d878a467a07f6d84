/** The neighbours that there are. See ip-neighbour(8). */
import { AddressQueries } from "../address/queries.ts";
import { neighboursOf } from "./reply.ts";
import { listNeighboursRequest } from "./request.ts";
import type { Neighbour, NeighbourFilter } from "./types.ts";

/** The neighbours that there are. */
export abstract class NeighbourQueries extends AddressQueries {
  /**
   * Neighbours: all, or those that `filter` lets through.
   *
   * @throws {NetlinkError} The kernel refused it.
   */
  listNeighbours(filter: NeighbourFilter = {}): Neighbour[] {
    return neighboursOf(this.dump(listNeighboursRequest(filter)), filter);
  }
}
