/** The changes of addresses. See ip-address(8). */
import type { LinkRef } from "../link/ref.ts";
import { LinkRequests } from "../link/requests.ts";
import {
  addAddressRequest,
  addListedRequest,
  deleteAddressRequest,
  deleteListedRequest,
  replaceAddressRequest,
} from "./request.ts";
import type { Address, AddressOptions } from "./types.ts";

/** The changes of addresses. */
export abstract class AddressRequests extends LinkRequests {
  /**
   * Gives a link an address: `"10.0.0.1/24"`, `"2001:db8::1/64"`.
   *
   * @throws {NetlinkError} `EEXIST`: the link has it. `ENODEV`: there is no such link.
   * @throws {TypeError} `cidr` is not an address.
   */
  addAddress(link: LinkRef, cidr: string, options?: AddressOptions): void;
  /**
   * Gives the link of `linkIndex` an address that was listed, as it was listed.
   *
   * @throws {NetlinkError} `EEXIST`: the link has it. `ENODEV`: there is no such link.
   */
  addAddress(listed: Address): void;
  addAddress(link: LinkRef | Address, cidr?: string, options?: AddressOptions): void {
    this.perform(
      isListed(link) ? addListedRequest(link) : addAddressRequest(this.indexOf(link), textOf(cidr), options),
    );
  }

  /**
   * Gives a link an address, or changes what the link has under it.
   *
   * @throws {NetlinkError} `ENODEV`: there is no such link.
   * @throws {TypeError} `cidr` is not an address.
   */
  replaceAddress(link: LinkRef, cidr: string, options?: Omit<AddressOptions, "replace">): void;
  /**
   * Gives the link of `linkIndex` an address that was listed, as it was listed, or changes what it has under it.
   *
   * @throws {NetlinkError} `ENODEV`: there is no such link.
   */
  replaceAddress(listed: Address): void;
  replaceAddress(link: LinkRef | Address, cidr?: string, options?: Omit<AddressOptions, "replace">): void {
    this.perform(
      isListed(link) ? addListedRequest(link, true) : replaceAddressRequest(this.indexOf(link), textOf(cidr), options),
    );
  }

  /**
   * Deletes an address of a link, and the routes that need it. Of a point-to-point link, `peer` is the other end, as it
   * was added.
   *
   * @throws {NetlinkError} `EADDRNOTAVAIL`: the link does not have it.
   * @throws {TypeError} `cidr` is not an address.
   */
  deleteAddress(link: LinkRef, cidr: string, options?: Pick<AddressOptions, "peer">): void;
  /**
   * Deletes an address that was listed, and the routes that need it.
   *
   * @throws {NetlinkError} `EADDRNOTAVAIL`: the link does not have it.
   */
  deleteAddress(listed: Address): void;
  deleteAddress(link: LinkRef | Address, cidr?: string, options?: Pick<AddressOptions, "peer">): void {
    this.perform(
      isListed(link) ? deleteListedRequest(link) : deleteAddressRequest(this.indexOf(link), textOf(cidr), options),
    );
  }
}

/** True of an address that was listed, as the only argument; a link has an index or a name. */
function isListed(given: LinkRef | Address): given is Address {
  return typeof given === "object" && given !== null && "cidr" in given;
}

function textOf(cidr: string | undefined): string {
  if (cidr !== undefined) return cidr;
  throw new TypeError('Cannot use undefined as an address: expected text as "10.0.0.1/24"');
}
