/** Amounts as `nft` writes them: in the largest unit in which they are whole. */
import { shown } from "../../../errors.ts";
import { oneOf } from "../given.ts";

const UNITS: Readonly<Record<NftUnit, number>> = { bytes: 1, kbytes: 1024, mbytes: 1024 * 1024 };

/** A whole number; a bigint if it is above 2⁵³ - 1, where numbers have gaps. */
export type NftWhole = number | bigint;

/** A unit of amounts: 1, 1024 or 1048576 bytes. */
export type NftUnit = "bytes" | "kbytes" | "mbytes";

/**
 * An amount in bytes.
 *
 * @throws {TypeError} It is no whole number of them, or there is no such unit.
 */
export function bytesOf(value: NftWhole, unit: NftUnit | undefined, at: string): NftWhole {
  const factor = unit === undefined ? 1 : oneOf(UNITS, unit, `${at}_unit`);
  if (typeof value === "bigint") return wholeOf(value * BigInt(factor), at);
  const bytes = typeof value === "number" ? value * factor : NaN; // untyped code may give anything
  if (Number.isSafeInteger(bytes) && bytes >= 0) return bytes;
  throw new TypeError(`Cannot use ${shown(value)} as ${at}: expected a whole number, 0 or more`);
}

const MILLISECONDS = 1000;

/**
 * Seconds, of which the kernel keeps the milliseconds, in those.
 *
 * @param most The most milliseconds.
 * @throws {TypeError} It is no number of seconds.
 */
export function millisecondsOf(seconds: unknown, at: string, most: number = Number.MAX_SAFE_INTEGER): number {
  const milliseconds = typeof seconds === "number" ? Math.round(seconds * MILLISECONDS) : NaN;
  if (milliseconds >= 0 && milliseconds <= most) return milliseconds;
  throw new TypeError(`Cannot use ${shown(seconds)} as ${at}: expected seconds, 0 to ${most / MILLISECONDS}`);
}

/** An amount of bytes, and its unit. */
export function amountOf(bytes: bigint): { readonly value: NftWhole; readonly unit: NftUnit } {
  for (const unit of ["mbytes", "kbytes"] as const) {
    const factor = BigInt(UNITS[unit]);
    if (bytes > 0n && bytes % factor === 0n) return { value: wholeNumber(bytes / factor), unit };
  }
  return { value: wholeNumber(bytes), unit: "bytes" };
}

/**
 * A whole number from 0 to `most`.
 *
 * @throws {TypeError} It is none.
 */
export function numberUpTo(most: number, value: unknown, at: string): number {
  if (typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= most) return value;
  throw new TypeError(`Cannot use ${shown(value)} as ${at}: expected a whole number, 0 to ${most}`);
}

/**
 * A number of packets or bytes.
 *
 * @throws {TypeError} It is none.
 */
export function wholeOf(value: NftWhole, at: string): bigint {
  if ((typeof value === "bigint" || Number.isSafeInteger(value)) && value >= 0 && value <= MOST_U64) {
    return BigInt(value);
  }
  throw new TypeError(`Cannot use ${shown(value)} as ${at}: expected a whole number, 0 or more`);
}

/** The highest u64. */
const MOST_U64 = 0xffff_ffff_ffff_ffffn;

/** What was read of 64 bits. */
export const wholeNumber = (value: bigint): NftWhole => value > Number.MAX_SAFE_INTEGER ? value : Number(value);
