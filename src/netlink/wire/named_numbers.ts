/** Numbers that have names, such as the modes of a bond. */
import { shown } from "../../errors.ts";
import type { Codec } from "./codec.ts";

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
  // Untyped code may ask for anything, also for what an object has by itself.
  if (typeof value === "string" && Object.hasOwn(names, value)) return names[value];
  throw new TypeError(`Cannot use ${shown(value)} as ${name}: expected ${Object.keys(names).join(", ")}`);
}
