/** Numbers that stand for one of so many: untyped code may give others, of which the kernel would read some other one. */
import { shown } from "./errors.ts";

/**
 * A whole number within bounds.
 *
 * @param name What an error calls it.
 * @throws {RangeError} It is none.
 */
export function wholeNumber(value: number, name: string, lowest: number, highest: number): number {
  if (Number.isInteger(value) && value >= lowest && value <= highest) return value;
  throw new RangeError(`Cannot use ${shown(value)} as ${name}: expected a whole number from ${lowest} to ${highest}`);
}
