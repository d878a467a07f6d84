/** The addresses that there are. See ip-address(8). */
import { isOfFamily } from "../family_filter.ts";
import { LinkQueries } from "../link/queries.ts";
import { withIndex } from "../link/ref.ts";
import { decodeAddress } from "./reply.ts";
import { listAddressesRequest } from "./request.ts";
import type { Address, AddressFilter } from "./types.ts";

/** The addresses that there are. */
export abstract class AddressQueries extends LinkQueries {
  /**
   * Addresses: all, or those that `filter` lets through.
   *
   * @throws {NetlinkError} `ENODEV`: there is no such link.
   */
  listAddresses(filter: AddressFilter = {}): Address[] {
    const own = withIndex(filter, (link) => this.indexOf(link));
    const all = this.dump(listAddressesRequest(own), decodeAddress);
    return all.filter(({ linkIndex, family }) => (
      isOfFamily(own.family, family) && (own.linkIndex === undefined || linkIndex === own.linkIndex) // Linux < 4.20
    ));
  }
}
