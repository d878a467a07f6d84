/** The types of values in rules and sets, with the names that `nft` has for values. */
import { shown } from "../../errors.ts";
import { addressBytes } from "../../ip/address.ts";
import { formatAddress } from "../../ip/format.ts";
import { ROUTE_TYPES } from "../constants/route.ts";
import type { NftScalar } from "./element_types.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** A type of values. */
export interface Datatype {
  /** Its name in a set: `"ipv4_addr"`. */
  readonly name: string;
  /** The number that `nft` has for it, which the kernel keeps with a set. */
  readonly number: number;
  /** How many bytes a value has. */
  readonly size: number;
  /** True if values are in network order; otherwise they are in that of the machine, but for sets with intervals. */
  readonly big: boolean;
  /** The names of bits, of a type whose values are sets of flags. */
  readonly bits?: Readonly<Record<string, number>>;
  /** True of addresses, which have prefixes. */
  readonly isAddress?: boolean;
  /** The bytes of a value; undefined if it is none of this type. */
  encode(value: NftScalar): Bytes | undefined;
  /** The value of bytes. */
  decode(bytes: Uint8Array): NftScalar;
}

/** `value` in `size` bytes. */
function integerBytes(value: number, size: number, big: boolean): Bytes {
  const bytes = new Uint8Array(size);
  for (let i = 0; i < size; i++) bytes[big ? size - 1 - i : i] = Math.floor(value / 256 ** i);
  return bytes;
}

/** What a look-up says that a route does: nft has no word for `throw`, and another one for 0. */
const { unspecified: unspec, throw: _, ...FIB_TYPES } = ROUTE_TYPES;

/** The number that bytes are. */
export function integerOf(bytes: Uint8Array, big: boolean): number {
  const ordered = big ? [...bytes] : [...bytes].reverse();
  return ordered.reduce((value, byte) => value * 256 + byte, 0);
}

function integer(
  name: string,
  number: number,
  size: number,
  big: boolean,
  names: Readonly<Record<string, number>> = {},
  more: Pick<Datatype, "bits"> = {},
): Datatype {
  return {
    name,
    number,
    size,
    big,
    ...more,
    encode(value) {
      const known = typeof value === "string" && Object.hasOwn(names, value) ? names[value] : value;
      const isOne = typeof known === "number" && Number.isInteger(known) && known >= 0 && known < 256 ** size;
      return isOne ? integerBytes(known, size, big) : undefined;
    },
    decode(bytes) {
      const value = integerOf(bytes, big);
      return Object.keys(names).find((name) => names[name] === value) ?? value;
    },
  };
}

function flags(name: string, number: number, size: number, bits: Readonly<Record<string, number>>): Datatype {
  return integer(name, number, size, false, bits, { bits });
}

function address(name: string, number: number, size: number): Datatype {
  return {
    name,
    number,
    size,
    big: true,
    isAddress: true,
    encode(value) {
      const bytes = typeof value === "string" ? addressBytes(value) : undefined;
      return bytes?.length === size ? Uint8Array.from(bytes) : undefined;
    },
    decode: (bytes) => formatAddress([...bytes]),
  };
}

/** IFNAMSIZ */
const LINK_NAME = 16;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** True of what names begin with: `eth*`; the name that itself ends so is `eth\*`, as `nft` has it. */
export function isBeginning(text: string): boolean {
  return text.endsWith("*") && !text.endsWith("\\*");
}

/** The name of a link, or what it begins with. */
const ifname: Datatype = {
  name: "ifname",
  number: 41,
  size: LINK_NAME,
  big: false,
  encode(value) {
    const text = typeof value === "string" ? value : "";
    const name = encoder.encode(text);
    if (text === "" || text.includes("\0") || !text.isWellFormed() || name.length >= LINK_NAME) return undefined;
    if (isBeginning(text)) return text.length > 1 ? name.slice(0, -1) : undefined;
    const bytes = new Uint8Array(LINK_NAME);
    bytes.set(encoder.encode(text.replace(/\\\*$/, "*")));
    return bytes;
  },
  decode(bytes) {
    const end = bytes.indexOf(0);
    const text = decoder.decode(end === -1 ? bytes : bytes.subarray(0, end));
    return end === -1 ? `${text}*` : text.replace(/\*$/, "\\*");
  },
};

/** Whether something is there. */
const boolean: Datatype = {
  name: "boolean",
  number: 39,
  size: 4,
  big: false,
  encode: (value) => typeof value === "boolean" ? integerBytes(Number(value), 4, false) : undefined,
  decode: (bytes) => integerOf(bytes, false) !== 0,
};

/** The types by which this library calls them. */
type DatatypeName =
  | "nfproto"
  | "integer8"
  | "integer32"
  | "ipv4"
  | "ipv6"
  | "etherAddress"
  | "etherType"
  | "protocol"
  | "service"
  | "icmpType"
  | "tcpFlags"
  | "mark"
  | "linkType"
  | "ctState"
  | "icmpv6Type"
  | "fibType"
  | "fibLink"
  | "boolean"
  | "ifname";

