/** Numbers that have names, and flags. */
import { shown } from "../../errors.ts";

/** The number of a name; undefined if it is none. */
export function numberIn(names: Readonly<Record<string, number>>, name: unknown): number | undefined {
  return typeof name === "string" && Object.hasOwn(names, name) ? names[name] : undefined;
}

/**
 * The number of flags, given by one name or by a list.
 *
 * @throws {TypeError} There is no such flag.
 */
export function bitsOf(
  names: Readonly<Record<string, number>>,
  flags: string | readonly string[] | undefined,
  at: string,
): number {
  const given: readonly unknown[] = flags === undefined ? [] : Array.isArray(flags) ? flags : [flags];
  return given.reduce<number>((sum, flag) => {
    const bit = numberIn(names, flag);
    if (bit !== undefined) return sum | bit;
    throw new TypeError(`Cannot use ${shown(flag)} as ${at}: expected ${Object.keys(names).join(", ")}`);
  }, 0);
}
