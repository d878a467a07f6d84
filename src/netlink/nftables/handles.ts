/** The kernel's numbers of objects, in commands and in messages. */
import { shown } from "../../errors.ts";

/** The number of an object that a command names. */
export function handleOf(handle: unknown, at: string): bigint {
  if (typeof handle === "number" && Number.isSafeInteger(handle) && handle > 0) return BigInt(handle);
  throw new TypeError(`Cannot use ${shown(handle)} as ${at}: expected a whole number, 1 or more`);
}

/** The number of an object in a message. */
export function numberOfHandle(handle: bigint | undefined): number | undefined {
  return handle === undefined ? undefined : Number(handle);
}
