/** The messages of addresses: struct ifaddrmsg and IFA_…. See rtnetlink(7), linux/if_addr.h. */
import { attributesOf, type AttributeTable, type Unknown } from "../wire/attributes.ts";
import { message, type MessageCodec } from "../wire/codec.ts";
import { struct } from "../wire/struct.ts";
import { ip } from "../wire/ip.ts";
import { octets } from "../wire/bytes.ts";
import { s32, u32, u8 } from "../wire/numbers.ts";
import { text } from "../wire/text.ts";

/** struct ifaddrmsg */
export interface AddressHeader {
  readonly family: number;
  readonly prefixLength: number;
  /** The first eight of IFA_F_…. */
  readonly flags: number;
  /** RT_SCOPE_… */
  readonly scope: number;
  /** The index of the link. */
  readonly index: number;
}

/** IFA_… */
export interface AddressAttributes {
  /** The peer of a point-to-point link, otherwise the link's own address. */
  readonly address?: string | undefined;
  readonly local?: string | undefined;
  readonly label?: string | undefined;
  readonly broadcast?: string | undefined;
  readonly cacheInfo?: CacheInfo | undefined;
  /** All of IFA_F_…. */
  readonly flags?: number | undefined;
  readonly priority?: number | undefined;
  readonly protocol?: number | undefined;
  /** IFA_TARGET_NETNSID, by which a list of another namespace is asked for. */
  readonly targetNetnsid?: number | undefined;
}

/** struct ifa_cacheinfo: lifetimes in seconds, times in hundredths. */
export interface CacheInfo {
  readonly preferred: number;
  readonly valid: number;
  readonly created: number;
  readonly updated: number;
}

/** A lifetime without end. */
export const FOREVER = 0xffffffff;

/** The attributes of a request: addresses are the bytes that its text was parsed to. */
export interface RequestedAttributes extends Omit<AddressAttributes, "address" | "local" | "broadcast"> {
  readonly address?: readonly number[] | undefined;
  readonly local?: readonly number[] | undefined;
  readonly broadcast?: readonly number[] | undefined;
}

const header = struct({ family: u8, prefixLength: u8, flags: u8, scope: u8, index: u32 });

const ATTRIBUTES: AttributeTable<AddressAttributes> = {
  address: [1, ip], // IFA_ADDRESS
  local: [2, ip], // IFA_LOCAL
  label: [3, text], // IFA_LABEL
  broadcast: [4, ip], // IFA_BROADCAST
  cacheInfo: [6, struct({ preferred: u32, valid: u32, created: u32, updated: u32 })], // IFA_CACHEINFO
  flags: [8, u32], // IFA_FLAGS
  priority: [9, u32], // IFA_RT_PRIORITY
  targetNetnsid: [10, s32], // IFA_TARGET_NETNSID
  protocol: [11, u8], // IFA_PROTO
};

/** The codec of the messages of addresses. */
export const addressMessage: MessageCodec<
  AddressHeader & { readonly attributes: AddressAttributes & { readonly unknown?: Unknown | undefined } }
> = message(
  header,
  attributesOf<AddressAttributes>(ATTRIBUTES),
);

/** The codec of requests about addresses. */
export const addressRequest: MessageCodec<
  AddressHeader & { readonly attributes: RequestedAttributes & { readonly unknown?: Unknown | undefined } }
> = message(
  header,
  attributesOf<RequestedAttributes>({
    ...ATTRIBUTES,
    address: [ATTRIBUTES.address[0], octets],
    local: [ATTRIBUTES.local[0], octets],
    broadcast: [ATTRIBUTES.broadcast[0], octets],
  }),
);
