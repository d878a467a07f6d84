/** The values in headers and attributes: numbers, text, bytes. */
import { utf8Length } from "../../../ffi/mod.ts";
import { shown } from "../../errors.ts";
import type { Codec, FixedCodec } from "./codec.ts";

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

/** The few bytes of an address: an array is written faster than a Uint8Array is made. */
export const octets: Codec<readonly number[]> = {
  write: (out, value) => {
    const at = out.reserve(value.length);
    for (let i = 0; i < value.length; i++) out.view.setUint8(at + i, value[i] ?? 0);
  },
  read: (input) => Array.from(input.rest()),
};

/** A byte that is 1 or 0. */
export const flag: Codec<boolean> = {
  write: (out, value) => u8.write(out, Number(value)),
  read: (input) => u8.read(input) !== 0,
};

/** A number that has a name in `names`; those of a newer kernel that have none stay numbers. */
export function named<K extends string>(codec: Codec<number>, names: Readonly<Record<K, number>>): Codec<K | number> {
  return {
    write: (out, value, place) => codec.write(out, numberOf(names, value, place), place),
    read: (input) => nameOf(names, codec.read(input)),
  };
}

/** The name that a table has for a number, or the number where a newer kernel has more. */
export function nameOf<K extends string>(names: Readonly<Record<K, number>>, value: number): K | number {
  for (const name in names) if (names[name] === value) return name;
  return value;
}

/**
 * The number of a name in a table; a number is its own.
 *
 * @param place What an error calls the value.
 * @throws {TypeError} The table has no such name.
 */
export function numberOf<K extends string>(
  names: Readonly<Record<K, number>>,
  value: K | number,
  place = "a value",
): number {
  if (typeof value === "number") return value;
  const number: unknown = names[value]; // untyped code may ask for any name
  if (typeof number === "number") return number;
  throw new TypeError(`Cannot use ${shown(value)} as ${place}: expected ${Object.keys(names).join(", ")}`);
}