/** All types. */
export const DATATYPES: Readonly<Record<DatatypeName, Datatype>> = {
  nfproto: integer("nf_proto", 2, 1, false, { ipv4: 2, ipv6: 10 }),
  integer8: integer("integer", 4, 1, true),
  integer32: integer("integer", 4, 4, false),
  ipv4: address("ipv4_addr", 7, 4),
  ipv6: address("ipv6_addr", 8, 16),
  etherAddress: {
    name: "ether_addr",
    number: 9,
    size: 6,
    big: true,
    encode: (value) => {
      const isAddress = typeof value === "string" && /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/i.test(value);
      return isAddress ? Uint8Array.from(value.split(":"), (byte) => Number.parseInt(byte, 16)) : undefined;
    },
    decode: (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(":"),
  },
  etherType: integer("ether_type", 10, 2, true, {
    ip: 0x0800,
    arp: 0x0806,
    ip6: 0x86dd,
    "8021q": 0x8100,
    "8021ad": 0x88a8,
  }),
  protocol: integer("inet_proto", 12, 1, true, {
    "icmp": 1,
    "igmp": 2,
    "ipencap": 4,
    "tcp": 6,
    "udp": 17,
    "dccp": 33,
    "gre": 47,
    "esp": 50,
    "ah": 51,
    "ipv6-icmp": 58,
    "icmpv6": 58,
    "ipcomp": 108,
    "comp": 108,
    "sctp": 132,
    "udplite": 136,
  }),
  service: integer("inet_service", 13, 2, true),
  icmpType: integer("icmp_type", 14, 1, true, {
    "echo-reply": 0,
    "destination-unreachable": 3,
    "source-quench": 4,
    "redirect": 5,
    "echo-request": 8,
    "router-advertisement": 9,
    "router-solicitation": 10,
    "time-exceeded": 11,
    "parameter-problem": 12,
    "timestamp-request": 13,
    "timestamp-reply": 14,
    "info-request": 15,
    "info-reply": 16,
    "address-mask-request": 17,
    "address-mask-reply": 18,
  }),
  tcpFlags: flags("tcp_flag", 15, 1, { fin: 1, syn: 2, rst: 4, psh: 8, ack: 16, urg: 32, ecn: 64, cwr: 128 }),
  mark: integer("mark", 19, 4, false),
  linkType: integer("iface_type", 21, 2, false, { ether: 1, ppp: 512, ipip: 768, ipip6: 769, loopback: 772, sit: 776 }),
  ctState: flags("ct_state", 26, 4, { invalid: 1, established: 2, related: 4, new: 8, untracked: 64 }),
  icmpv6Type: integer("icmpv6_type", 29, 1, true, {
    "destination-unreachable": 1,
    "packet-too-big": 2,
    "time-exceeded": 3,
    "parameter-problem": 4,
    "echo-request": 128,
    "echo-reply": 129,
    "mld-listener-query": 130,
    "mld-listener-report": 131,
    "mld-listener-done": 132,
    "mld-listener-reduction": 132,
    "nd-router-solicit": 133,
    "nd-router-advert": 134,
    "nd-neighbor-solicit": 135,
    "nd-neighbor-advert": 136,
    "nd-redirect": 137,
    "router-renumbering": 138,
    "ind-neighbor-solicit": 141,
    "ind-neighbor-advert": 142,
    "mld2-listener-report": 143,
  }),
  fibType: integer("fib_addrtype", 38, 4, false, { unspec, ...FIB_TYPES }),
  ifname,
  boolean,
  fibLink: { ...ifname, name: "string", number: 5 }, // as nft calls what a look-up gives
};

/** The types whose values are in network order, by those whose values are in that of the machine. */
const IN_NETWORK_ORDER: ReadonlyMap<Datatype, Datatype> = new Map(
  Object.values(DATATYPES).filter(({ big, size }) => !big && size !== LINK_NAME).map((type) => {
    const reversed = (bytes: Uint8Array): Bytes => Uint8Array.from(bytes).reverse();
    return [type, {
      ...type,
      big: true,
      encode(value) {
        const bytes = type.encode(value);
        return bytes && reversed(bytes);
      },
      decode: (bytes) => type.decode(reversed(bytes)),
    }];
  }),
);

/** The type with its numbers in network order; names of links are in none. */
export function inNetworkOrder(type: Datatype): Datatype {
  return IN_NETWORK_ORDER.get(type) ?? type;
}

const ALL: readonly Datatype[] = Object.values(DATATYPES);

/** The names of all types. */
export function datatypeNames(): string[] {
  return [...new Set(ALL.map(({ name }) => name))];
}

/** The type that a set names, or that the kernel has for one; of numbers, that of a size. */
export function datatypeOf(nameOrNumber: string | number, length?: number): Datatype | undefined {
  return ALL.find(({ name, number, size }) => (
    (name === nameOrNumber || number === nameOrNumber) && (length === undefined || size === length)
  ));
}

/**
 * The bytes of a value.
 *
 * @param at Where it stands, for the error.
 * @throws {TypeError} It is none of the type.
 */
export function encodeValue(type: Datatype, value: unknown, at: string): Bytes {
  const isScalar = typeof value === "string" || typeof value === "number" || typeof value === "boolean";
  const bytes = isScalar ? type.encode(value) : undefined;
  if (bytes !== undefined) return bytes;
  throw new TypeError(`Cannot use ${shown(value)} as ${at}: expected a value of the type ${type.name}`);
}
