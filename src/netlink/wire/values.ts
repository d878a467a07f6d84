/** The values that headers and attributes are made of. */
import ipaddr from "npm:ipaddr.js@2.5.0";
import { AF_INET, AF_INET6, utf8Length } from "../../../ffi/mod.ts";
import { shown } from "../../errors.ts";
import { ipv4Bytes } from "../../ip/address.ts";
import type { Writer } from "./buffers.ts";
import type { Codec, FixedCodec } from "./codec.ts";
import { formatAddress } from "../../ip/format.ts";
import { MalformedMessageError } from "./malformed.ts";

const LITTLE = true; // both architectures are; what is big-endian says so

/**
 * A number that fits where it is to go: what does not would reach the kernel as another.
 *
 * @throws {RangeError} It does not.
 */
function whole(value: number, place: string, lowest: number, highest: number): number {
  if (Number.isInteger(value) && value >= lowest && value <= highest) return value;
  throw new RangeError(`Cannot use ${shown(value)} as ${place}: expected a whole number from ${lowest} to ${highest}`);
}

/** An unsigned byte. */
export const u8: FixedCodec<number> = {
  size: 1,
  write: (out, value, place = "a number") => {
    const at = out.reserve(1);
    out.view.setUint8(at, whole(value, place, 0, 0xff));
  },
  read: (input) => input.view.getUint8(input.take(1)),
};

/** 16 bits, unsigned. */
export const u16: FixedCodec<number> = {
  size: 2,
  write: (out, value, place = "a number") => {
    const at = out.reserve(2);
    out.view.setUint16(at, whole(value, place, 0, 0xffff), LITTLE);
  },
  read: (input) => input.view.getUint16(input.take(2), LITTLE),
};

/** 16 bits, unsigned, in network order. */
export const be16: FixedCodec<number> = {
  size: 2,
  write: (out, value, place = "a number") => {
    const at = out.reserve(2);
    out.view.setUint16(at, whole(value, place, 0, 0xffff));
  },
  read: (input) => input.view.getUint16(input.take(2)),
};

/** 32 bits, unsigned. */
export const u32: FixedCodec<number> = {
  size: 4,
  write: (out, value, place = "a number") => {
    const at = out.reserve(4);
    out.view.setUint32(at, whole(value, place, 0, 0xffffffff), LITTLE);
  },
  read: (input) => input.view.getUint32(input.take(4), LITTLE),
};

/** 32 bits, signed. */
export const s32: FixedCodec<number> = {
  size: 4,
  write: (out, value, place = "a number") => {
    const at = out.reserve(4);
    out.view.setInt32(at, whole(value, place, -0x80000000, 0x7fffffff), LITTLE);
  },
  read: (input) => input.view.getInt32(input.take(4), LITTLE),
};

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * Text that ends in NUL. One with a NUL inside is refused, as the kernel would take the part before it for a name, and
 * so is half a surrogate pair, which has no UTF-8.
 */
export const text: Codec<string> = {
  write: (out, value, place = "text") => {
    if (value.includes("\0") || !value.isWellFormed()) {
      throw new TypeError(`Cannot use ${shown(value)} as ${place}: expected text without NUL`);
    }
    if (utf8Length(value) > value.length) out.append(encoder.encode(value));
    else { // ASCII, as nearly all is: not worth an encoder
      const at = out.reserve(value.length);
      for (let i = 0; i < value.length; i++) out.view.setUint8(at + i, value.charCodeAt(i));
    }
    out.reserve(1);
  },
  read: (input) => {
    const end = input.offset + input.left;
    let value = "";
    for (let at = input.take(input.left); at < end; at++) {
      const byte = input.view.getUint8(at);
      if (byte === 0) return value;
      // Nearly all names are ASCII, which is not worth a decoder.
      if (byte > 0x7f) return value + (decoder.decode(input.bytes.subarray(at, end)).split("\0", 1)[0] ?? "");
      value += String.fromCharCode(byte);
    }
    return value;
  },
};

/** Bytes as they are, in memory of their own. */
export const bytes: Codec<Uint8Array<ArrayBuffer>> = {
  write: (out, value) => out.append(value),
  read: (input) => input.rest().slice(),
};

/** A few bytes, as an address that was read has them. */
export const octets: Codec<readonly number[]> = {
  write: (out, value) => writeBytes(out, value),
  read: (input) => Array.from(input.rest()),
};

/** The lengths that addresses of links have: of IPv4 tunnels, Ethernet, FireWire, IPv6 tunnels and InfiniBand. */
const MAC_LENGTHS: readonly number[] = [4, 6, 8, 16, 20];

/** A link-layer address as text, `"02:00:00:00:00:01"`; tunnels have shorter and longer ones than Ethernet. */
export const mac: Codec<string> = {
  write: (out, value) => writeBytes(out, macBytes(value)),
  read: (input) => {
    const end = input.offset + input.left;
    let value = "";
    for (let at = input.take(input.left); at < end; at++) {
      value += (value === "" ? "" : ":") + HEX[input.view.getUint8(at)];
    }
    return value;
  },
};

const HEX: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/**
 * The link-layer address of a link that is made here: all kinds have Ethernet's.
 *
 * @throws {TypeError} It is none.
 */
