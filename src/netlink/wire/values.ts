/** The values in headers and attributes: numbers, text, bytes. */
import { bytesOfName, nameOfBytes, utf8Length } from "../../../ffi/mod.ts";
import { shown } from "../../errors.ts";
import type { Codec, FixedCodec } from "./codec.ts";

const LITTLE = true; // as x64 and arm64

/**
 * A number that fits its field; another would reach the kernel as a different number.
 *
 * @throws {RangeError} It does not fit.
 */
function whole(value: number, name: string, lowest: number, highest: number): number {
  if (Number.isInteger(value) && value >= lowest && value <= highest) return value;
  throw new RangeError(`Cannot use ${shown(value)} as ${name}: expected a whole number from ${lowest} to ${highest}`);
}

/** 64 bits of which a number holds what is used: two halves, as a bigint takes longer. */
export function unsigned64(view: DataView, at: number): number {
  return view.getUint32(at + 4, LITTLE) * 2 ** 32 + view.getUint32(at, LITTLE);
}

const LARGEST_U64 = 2n ** 64n - 1n;

/**
 * As {@linkcode whole}, for the 64 bits that a `number` does not hold.
 *
 * @throws {RangeError} It does not fit.
 */
function wholeBig(value: bigint, name: string): bigint {
  if (typeof value === "bigint" && value >= 0n && value <= LARGEST_U64) return value; // untyped code may give a number
  throw new RangeError(`Cannot use ${shown(value)} as ${name}: expected a bigint from 0 to ${LARGEST_U64}`);
}

/**
 * As {@linkcode wholeBig}, with a sign.
 *
 * @throws {RangeError} It does not fit.
 */
function signedBig(value: bigint, name: string): bigint {
  if (typeof value === "bigint" && BigInt.asIntN(64, value) === value) return value;
  throw new RangeError(`Cannot use ${shown(value)} as ${name}: expected a bigint of 64 bits`);
}

/** An unsigned byte. */
export const u8: FixedCodec<number> = {
  size: 1,
  write: (out, value, name = "a number") => {
    const at = out.reserve(1);
    out.view.setUint8(at, whole(value, name, 0, 0xff));
  },
  read: (input) => input.view.getUint8(input.take(1)),
  readAt: (view, at) => view.getUint8(at),
};

/** 16 bits, unsigned. */
export const u16: FixedCodec<number> = {
  size: 2,
  write: (out, value, name = "a number") => {
    const at = out.reserve(2);
    out.view.setUint16(at, whole(value, name, 0, 0xffff), LITTLE);
  },
  read: (input) => input.view.getUint16(input.take(2), LITTLE),
  readAt: (view, at) => view.getUint16(at, LITTLE),
};

/** 16 bits, signed. */
export const s16: FixedCodec<number> = {
  size: 2,
  write: (out, value, name = "a number") => {
    const at = out.reserve(2);
    out.view.setInt16(at, whole(value, name, -0x8000, 0x7fff), LITTLE);
  },
  read: (input) => input.view.getInt16(input.take(2), LITTLE),
  readAt: (view, at) => view.getInt16(at, LITTLE),
};

/** 16 bits, unsigned, big-endian. */
export const be16: FixedCodec<number> = {
  size: 2,
  write: (out, value, name = "a number") => {
    const at = out.reserve(2);
    out.view.setUint16(at, whole(value, name, 0, 0xffff));
  },
  read: (input) => input.view.getUint16(input.take(2)),
  readAt: (view, at) => view.getUint16(at),
};

/** 32 bits, unsigned. */
export const u32: FixedCodec<number> = {
  size: 4,
  write: (out, value, name = "a number") => {
    const at = out.reserve(4);
    out.view.setUint32(at, whole(value, name, 0, 0xffffffff), LITTLE);
  },
  read: (input) => input.view.getUint32(input.take(4), LITTLE),
  readAt: (view, at) => view.getUint32(at, LITTLE),
};

