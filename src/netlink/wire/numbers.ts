/** Numbers in headers and attributes: their width, their sign and the order of their bytes. */
import { shown } from "../../errors.ts";
import { wholeNumber } from "../../whole_number.ts";
import type { FixedCodec } from "./codec.ts";

const LITTLE = true; // as x64 and arm64

/**
 * A number of 32 bits that is compared here and not sent.
 *
 * @throws {RangeError} It is none: nothing would ever be like it.
 */
export const checkedU32 = (value: number, name: string): number => wholeNumber(value, name, 0, 0xffffffff);

/**
 * A number of 16 bits, checked where it is given.
 *
 * @throws {RangeError} It is none.
 */
export const checkedU16 = (value: number, name: string): number => wholeNumber(value, name, 0, 0xffff);

/** 64 bits of which a number holds what is used: two halves, as a bigint takes longer. */
export function unsigned64(view: DataView, at: number): number {
  return view.getUint32(at + 4, LITTLE) * 2 ** 32 + view.getUint32(at, LITTLE);
}

const LARGEST_U64 = 2n ** 64n - 1n;

/**
 * As {@linkcode wholeNumber}, for the 64 bits that a `number` does not hold.
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
    out.view.setUint8(at, wholeNumber(value, name, 0, 0xff));
  },
  read: (input) => input.view.getUint8(input.take(1)),
  readAt: (view, at) => view.getUint8(at),
};

/** 16 bits, unsigned. */
export const u16: FixedCodec<number> = {
  size: 2,
  write: (out, value, name = "a number") => {
    const at = out.reserve(2);
    out.view.setUint16(at, wholeNumber(value, name, 0, 0xffff), LITTLE);
  },
  read: (input) => input.view.getUint16(input.take(2), LITTLE),
  readAt: (view, at) => view.getUint16(at, LITTLE),
};

/** 16 bits, signed. */
export const s16: FixedCodec<number> = {
  size: 2,
  write: (out, value, name = "a number") => {
    const at = out.reserve(2);
    out.view.setInt16(at, wholeNumber(value, name, -0x8000, 0x7fff), LITTLE);
  },
  read: (input) => input.view.getInt16(input.take(2), LITTLE),
  readAt: (view, at) => view.getInt16(at, LITTLE),
};

/** 16 bits, unsigned, big-endian. */
export const be16: FixedCodec<number> = {
  size: 2,
  write: (out, value, name = "a number") => {
    const at = out.reserve(2);
    out.view.setUint16(at, wholeNumber(value, name, 0, 0xffff));
  },
  read: (input) => input.view.getUint16(input.take(2)),
  readAt: (view, at) => view.getUint16(at),
};

/** 32 bits, unsigned. */
export const u32: FixedCodec<number> = {
  size: 4,
  write: (out, value, name = "a number") => {
    const at = out.reserve(4);
    out.view.setUint32(at, wholeNumber(value, name, 0, 0xffffffff), LITTLE);
  },
  read: (input) => input.view.getUint32(input.take(4), LITTLE),
  readAt: (view, at) => view.getUint32(at, LITTLE),
};

/** 32 bits, unsigned, big-endian. */
export const be32: FixedCodec<number> = {
  size: 4,
  write: (out, value, name = "a number") => {
    const at = out.reserve(4);
    out.view.setUint32(at, wholeNumber(value, name, 0, 0xffffffff));
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
    out.view.setBigUint64(at, BigInt(wholeNumber(value, name, 0, Number.MAX_SAFE_INTEGER)), LITTLE);
  },
  read: (input) => Number(input.view.getBigUint64(input.take(8), LITTLE)),
  readAt: unsigned64,
};

/** 32 bits, signed. */
export const s32: FixedCodec<number> = {
  size: 4,
  write: (out, value, name = "a number") => {
    const at = out.reserve(4);
    out.view.setInt32(at, wholeNumber(value, name, -0x80000000, 0x7fffffff), LITTLE);
  },
  read: (input) => input.view.getInt32(input.take(4), LITTLE),
  readAt: (view, at) => view.getInt32(at, LITTLE),
};
