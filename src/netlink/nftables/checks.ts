/** Checks of what commands are given: each error says where the value stands. */
import { shown } from "../../errors.ts";
import { FAMILIES } from "./constants.ts";
import type { NetfilterHeader } from "./messages.ts";
import type { NftFamily } from "./names.ts";

/** Refuses a key that nothing would read. */
export function checkKeys(object: object, keys: readonly string[], at: string): void {
  for (const key in object) {
    if (!keys.includes(key)) {
      throw new TypeError(`Cannot use ${shown(key)} as a key of ${at}: expected ${keys.join(", ")}`);
    }
  }
}

/** The key and the value of an object with one key. */
export function onlyEntry(value: unknown, at: string): [key: string, value: unknown] {
  const entries = typeof value === "object" && value !== null ? Object.entries(value) : [];
  const [first, ...others] = entries;
  if (first !== undefined && others.length === 0) return first;
  throw new TypeError(`Cannot use ${shown(value)} as ${at}: expected an object with one key`);
}

/** The number of a family. */
export function familyNumber(family: unknown, at: string): number {
  const number = typeof family === "string" && Object.hasOwn(FAMILIES, family)
    ? FAMILIES[family as NftFamily]
    : undefined;
  if (number !== undefined) return number;
  throw new TypeError(`Cannot use ${shown(family)} as ${at}.family: expected ${Object.keys(FAMILIES).join(", ")}`);
}

/** The header of a message about an object of `family`. */
export function headerOf(family: unknown, at: string): NetfilterHeader {
  return { family: familyNumber(family, at), version: 0, resource: 0 };
}

/** A text that is not empty. */
export function textOf(value: unknown, at: string): string {
  if (typeof value === "string" && value !== "") return value;
  throw new TypeError(`Cannot use ${shown(value)} as ${at}: expected text`);
}

/** The kernel's number of an object. */
export function handleOf(handle: unknown, at: string): bigint {
  if (typeof handle === "number" && Number.isSafeInteger(handle) && handle > 0) return BigInt(handle);
  throw new TypeError(`Cannot use ${shown(handle)} as ${at}: expected a whole number, 1 or more`);
}

/** An object where untyped code may have given anything. */
export function objectOf<T>(value: T, at: string): T {
  if (typeof value === "object" && value !== null) return value;
  throw new TypeError(`Cannot use ${shown(value)} as ${at}: expected an object`);
}

/** The family of a message; undefined of one that the library does not know. */
export function familyOf(number: number): NftFamily | undefined {
  for (const family of Object.keys(FAMILIES) as NftFamily[]) if (FAMILIES[family] === number) return family;
  return undefined;
}

/** The kernel's number of an object as a number. */
export function numberOfHandle(handle: bigint | undefined): number | undefined {
  return handle === undefined ? undefined : Number(handle);
}
