/** The families of nf_tables, in commands and in messages. */
import { shown } from "../../errors.ts";
import { FAMILIES } from "./constants.ts";
import type { NetfilterHeader } from "./messages.ts";
import type { NftFamily } from "./names.ts";

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

/** The family of a message; undefined of one that the library does not know. */
export function familyOf(number: number): NftFamily | undefined {
  for (const family of Object.keys(FAMILIES) as NftFamily[]) if (FAMILIES[family] === number) return family;
  return undefined;
}
