/** What is true or false in headers and attributes. */
import { shown } from "../../errors.ts";
import type { Codec, FixedCodec } from "./codec.ts";
import { u32, u8 } from "./numbers.ts";

/** 1 for true. */
function bit(value: boolean, name = "a value"): number {
  if (typeof value === "boolean") return Number(value); // untyped code may give "false"
  throw new TypeError(`Cannot use ${shown(value)} as ${name}: expected true or false`);
}

/** A byte that is 1 or 0. */
export const flag: FixedCodec<boolean> = {
  size: 1,
  write: (out, value, name) => u8.write(out, bit(value, name)),
  read: (input) => u8.read(input) !== 0,
  readAt: (view, at) => view.getUint8(at) !== 0,
};

/** 32 bits that are 1 or 0. */
export const flag32: FixedCodec<boolean> = {
  size: 4,
  write: (out, value, name) => u32.write(out, bit(value, name)),
  read: (input) => u32.read(input) !== 0,
  readAt: (view, at) => view.getUint32(at) !== 0,
};

/** An attribute without content, which is there or not: `true`, or absent. */
export const presence: Codec<true> = {
  write: () => {},
  read: (input) => {
    input.take(input.left);
    return true;
  },
};
