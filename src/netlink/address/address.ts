/** Addresses of links: RTM_NEWADDR, RTM_DELADDR, RTM_GETADDR. See rtnetlink(7), linux/if_addr.h. */
import { AF_UNSPEC } from "../../../ffi/mod.ts";
import { IFA_F_DADFAILED, IFA_F_NODAD, IFA_F_PERMANENT, IFA_F_TENTATIVE } from "../constants/address.ts";
import { RTM_DELADDR, RTM_GETADDR, RTM_NEWADDR } from "../constants/messages.ts";
import { ROUTE_SCOPES, type RouteScope } from "../constants/route.ts";
import { lastOf } from "../../ip/arithmetic.ts";
import type { IpPrefix } from "../../ip/prefix.ts";
import { attributes, message, type MessageCodec, struct } from "../wire/codec.ts";
import { type NetlinkRequest, NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE } from "../wire/framing.ts";
import { afOf, ip, ipBytes, ipPrefixOf, isIpFamily } from "../wire/ip.ts";
import { numberOf, octets, text, u32, u8 } from "../wire/values.ts";

/** A lifetime without end. */
const FOREVER = 0xffffffff;
/** The longest IPv4 prefix whose network has a broadcast address. */
const LAST_WITH_BROADCAST = 30;

/** struct ifaddrmsg */
const header = struct({ family: u8, prefixLength: u8, flags: u8, scope: u8, index: u32 });

const ATTRIBUTES = {
  address: [1, ip], // IFA_ADDRESS: the peer, where there is one
  local: [2, ip], // IFA_LOCAL
  label: [3, text], // IFA_LABEL
  broadcast: [4, ip], // IFA_BROADCAST
  cacheInfo: [6, struct({ preferred: u32, valid: u32, created: u32, updated: u32 })], // IFA_CACHEINFO
  flags: [8, u32], // IFA_FLAGS: all of them; the header has room for eight
  priority: [9, u32], // IFA_RT_PRIORITY
  protocol: [11, u8], // IFA_PROTO
} as const;

const codec = message(header, attributes(ATTRIBUTES));
/** The same messages, with addresses as the bytes that the specification was parsed to. */
const sent = message(
  header,
  attributes({ ...ATTRIBUTES, address: [1, octets], local: [2, octets], broadcast: [4, octets] }),
);

/** The codec of the messages of this family. */
export const addressMessage: MessageCodec<object> = codec;

/** An address of a link, as the kernel has it. */
export interface Address {
  /** The link. */
  readonly linkIndex: number;
  /** AF_INET (2) or AF_INET6 (10). */
  readonly family: number;
  /** The link's own address. */
  readonly address: string;
  /** The length of its prefix, in bits. */
  readonly prefixLength: number;
  /** Both in one: `"10.0.0.1/24"`. */
  readonly cidr: string;
  /** The other end, of an address of a point-to-point link. */
  readonly peer?: string;
  /** The broadcast address. */
  readonly broadcast?: string;
  /** How far it is valid: 0 everywhere, 253 on the link, 254 in this host. */
  readonly scope: number;
  /** The kernel's flags, IFA_F_…. */
  readonly flags: number;
  /** True until duplicate address detection is over: it cannot be used before. */
  readonly tentative: boolean;
  /** True if another host has it. */
  readonly duplicate: boolean;
  /** True if it stays until it is deleted; otherwise it has a lifetime. */
  readonly permanent: boolean;
  /** The name that old tools show, of IPv4 addresses. */
  readonly label?: string;
  /** For how long it is preferred, in seconds; missing: for ever. */
  readonly preferredLifetime?: number;
  /** For how long it is valid, in seconds; missing: for ever. */
  readonly validLifetime?: number;
}

/** How an address is added. */
export interface AddressOptions {
  /** IPv6: usable at once, without asking whether another host has it. */
  readonly noDad?: boolean | undefined;
  /** The broadcast address; of IPv4, without it the last of the network, where the network has one. */
  readonly broadcast?: string | undefined;
  /** The name that old tools show: the link's own, or that, ":" and more. */
  readonly label?: string | undefined;
  /** The other end of a point-to-point link. */
  readonly peer?: string | undefined;
  /** How far it is valid. @default {"universe", of 127.0.0.0/8 "host"} */
  readonly scope?: RouteScope | number | undefined;
  /** For how long it is preferred, in seconds. */
  readonly preferredLifetime?: number | undefined;
  /** For how long it is valid, in seconds. */
  readonly validLifetime?: number | undefined;
  /** Replaces what the link has under this address instead of failing with EEXIST. */
  readonly replace?: boolean | undefined;
}