/** 32 bits, unsigned, big-endian. */
export const be32: FixedCodec<number> = {
  size: 4,
  write: (out, value, name = "a number") => {
    const at = out.reserve(4);
    out.view.setUint32(at, whole(value, name, 0, 0xffffffff));
  },
  read: (input) => input.view.getUint32(input.take(4)),
  readAt: (view, at) => view.getUint32(at),
};

/** 64 bits, unsigned. */
export const u64: FixedCodec<bigint> = {
  size: 8,
  write: (out, value, name = "a number") => {
    const at = out.reserve(8);
    out.view.setBigUint64(at, wholeBig(value, name), LITTLE);
  },
  read: (input) => input.view.getBigUint64(input.take(8), LITTLE),
  readAt: (view, at) => view.getBigUint64(at, LITTLE),
};

/** 64 bits, unsigned, big-endian. */
export const be64: FixedCodec<bigint> = {
  size: 8,
  write: (out, value, name = "a number") => {
    const at = out.reserve(8);
    out.view.setBigUint64(at, wholeBig(value, name));
  },
  read: (input) => input.view.getBigUint64(input.take(8)),
  readAt: (view, at) => view.getBigUint64(at),
};

/** 64 bits, signed. */
export const s64: FixedCodec<bigint> = {
  size: 8,
  write: (out, value, name = "a number") => {
    const at = out.reserve(8);
    out.view.setBigInt64(at, signedBig(value, name), LITTLE);
  },
  read: (input) => input.view.getBigInt64(input.take(8), LITTLE),
  readAt: (view, at) => view.getBigInt64(at, LITTLE),
};

/** 64 bits, unsigned, of which a `number` holds what is used: a rate, a time. */
export const long: FixedCodec<number> = {
  size: 8,
  write: (out, value, name = "a number") => {
    const at = out.reserve(8);
    out.view.setBigUint64(at, BigInt(whole(value, name, 0, Number.MAX_SAFE_INTEGER)), LITTLE);
  },
  read: (input) => Number(input.view.getBigUint64(input.take(8), LITTLE)),
  readAt: unsigned64,
};

/** 32 bits, signed. */
export const s32: FixedCodec<number> = {
  size: 4,
  write: (out, value, name = "a number") => {
    const at = out.reserve(4);
    out.view.setInt32(at, whole(value, name, -0x80000000, 0x7fffffff), LITTLE);
  },
  read: (input) => input.view.getInt32(input.take(4), LITTLE),
  readAt: (view, at) => view.getInt32(at, LITTLE),
};

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * Text that ends in NUL. A NUL inside is refused, since the kernel would use the part before it; so is half a surrogate
 * pair, which has no UTF-8.
 */
export const text: Codec<string> = {
  write: (out, value, name = "text") => {
    if (typeof value !== "string" || value.includes("\0") || !value.isWellFormed()) {
      throw new TypeError(`Cannot use ${shown(value)} as ${name}: expected text without NUL`);
    }
    if (utf8Length(value) > value.length) out.append(encoder.encode(value));
    else { // ASCII, as nearly all names: written faster than encoded
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
      // Names that are not ASCII are rare, and decoded.
      if (byte > 0x7f) return value + (decoder.decode(input.bytes.subarray(at, end)).split("\0", 1)[0] ?? "");
      value += String.fromCharCode(byte);
    }
    return value;
  },
};

/** A name of a link, which need not be UTF-8: what is not is shown as `\x` and two hexadecimal digits. */
export const linkText: Codec<string> = {
  write: (out, value, name) => {
    if (typeof value !== "string" || !value.includes("\\x")) return text.write(out, value, name);
    const bytes = bytesOfName(value);
    if (bytes.includes(0) || !value.isWellFormed()) return text.write(out, value, name); // which refuses it
    out.append(bytes);
    out.reserve(1);
  },
  read: (input) => {
    const at = input.offset;
    const end = at + input.left;
    let value = "";
    for (let i = at; i < end; i++) {
      const byte = input.view.getUint8(i);
      if (byte === 0) break;
      if (byte > 0x7f || byte === BACKSLASH) {
        const rest = input.rest();
        const nul = rest.indexOf(0);
        return nameOfBytes(nul < 0 ? rest : rest.subarray(0, nul));
      }
      value += String.fromCharCode(byte);
    }
    input.take(input.left);
    return value;
  },
};

