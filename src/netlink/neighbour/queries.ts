/** The neighbours that there are. See ip-neighbour(8). */
import { AddressQueries } from "../address/queries.ts";
import { isOfFamily } from "../family_filter.ts";
import { withIndex } from "../link/ref.ts";
import { decodeNeighbour } from "./reply.ts";
import { listNeighboursRequest } from "./request.ts";
import type { Neighbour, NeighbourFilter } from "./types.ts";

/** The neighbours that there are. */
export abstract class NeighbourQueries extends AddressQueries {
  /**
   * Neighbours: all but those for which this host answers, or those that `filter` lets through.
   *
   * @throws {NetlinkError} The kernel refused it.
   * @throws {TypeError} The filter has a field that there is not; or it asks for forwarding entries (AF_BRIDGE).
   */
  listNeighbours(filter: NeighbourFilter = {}): Neighbour[] {
    const own = withIndex(filter, (link) => this.indexOf(link));
    const all = this.dump(listNeighboursRequest(own), decodeNeighbour);
    return all.filter(({ linkIndex, family }) => (
      isOfFamily(own.family, family) && (own.linkIndex === undefined || linkIndex === own.linkIndex) // Linux < 4.20
    ));
  }
}
