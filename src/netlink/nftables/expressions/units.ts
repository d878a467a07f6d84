/** Amounts as `nft` writes them: in the largest unit in which they are whole. */
import { shown } from "../../../errors.ts";
import { oneOf } from "../given.ts";

const UNITS: Readonly<Record<NftUnit, number>> = { bytes: 1, kbytes: 1024, mbytes: 1024 * 1024 };

/** A unit of amounts: 1, 1024 or 1048576 bytes. */
export type NftUnit = "bytes" | "kbytes" | "mbytes";

/**
 * An amount in bytes.
 *
 * @throws {TypeError} It is no whole number of them, or there is no such unit.
 */
export function bytesOf(value: number, unit: NftUnit | undefined, at: string): number {
  const factor = unit === undefined ? 1 : oneOf(UNITS, unit, `${at}_unit`);
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
export function amountOf(bytes: number): { readonly value: number; readonly unit: NftUnit } {
  for (const unit of ["mbytes", "kbytes"] as const) {
    if (bytes > 0 && bytes % UNITS[unit] === 0) return { value: bytes / UNITS[unit], unit };
  }
  return { value: bytes, unit: "bytes" };
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
export function wholeOf(value: number, at: string): bigint {
  if (Number.isSafeInteger(value) && value >= 0) return BigInt(value);
  throw new TypeError(`Cannot use ${shown(value)} as ${at}: expected a whole number, 0 or more`);
}
