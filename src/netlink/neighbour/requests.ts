/** The changes of neighbours. See ip-neighbour(8). */
import { AddressRequests } from "../address/requests.ts";
import { withIndex } from "../link/ref.ts";
import { deleteNeighbourRequest, newNeighbourRequest } from "./request.ts";
import type { NeighbourSpec } from "./types.ts";

/** The changes of neighbours. */
export abstract class NeighbourRequests extends AddressRequests {
  /**
   * Adds a neighbour; one that was listed, as it was listed.
   *
   * @throws {NetlinkError} `EEXIST`: the link has an entry for this address.
   */
  addNeighbour(neighbour: NeighbourSpec): void {
    this.perform(newNeighbourRequest(this.#own(neighbour), false));
  }

  /**
   * Adds a neighbour, or changes the entry for its address.
   *
   * @throws {NetlinkError} The kernel refused it.
   */
  setNeighbour(neighbour: NeighbourSpec): void {
    this.perform(newNeighbourRequest(this.#own(neighbour), true));
  }

  /**
   * Deletes a neighbour: the link, `ip` and, of an entry for which this host answers, `proxy` say which.
   *
   * @throws {NetlinkError} `ENOENT`: the link has no entry for this address.
   */
  deleteNeighbour(neighbour: NeighbourSpec): void {
    this.perform(deleteNeighbourRequest(this.#own(neighbour)));
  }

  #own(neighbour: NeighbourSpec): NeighbourSpec {
    return withIndex(neighbour, (link) => this.indexOf(link));
  }
}
