/** Checks of what untyped code may give to commands: each error says what was given, where it stands and what is expected. */
import { shown } from "../../errors.ts";

/** NFT_NAME_MAXLEN, without the NUL. */
const LONGEST_NAME = 255;
/** IFNAMSIZ, without the NUL. */
const LONGEST_LINK_NAME = 15;
const encoder = new TextEncoder();

/** Refuses what is no object, and a key that nothing would read. */
export function checkKeys(object: unknown, keys: readonly string[], at: string): void {
  for (const key in objectOf(object, at) as object) {
    if (!keys.includes(key)) {
      throw new TypeError(`Cannot use ${shown(key)} as a key of ${at}: expected ${keys.join(", ")}`);
    }
  }
}

/** The key and the value of an object with one key. */
export function onlyEntry(value: unknown, at: string): [key: string, value: unknown] {
  const entries = isObject(value) ? Object.entries(value) : [];
  const [first, ...others] = entries;
  if (first !== undefined && others.length === 0) return first;
  throw new TypeError(`Cannot use ${shown(value)} as ${at}: expected an object with one key`);
}

/** A text that is not empty, and has at most so many bytes. */
export function textOf(value: unknown, at: string, most: number = LONGEST_NAME): string {
  const isText = typeof value === "string" && value !== "" && value.isWellFormed() && !value.includes("\0");
  if (isText && encoder.encode(value).length <= most) return value;
  throw new TypeError(`Cannot use ${shown(value)} as ${at}: expected text without NUL, of 1 to ${most} bytes`);
}

/** The names of links, given by one or by a list. */
export function linkNames(given: unknown, at: string): string[] {
  if (!Array.isArray(given)) return [textOf(given, at, LONGEST_LINK_NAME)];
  return given.map((one: unknown, i) => textOf(one, `${at}[${i}]`, LONGEST_LINK_NAME));
}

/** True or false; false if it is not given. */
export function flagOf(value: unknown, at: string): boolean {
  if (value === undefined || typeof value === "boolean") return value === true;
  throw new TypeError(`Cannot use ${shown(value)} as ${at}: expected true or false`);
}

/** Refuses anything but null where a statement has no value. */
export function checkNull(value: unknown, at: string): void {
  if (value === null || value === undefined) return;
  throw new TypeError(`Cannot use ${shown(value)} as ${at}: expected null`);
}

/** A priority among the chains of a hook: an s32, as the kernel's u32 has it. */
export function priorityOf(value: unknown, at: string): number {
  if (typeof value === "number" && Number.isInteger(value) && value === (value | 0)) return value >>> 0;
  throw new TypeError(`Cannot use ${shown(value)} as ${at}: expected a whole number, ${-(2 ** 31)} to ${2 ** 31 - 1}`);
}

/** What one of several names stands for. */
export function oneOf<T>(names: Readonly<Record<string, T>>, value: unknown, at: string): T {
  const found = typeof value === "string" && Object.hasOwn(names, value) ? names[value] : undefined;
  if (found !== undefined) return found;
  throw new TypeError(`Cannot use ${shown(value)} as ${at}: expected ${Object.keys(names).join(", ")}`);
}

/** True of an object that is no list, where untyped code may have given anything. */
export function isObject<T>(value: T): value is T & object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** An object where untyped code may have given anything. */
export function objectOf<T>(value: T, at: string): T {
  if (isObject(value)) return value;
  throw new TypeError(`Cannot use ${shown(value)} as ${at}: expected an object`);
}
