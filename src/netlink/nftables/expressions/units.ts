/** Amounts as `nft` writes them: in the largest unit in which they are whole. */
import { shown } from "../../../errors.ts";

const UNITS: Readonly<Record<NftUnit, number>> = { bytes: 1, kbytes: 1024, mbytes: 1024 * 1024 };

/** A unit of amounts: 1, 1024 or 1048576 bytes. */
export type NftUnit = "bytes" | "kbytes" | "mbytes";

/**
 * An amount in bytes.
 *
 * @throws {TypeError} It is no whole number of them, or there is no such unit.
 */
export function bytesOf(value: number, unit: NftUnit | undefined, at: string): number {
  const factor = unit === undefined ? 1 : Object.hasOwn(UNITS, unit) ? UNITS[unit] : undefined;
  if (factor === undefined) {
    throw new TypeError(`Cannot use ${shown(unit)} as the unit of ${at}: expected ${Object.keys(UNITS).join(", ")}`);
  }
  const bytes = value * factor;
  if (Number.isSafeInteger(bytes) && bytes >= 0) return bytes;
  throw new TypeError(`Cannot use ${shown(value)} as ${at}: expected a whole number, 0 or more`);
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
