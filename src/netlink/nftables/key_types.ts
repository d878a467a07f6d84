/** The types of elements of sets, and of what maps have: one, or several of a concatenation. */
import { shown } from "../../errors.ts";
import { type Datatype, datatypeNames, datatypeOf, DATATYPES, inNetworkOrder, isBeginning } from "./datatypes.ts";

/** The types of the parts, in their order. */
export type KeyTypes = readonly [Datatype, ...Datatype[]];

/** How many bits of the number of a concatenation one type has. */
const TYPE_BITS = 6;
/** The bytes of a 32-bit register: each part of a concatenation begins with one. */
const WORD = 4;
/** The most types that a number has. */
const MOST_PARTS = 5;
/** NFT_DATA_VERDICT */
export const VERDICT_TYPE = 0xffffff00;

/** How many bytes the registers of a value have. */
export function paddedSize(size: number): number {
  return Math.ceil(size / WORD) * WORD;
}

/** How many bytes a value has. */
export function sizeOf([first, ...others]: KeyTypes): number {
  return others.length === 0 ? first.size : [first, ...others].reduce((sum, { size }) => sum + paddedSize(size), 0);
}

/** The number that `nft` has for the types. */
export function numberOf(types: KeyTypes): number {
  return types.reduce((sum, { number }) => sum << TYPE_BITS | number, 0) >>> 0;
}

/** True if every part is ordered as numbers in network order are. */
export function isBig(types: KeyTypes): boolean {
  return types.every(({ big }) => big);
}

/** The types of a number that `nft` has for them; undefined if the library does not know one. */
export function typesOf(number: number, size: number): KeyTypes | undefined {
  const parts: Datatype[] = [];
  for (let rest = number; rest > 0; rest >>>= TYPE_BITS) {
    const one = datatypeOf(rest & (2 ** TYPE_BITS - 1), rest === number && rest < 2 ** TYPE_BITS ? size : undefined);
    if (one === undefined) return undefined;
    parts.unshift(one);
  }
  const [first, ...others] = parts;
  if (first === undefined) return undefined;
  const types: KeyTypes = [first, ...others];
  return sizeOf(types) === size ? types : undefined;
}

/**
 * The types that a set or a map names.
 *
 * @throws {TypeError} The library does not know one.
 */
export function typesNamed(given: unknown, at: string): KeyTypes {
  const expected = `the name of a type, or a list of 1 to ${MOST_PARTS} of them: ${datatypeNames().join(", ")}`;
  const names: readonly unknown[] = typeof given === "string"
    ? given.split(" . ")
    : Array.isArray(given) && given.length <= MOST_PARTS
    ? given
    : [];
  const [first, ...others] = names.map((name) => {
    const type = typeof name === "string" ? datatypeOf(name) : undefined;
    if (type !== undefined) return type;
    throw new TypeError(`Cannot use ${shown(given)} as ${at}: expected ${expected}`);
  });
  if (first !== undefined) return [first, ...others];
  throw new TypeError(`Cannot use ${shown(given)} as ${at}: expected ${expected}`);
}

/** The names as a set has them. */
export function namesOf([first, ...others]: KeyTypes): string | readonly string[] {
  return others.length === 0 ? first.name : [first, ...others].map(({ name }) => name);
}

/** True of the beginning of names of links, which in a set is an interval. */
export function isWildcard(type: Datatype, value: unknown): boolean {
  return type === DATATYPES.ifname && typeof value === "string" && isBeginning(value);
}

/** The types as a set has them: with intervals, all numbers are in network order, in which the kernel compares them. */
export function keyOfSet([first, ...others]: KeyTypes, intervals: boolean): KeyTypes {
  return intervals ? [inNetworkOrder(first), ...others.map(inNetworkOrder)] : [first, ...others];
}