/** Which addresses are listed. */
export interface AddressFilter {
  /** Those of this link alone. */
  readonly linkIndex?: number | undefined;
  /** Those of this family alone. */
  readonly family?: number | undefined;
}

/** The request for the addresses that a filter lets through. */
export function listAddressesRequest({ linkIndex = 0, family = AF_UNSPEC }: AddressFilter): NetlinkRequest {
  const body = codec.encode({ family, prefixLength: 0, flags: 0, scope: 0, index: linkIndex, attributes: {} });
  return { type: RTM_GETADDR, flags: 0, body, label: "RTM_GETADDR" };
}

/**
 * The request that adds an address to a link.
 *
 * @throws {TypeError} It is no address.
 */
export function addAddressRequest(linkIndex: number, cidr: string, options: AddressOptions = {}): NetlinkRequest {
  const prefix = ipPrefixOf(cidr);
  const { bytes } = prefix.address;
  const isLoopback = prefix.address.family === 4 && bytes[0] === 127;
  const lifetime = options.validLifetime ?? options.preferredLifetime;
  const body = sent.encode({
    family: afOf(cidr),
    prefixLength: prefix.length,
    flags: 0,
    scope: numberOf(ROUTE_SCOPES, options.scope ?? (isLoopback ? "host" : "universe")),
    index: linkIndex,
    attributes: {
      local: bytes,
      address: options.peer === undefined ? bytes : ipBytes(options.peer),
      broadcast: options.broadcast === undefined
        ? options.peer === undefined ? broadcastOf(prefix) : undefined
        : ipBytes(options.broadcast),
      label: options.label,
      flags: options.noDad ? IFA_F_NODAD : undefined,
      cacheInfo: lifetime === undefined ? undefined : {
        preferred: options.preferredLifetime ?? lifetime, // not longer than valid, which the kernel refuses
        valid: options.validLifetime ?? FOREVER,
        created: 0,
        updated: 0,
      },
    },
  });
  const flags = NLM_F_CREATE | (options.replace ? NLM_F_REPLACE : NLM_F_EXCL);
  return { type: RTM_NEWADDR, flags, body, label: `RTM_NEWADDR ${cidr} on link ${linkIndex}` };
}

/**
 * The request that takes an address off a link.
 *
 * @throws {TypeError} It is no address.
 */
export function deleteAddressRequest(
  linkIndex: number,
  cidr: string,
  { peer }: Pick<AddressOptions, "peer"> = {},
): NetlinkRequest {
  const { address: { bytes }, length } = ipPrefixOf(cidr);
  // With the local address alone the kernel would take the first one, whatever its prefix.
  const attributes = { local: bytes, address: peer === undefined ? bytes : ipBytes(peer) };
  const body = sent.encode({
    family: afOf(cidr),
    prefixLength: length,
    flags: 0,
    scope: 0,
    index: linkIndex,
    attributes,
  });
  return { type: RTM_DELADDR, flags: 0, body, label: `RTM_DELADDR ${cidr} on link ${linkIndex}` };
}

/** The address that a message of the kernel tells of; nothing for one that is neither IPv4 nor IPv6. */
export function decodeAddress(body: Uint8Array): Address | undefined {
  if (!isIpFamily(body)) return undefined;
  const { family, prefixLength, flags: low, scope, index, attributes } = codec.decodeKnown(body);
  const address = attributes.local ?? attributes.address ?? "";
  const flags = attributes.flags ?? low;
  const { preferred = FOREVER, valid = FOREVER } = attributes.cacheInfo ?? {};
  return {
    linkIndex: index,
    family,
    address,
    prefixLength,
    cidr: `${address}/${prefixLength}`,
    ...(attributes.address === undefined || attributes.address === address ? {} : { peer: attributes.address }),
    ...(attributes.broadcast === undefined ? {} : { broadcast: attributes.broadcast }),
    scope,
    flags,
    tentative: (flags & IFA_F_TENTATIVE) !== 0,
    duplicate: (flags & IFA_F_DADFAILED) !== 0,
    permanent: (flags & IFA_F_PERMANENT) !== 0,
    ...(attributes.label === undefined ? {} : { label: attributes.label }),
    ...(preferred === FOREVER ? {} : { preferredLifetime: preferred }),
    ...(valid === FOREVER ? {} : { validLifetime: valid }),
  };
}

/** The last address of an IPv4 network that is large enough to have hosts beside it. */
function broadcastOf(prefix: IpPrefix): readonly number[] | undefined {
  return prefix.address.family === 4 && prefix.length <= LAST_WITH_BROADCAST ? lastOf(prefix) : undefined;
}