const BACKSLASH = 0x5c;

/** Bytes, copied. */
export const bytes: Codec<Uint8Array<ArrayBuffer>> = {
  write: (out, value, name = "bytes") => {
    if (value instanceof Uint8Array) return out.append(value); // untyped code may give anything
    throw new TypeError(`Cannot use ${shown(value)} as ${name}: expected a Uint8Array`);
  },
  read: (input) => input.rest().slice(),
};

/** So many bytes, copied. */
export function bytesOfSize(size: number): FixedCodec<Uint8Array<ArrayBuffer>> {
  return {
    size,
    write: (out, value) => out.append(value),
    read: (input) => {
      const at = input.take(size);
      return input.bytes.slice(at, at + size);
    },
  };
}

/** Bytes, not copied: valid as long as the message is. */
export const view: Codec<Uint8Array> = {
  write: (out, value) => out.append(value),
  read: (input) => input.rest(),
};

/** The few bytes of an address: an array is written faster than a Uint8Array is made. */
export const octets: Codec<readonly number[]> = {
  write: (out, value) => {
    const at = out.reserve(value.length);
    for (let i = 0; i < value.length; i++) out.view.setUint8(at + i, value[i] ?? 0);
  },
  read: (input) => Array.from(input.rest()),
};

/** 1 for true. */
function bit(value: boolean, name = "a value"): number {
  if (typeof value === "boolean") return Number(value); // untyped code may give "false"
  throw new TypeError(`Cannot use ${shown(value)} as ${name}: expected true or false`);
}

/** A byte that is 1 or 0. */
export const flag: FixedCodec<boolean> = {
  size: 1,
  write: (out, value, name) => u8.write(out, bit(value, name)),
  read: (input) => u8.read(input) !== 0,
  readAt: (view, at) => view.getUint8(at) !== 0,
};

/** 32 bits that are 1 or 0. */
export const flag32: FixedCodec<boolean> = {
  size: 4,
  write: (out, value, name) => u32.write(out, bit(value, name)),
  read: (input) => u32.read(input) !== 0,
  readAt: (view, at) => view.getUint32(at, LITTLE) !== 0,
};

/** An attribute without content, which is there or not: `true`, or absent. */
export const presence: Codec<true> = {
  write: () => {},
  read: (input) => {
    input.take(input.left);
    return true;
  },
};

/** A number that has a name in `names`; a number without a name, of a newer kernel, stays a number. */
export function named<K extends string>(codec: Codec<number>, names: Readonly<Record<K, number>>): Codec<K | number> {
  return {
    write: (out, value, name) => codec.write(out, numberOf(names, value, name), name),
    read: (input) => nameOf(names, codec.read(input)),
  };
}

/** The name of a number in a table, or the number if it has none, as of a newer kernel. */
export function nameOf<K extends string>(names: Readonly<Record<K, number>>, value: number): K | number {
  for (const name in names) if (names[name] === value) return name;
  return value;
}

/**
 * The number of a name in a table; a number stays as it is.
 *
 * @param name What an error calls the value.
 * @throws {TypeError} The table has no such name.
 */
export function numberOf<K extends string>(
  names: Readonly<Record<K, number>>,
  value: K | number,
  name = "a value",
): number {
  if (typeof value === "number") return value;
  const number: unknown = names[value]; // untyped code may ask for any name
  if (typeof number === "number") return number;
  throw new TypeError(`Cannot use ${shown(value)} as ${name}: expected ${Object.keys(names).join(", ")}`);
}
