/** Intervals of values: of networks, of ranges, of the beginnings of names. */
import { shown } from "../../errors.ts";
import { checkKeys } from "./given.ts";
import { type Datatype, DATATYPES, encodeValue } from "./datatypes.ts";
import type { NftPrefix, NftRange, NftScalar } from "./element_types.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** From a value to another, both included. */
export interface Interval {
  readonly from: Bytes;
  readonly to: Bytes;
}

/** True of a prefix or a range. */
export function isInterval(element: unknown): element is NftPrefix | NftRange {
  return typeof element === "object" && element !== null && ("prefix" in element || "range" in element);
}

/** True of a type whose values can be intervals of a set. */
export function hasIntervals(type: Datatype): boolean {
  return type.big || type === DATATYPES.ifname;
}

/**
 * The interval of a value, a prefix or a range.
 *
 * @throws {TypeError} It is none of the type; or the range ends before it begins.
 */
export function intervalOf(type: Datatype, value: NftScalar | NftPrefix | NftRange, at: string): Interval {
  if (typeof value === "object" && value !== null) {
    if ("prefix" in value) return prefixInterval(type, value, at);
    checkKeys(value, ["range"], at);
    if ("range" in value && Array.isArray(value.range) && value.range.length === 2) {
      const [from, to] = value.range.map((end, i) => encodeValue(type, end, `${at}.range[${i}]`));
      if (from !== undefined && to !== undefined && compareBytes(from, to) <= 0) return { from, to };
    }
    throw new TypeError(`Cannot use ${shown(value)} as ${at}: expected a value, a prefix or a range from low to high`);
  }
  const bytes = encodeValue(type, value, at);
  if (bytes.length === type.size) return { from: bytes, to: bytes };
  return { from: padded(bytes, type.size, 0), to: padded(bytes, type.size, 0xff) };
}

/** The beginning of a value and then one byte again and again. */
function padded(bytes: Bytes, size: number, byte: number): Bytes {
  const whole = new Uint8Array(size).fill(byte);
  whole.set(bytes);
  return whole;
}

function prefixInterval(type: Datatype, value: NftPrefix, at: string): Interval {
  checkKeys(value, ["prefix"], at);
  const { prefix } = value;
  checkKeys(prefix, ["addr", "len"], `${at}.prefix`);
  const address = encodeValue(type, prefix.addr, `${at}.prefix.addr`);
  const { len } = prefix;
  if (!type.isAddress || !Number.isInteger(len) || len < 0 || len > type.size * 8) {
    throw new TypeError(
      `Cannot use ${shown(prefix)} as ${at}.prefix: expected an address, and a length of 0 to ${type.size * 8} bits`,
    );
  }
  const mask = maskBytes(len, type.size);
  return {
    from: address.map((byte, i) => byte & (mask[i] ?? 0)),
    to: address.map((byte, i) => byte | ~(mask[i] ?? 0) & 0xff),
  };
}

/** The mask of a prefix. */
export function maskBytes(length: number, size: number): Bytes {
  return Uint8Array.from({ length: size }, (_, i) => 0xff00 >> Math.min(8, Math.max(0, length - 8 * i)) & 0xff);
}

/** The length of the prefix whose mask this is; undefined of another mask. */
export function maskLength(mask: Uint8Array): number | undefined {
  const bits = [...mask].map((byte) => byte.toString(2).padStart(8, "0")).join("");
  const length = bits.indexOf("0");
  if (length === -1) return bits.length;
  return bits.indexOf("1", length) === -1 ? length : undefined;
}

/** The interval as it is written: a value, a prefix if it is one, or a range. */
export function intervalText(type: Datatype, { from, to }: Interval): NftScalar | NftPrefix | NftRange {
  if (compareBytes(from, to) === 0) return type.decode(from);
  if (type === DATATYPES.ifname) {
    const end = from.findIndex((byte, i) => byte !== to[i]);
    return type.decode(from.subarray(0, end));
  }
  const same = from.map((byte, i) => ~(byte ^ (to[i] ?? 0)) & 0xff);
  const length = type.isAddress ? maskLength(same) : undefined;
  const mask = length === undefined ? undefined : maskBytes(length, type.size);
  const isPrefix = mask !== undefined && from.every((byte, i) => (byte & ~(mask[i] ?? 0)) === 0) &&
    to.every((byte, i) => (byte | (mask[i] ?? 0)) === 0xff);
  if (isPrefix && length !== undefined) return { prefix: { addr: `${type.decode(from)}`, len: length } };
  return { range: [type.decode(from), type.decode(to)] };
}

/** Orders bytes as a number in network order. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const difference = (a[i] ?? -1) - (b[i] ?? -1);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** The number before or after bytes, in network order; undefined beyond the first and the last. */
export function neighbour(bytes: Bytes, step: 1 | -1): Bytes | undefined {
  const next = bytes.slice();
  for (let i = next.length - 1; i >= 0; i--) {
    const sum = (next[i] ?? 0) + step;
    next[i] = sum;
    if (sum >= 0 && sum <= 0xff) return next;
  }
  return undefined;
}
