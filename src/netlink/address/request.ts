/** Requests about addresses: RTM_NEWADDR, RTM_DELADDR, RTM_GETADDR. See rtnetlink(7), ip-address(8). */
import { AF_UNSPEC } from "../../../ffi/mod.ts";
import { lastOf } from "../../ip/arithmetic.ts";
import type { IpPrefix } from "../../ip/prefix.ts";
import { IFA_F_NODAD } from "../constants/address.ts";
import { RTM_DELADDR, RTM_GETADDR, RTM_NEWADDR } from "../constants/messages.ts";
import { ROUTE_SCOPES } from "../constants/route.ts";
import { type NetlinkRequest, NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE } from "../wire/framing.ts";
import { afOf, ipBytes, ipPrefixOf } from "../wire/ip.ts";
import { numberOf } from "../wire/values.ts";
import { addressRequest, type CacheInfo, FOREVER } from "./message.ts";
import type { AddressFilter, AddressOptions } from "./types.ts";

/** The longest IPv4 prefix whose network has a broadcast address. */
const LAST_WITH_BROADCAST = 30;

/** The request for the addresses that a filter lets through. */
export function listAddressesRequest({ linkIndex = 0, family = AF_UNSPEC }: AddressFilter): NetlinkRequest {
  const body = addressRequest.encode({
    family,
    prefixLength: 0,
    flags: 0,
    scope: 0,
    index: linkIndex,
    attributes: {},
  });
  return { type: RTM_GETADDR, flags: 0, body, label: "RTM_GETADDR" };
}

/**
 * The request that adds an address to a link.
 *
 * @throws {TypeError} `cidr` is not an address.
 */
export function addAddressRequest(linkIndex: number, cidr: string, options: AddressOptions = {}): NetlinkRequest {
  const prefix = ipPrefixOf(cidr);
  const { family, bytes } = prefix.address;
  const { peer, broadcast, label, noDad, scope = family === 4 && bytes[0] === 127 ? "host" : "universe" } = options;
  const body = addressRequest.encode({
    family: afOf(cidr),
    prefixLength: prefix.length,
    flags: 0,
    scope: numberOf(ROUTE_SCOPES, scope, "scope"),
    index: linkIndex,
    attributes: {
      local: bytes,
      address: peer === undefined ? bytes : ipBytes(peer),
      broadcast: broadcast === undefined ? peer === undefined ? broadcastOf(prefix) : undefined : ipBytes(broadcast),
      label,
      flags: noDad ? IFA_F_NODAD : undefined,
      cacheInfo: cacheInfoOf(options),
    },
  });
  const flags = NLM_F_CREATE | (options.replace ? NLM_F_REPLACE : NLM_F_EXCL);
  return { type: RTM_NEWADDR, flags, body, label: `RTM_NEWADDR ${cidr} on link ${linkIndex}` };
}

/**
 * The request that deletes an address of a link.
 *
 * @throws {TypeError} `cidr` is not an address.
 */
export function deleteAddressRequest(
  linkIndex: number,
  cidr: string,
  { peer }: Pick<AddressOptions, "peer"> = {},
): NetlinkRequest {
  const { address: { bytes }, length } = ipPrefixOf(cidr);
  const body = addressRequest.encode({
    family: afOf(cidr),
    prefixLength: length,
    flags: 0,
    scope: 0,
    index: linkIndex,
    // With the local address alone the kernel takes the first that fits, whatever its prefix.
    attributes: { local: bytes, address: peer === undefined ? bytes : ipBytes(peer) },
  });
  return { type: RTM_DELADDR, flags: 0, body, label: `RTM_DELADDR ${cidr} on link ${linkIndex}` };
}

/** The lifetimes; one that is given alone is both, as the kernel refuses one that is preferred longer than valid. */
function cacheInfoOf({ preferredLifetime, validLifetime }: AddressOptions): CacheInfo | undefined {
  const preferred = preferredLifetime ?? validLifetime;
  return preferred === undefined ? undefined : { preferred, valid: validLifetime ?? FOREVER, created: 0, updated: 0 };
}

/** The last address of an IPv4 network that is large enough to have hosts beside it. */
function broadcastOf(prefix: IpPrefix): readonly number[] | undefined {
  return prefix.address.family === 4 && prefix.length <= LAST_WITH_BROADCAST ? lastOf(prefix) : undefined;
}
