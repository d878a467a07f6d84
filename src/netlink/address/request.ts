/** Requests about addresses: RTM_NEWADDR, RTM_DELADDR, RTM_GETADDR. See rtnetlink(7), ip-address(8). */
import { AF_UNSPEC } from "../../../ffi/mod.ts";
import { filteredFamily } from "../family_filter.ts";
import { lastOf } from "../../ip/arithmetic.ts";
import type { IpPrefix } from "../../ip/prefix.ts";
import {
  IFA_F_HOMEADDRESS,
  IFA_F_MANAGETEMPADDR,
  IFA_F_MCAUTOJOIN,
  IFA_F_NODAD,
  IFA_F_NOPREFIXROUTE,
  IFA_F_OPTIMISTIC,
} from "../constants/address.ts";
import { RTM_DELADDR, RTM_GETADDR, RTM_NEWADDR } from "../constants/messages.ts";
import { ROUTE_SCOPES } from "../constants/route.ts";
import { fieldsOf } from "../../argument_fields.ts";
import { shown } from "../../errors.ts";
import type { Unknown } from "../wire/attributes.ts";
import { fieldNames } from "../wire/codec.ts";
import { type NetlinkRequest, NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE } from "../wire/framing.ts";
import { afOf, ipBytes, ipPrefixOf } from "../wire/ip.ts";
import { numberOf } from "../wire/named_numbers.ts";
import { addressRequest, type CacheInfo, FOREVER } from "./message.ts";
import type { Address, AddressFilter, AddressOptions } from "./types.ts";

/** The longest IPv4 prefix whose network has a broadcast address. */
const LAST_WITH_BROADCAST = 30;

/**
 * The flags of an address that whoever adds it decides, and for which there is no property; those that have one are what
 * that says, also where it was changed in a copy. The others are what became of it.
 */
const GIVEN_FLAGS = IFA_F_OPTIMISTIC | IFA_F_MCAUTOJOIN;

const fieldAt = fieldNames(addressRequest, { local: "cidr", address: "peer", priority: "metric" });

const checkFilter = fieldsOf<AddressFilter>("a filter of addresses", { link: true, linkIndex: true, family: true });

const checkOptions = fieldsOf<AddressOptions>("the options of an address", {
  noDad: "boolean",
  broadcast: true,
  label: true,
  peer: true,
  scope: true,
  preferredLifetime: true,
  validLifetime: true,
  noPrefixRoute: "boolean",
  metric: true,
  protocol: true,
  home: "boolean",
  managedTemporaries: "boolean",
  replace: "boolean",
});

const checkDeleted = fieldsOf<Pick<AddressOptions, "peer">>("the options of an address to delete", { peer: true });

const checkListed = fieldsOf<Address>("an address that was listed", {
  linkIndex: true,
  family: true,
  address: true,
  prefixLength: true,
  cidr: true,
  peer: true,
  broadcast: true,
  scope: true,
  flags: "number",
  tentative: "boolean",
  duplicate: "boolean",
  permanent: "boolean",
  label: true,
  preferredLifetime: true,
  validLifetime: true,
  noPrefixRoute: "boolean",
  noDad: "boolean",
  home: "boolean",
  managedTemporaries: "boolean",
  metric: true,
  protocol: true,
  unknown: "list",
});

/** The request for all addresses: every namespace is asked the same. */
let allAddresses: NetlinkRequest | undefined;

/** The request for the addresses that a filter lets through. */
export function listAddressesRequest(filter: AddressFilter): NetlinkRequest {
  checkFilter(filter);
  const { linkIndex = 0 } = filter;
  const family = filteredFamily(filter.family);
  return linkIndex === 0 && family === AF_UNSPEC
    ? allAddresses ??= filteredRequest(0, AF_UNSPEC)
    : filteredRequest(linkIndex, family);
}