export function ethernet(value: string): string {
  if (/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i.test(value)) return value;
  throw new TypeError(`Cannot use ${shown(value)} as a link-layer address: expected "02:00:00:00:00:01"`);
}

function macBytes(value: string): readonly number[] {
  // The kernel would take the first bytes of one that is too long, and say nothing.
  if (!/^[0-9a-f]{2}(:[0-9a-f]{2})*$/i.test(value) || !MAC_LENGTHS.includes((value.length + 1) / 3)) {
    throw new TypeError(`Cannot use ${shown(value)} as a link-layer address: expected "02:00:00:00:00:01"`);
  }
  const bytes: number[] = [];
  for (let i = 0; i < value.length; i += 3) bytes.push(hexDigit(value, i) << 4 | hexDigit(value, i + 1));
  return bytes;
}

/** The value of the hexadecimal digit at `place`, which is one. */
function hexDigit(text: string, place: number): number {
  const sign = text.charCodeAt(place);
  return sign <= 0x39 ? sign & 0xf : (sign & 0xf) + 9; // "0" to "9"; "a" is 0x61, "A" 0x41
}

/** Adds a few bytes: of so few, an array of their own that C could read takes longer to make than to write. */
function writeBytes(out: Writer, bytes: readonly number[]): void {
  const at = out.reserve(bytes.length);
  for (let i = 0; i < bytes.length; i++) out.view.setUint8(at + i, bytes[i] ?? 0);
}

/** An IPv4 or IPv6 address as text; its length says which. */
export const ip: Codec<string> = {
  write: (out, value) => writeBytes(out, parseAddress(value)),
  read: (input) => {
    const at = input.offset;
    const raw = input.rest();
    if (raw.length !== 4 && raw.length !== 16) throw new MalformedMessageError(`an address of ${raw.length} bytes`, at);
    return formatAddress(raw);
  },
};

/** The address that was read last: a request says one several times, and ipaddr.js takes its time for IPv6. */
let last: { readonly text: string; readonly bytes: readonly number[] } | undefined;

/**
 * Reads an address.
 *
 * @returns Its 4 or 16 bytes.
 * @throws {TypeError} It is none.
 */
export function parseAddress(value: string): readonly number[] {
  if (last?.text !== value) last = { text: value, bytes: addressBytes(value) };
  return last.bytes;
}

function addressBytes(value: string): readonly number[] {
  const ipv4 = ipv4Bytes(value);
  if (ipv4 !== undefined) return ipv4;
  const words = inWords(value);
  try {
    if (words !== undefined) return ipaddr.IPv6.parse(words).toByteArray();
  } catch {
    // the error below says it of both
  }
  throw new TypeError(`Cannot use ${shown(value)} as an address: expected IPv4 or IPv6`);
}

/**
 * An IPv6 address without the dots of one whose last four bytes are written as IPv4: ipaddr.js takes `::1.2.3.4` for
 * `::ffff:1.2.3.4`, and reads octal numbers there. Nothing for what has other signs: zones.
 */
function inWords(value: string): string | undefined {
  const [, front = value, dotted] = value.match(/^(.*:)([^:]*\.[^:]*)$/) ?? [];
  if (!front.includes(":") || !/^[0-9a-f:]+$/i.test(front)) return undefined;
  if (dotted === undefined) return front;
  const ipv4 = ipv4Bytes(dotted);
  if (ipv4 === undefined) return undefined;
  const [a = 0, b = 0, c = 0, d = 0] = ipv4;
  return `${front}${(a << 8 | b).toString(16)}:${(c << 8 | d).toString(16)}`;
}

/** An address and the length of its prefix: `"10.0.0.1/24"`. */
export interface Prefix {
  /** The address. */
  readonly address: string;
  /** The length of the prefix, in bits. */
  readonly prefixLength: number;
  /** AF_INET or AF_INET6. */
  readonly family: number;
}

/**
 * Reads an address with the length of its prefix; without one, the address stands alone (/32, /128).
 *
 * @throws {TypeError} It is none.
 */
export function parsePrefix(value: string): Prefix {
  const slash = value.indexOf("/");
  const [address, length] = slash < 0 ? [value] : [value.slice(0, slash), value.slice(slash + 1)];
  const parsed = parseAddress(address);
  const bits = parsed.length * 8;
  const prefixLength = length === undefined ? bits : /^\d{1,3}$/.test(length) ? Number(length) : NaN;
  if (!(prefixLength <= bits)) {
    throw new TypeError(`Cannot use ${shown(value)} as a prefix: expected an address, "/" and 0 to ${bits}`);
  }
  return { address, prefixLength, family: familyOf(address) };
}

/**
 * True of a message about IPv4 or IPv6, by its first byte. Lists of all families have others too (MPLS, MCTP), whose
 * addresses are no IP addresses, of whatever length.
 */
export function isIpFamily(body: Uint8Array): boolean {
  return body[0] === AF_INET || body[0] === AF_INET6;
}

/** AF_INET or AF_INET6, by what the address looks like. */
export function familyOf(address: string): number {
  return address.includes(":") ? AF_INET6 : AF_INET;
}

/** The name that a table has for a number, or the number where a newer kernel has more. */
export function nameOf<K extends string>(names: Readonly<Record<K, number>>, value: number): K | number {
  for (const name in names) if (names[name] === value) return name;
  return value;
}
