/** Units of a few qdiscs. */
import { shown } from "../../errors.ts";
import type { Codec } from "../wire/codec.ts";
import { u32 } from "../wire/numbers.ts";

/** A power of two, of which the kernel takes the logarithm. */
export const powerOfTwo: Codec<number> = {
  write: (out, value, name = "a number") => {
    const logarithm = Math.log2(value);
    if (!Number.isInteger(logarithm) || logarithm < 0) {
      throw new RangeError(`Cannot use ${shown(value)} as ${name}: expected a power of two`);
    }
    u32.write(out, logarithm);
  },
  read: (input) => 2 ** u32.read(input),
};

/**
 * Microseconds that the kernel keeps in units of 1024 nanoseconds, rounded down when it is given them and when it lists
 * them. What is written is what it lists the same number for: with what it listed it has the same time again.
 */
export const codelTime: Codec<number> = {
  write: (out, value, name) => u32.write(out, Math.ceil(Math.ceil(value * 1000 / 1024) * 1024 / 1000), name),
  read: (input) => u32.read(input),
};