function filteredRequest(linkIndex: number, family: number): NetlinkRequest {
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
 * @throws {TypeError} `cidr` is not an address; or the options have another field.
 */
export function addAddressRequest(linkIndex: number, cidr: string, options: AddressOptions = {}): NetlinkRequest {
  checkOptions(options);
  const prefix = ipPrefixOf(cidr);
  const { broadcast: given } = options;
  const broadcast = given === "+" ? broadcastOf(prefix) : given === undefined ? undefined : ipBytes(given);
  return addRequest(linkIndex, cidr, prefix, options, flagsOf(options), broadcast);
}

/**
 * The request that adds an address to a link, or changes what the link has under it.
 *
 * @throws {TypeError} `cidr` is not an address; or the options have another field.
 */
export function replaceAddressRequest(
  linkIndex: number,
  cidr: string,
  options: Omit<AddressOptions, "replace"> = {},
): NetlinkRequest {
  checkOptions(options); // before it is copied: a copy of anything is an object
  return addAddressRequest(linkIndex, cidr, { ...options, replace: true });
}

/**
 * The request that adds an address that was listed, as it was.
 *
 * @throws {TypeError} It is not an address; or it has another field.
 */
export function addListedRequest(address: Address, replace = false): NetlinkRequest {
  const prefix = prefixOf(address);
  const { linkIndex, cidr, flags = 0, broadcast: given } = address;
  const broadcast = given === undefined ? undefined : ipBytes(given);
  return addRequest(
    linkIndex,
    cidr,
    prefix,
    { ...address, replace },
    flagsOf(address) | flags & GIVEN_FLAGS,
    broadcast,
  );
}

/**
 * The address that was listed, which it says twice.
 *
 * @throws {TypeError} It is not an address, or has another field; or a copy was changed in one of the two places.
 */
function prefixOf(listed: Address): IpPrefix {
  checkListed(listed);
  const { cidr, address, prefixLength } = listed;
  const prefix = ipPrefixOf(cidr);
  const said = address === undefined || prefixLength === undefined ? cidr : `${address}/${prefixLength}`; // untyped code
  if (said === cidr) return prefix;
  const { address: { bytes, family }, length } = ipPrefixOf(said);
  if (family === prefix.address.family && length === prefix.length && `${bytes}` === `${prefix.address.bytes}`) {
    return prefix;
  }
  throw new TypeError(
    `Cannot use ${shown(cidr)} as cidr of an address that was listed: expected ${said}, its address and prefixLength`,
  );
}

function flagsOf({ noDad, home, managedTemporaries, noPrefixRoute }: AddressOptions): number {
  return (noDad ? IFA_F_NODAD : 0) | (home ? IFA_F_HOMEADDRESS : 0) |
    (managedTemporaries ? IFA_F_MANAGETEMPADDR : 0) | (noPrefixRoute ? IFA_F_NOPREFIXROUTE : 0);
}

/** What is sent of an address beside itself. */
type Properties = Omit<AddressOptions, "broadcast" | "noDad"> & { readonly unknown?: Unknown | undefined };

/** The properties are given as they are: a copy of them with what was worked out takes as long as the rest. */
function addRequest(
  linkIndex: number,
  cidr: string,
  prefix: IpPrefix,
  properties: Properties,
  flags: number,
  broadcast: readonly number[] | undefined,
): NetlinkRequest {
  const { family, bytes } = prefix.address;
  const { peer, label, replace, metric, protocol, unknown } = properties;
  const { scope = family === 4 && bytes[0] === 127 ? "host" : "universe" } = properties;
  const body = addressRequest.encode({
    family: afOf(cidr),
    prefixLength: prefix.length,
    flags: 0,
    scope: numberOf(ROUTE_SCOPES, scope, "scope"),
    index: linkIndex,
    attributes: {
      local: bytes,
      address: peer === undefined ? bytes : ipBytes(peer),
      broadcast,
      label,
      flags: flags === 0 ? undefined : flags,
      cacheInfo: cacheInfoOf(properties),
      priority: metric,
      protocol,
      unknown,
    },
  });
  return {
    type: RTM_NEWADDR,
    flags: NLM_F_CREATE | (replace ? NLM_F_REPLACE : NLM_F_EXCL),
    body,
    label: `RTM_NEWADDR ${cidr} on link ${linkIndex}`,
    fieldAt,
  };
}

/**
 * The request that deletes an address of a link.
 *
 * @throws {TypeError} `cidr` is not an address; or the options have another field.
 */
export function deleteAddressRequest(
  linkIndex: number,
  cidr: string,
  options: Pick<AddressOptions, "peer"> = {},
): NetlinkRequest {
  checkDeleted(options);
  return deleteRequest(linkIndex, cidr, options.peer);
}

/**
 * The request that deletes an address that was listed.
 *
 * @throws {TypeError} It is not an address; or it has another field.
 */
export function deleteListedRequest(address: Address): NetlinkRequest {
  prefixOf(address);
  return deleteRequest(address.linkIndex, address.cidr, address.peer);
}

function deleteRequest(linkIndex: number, cidr: string, peer: string | undefined): NetlinkRequest {
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
  return { type: RTM_DELADDR, flags: 0, body, label: `RTM_DELADDR ${cidr} on link ${linkIndex}`, fieldAt };
}

/** The lifetimes; one that is given alone is both, as the kernel refuses one that is preferred longer than valid. */
function cacheInfoOf({ preferredLifetime, validLifetime }: Properties): CacheInfo | undefined {
  const preferred = preferredLifetime ?? validLifetime;
  return preferred === undefined ? undefined : { preferred, valid: validLifetime ?? FOREVER, created: 0, updated: 0 };
}

/** The last address of an IPv4 network that is large enough to have hosts beside it. */
function broadcastOf(prefix: IpPrefix): readonly number[] | undefined {
  return prefix.address.family === 4 && prefix.length <= LAST_WITH_BROADCAST ? lastOf(prefix) : undefined;
}
