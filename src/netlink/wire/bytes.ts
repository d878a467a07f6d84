/** Bytes in headers and attributes that have no further meaning here. */
import { shown } from "../../errors.ts";
import type { Codec, FixedCodec } from "./codec.ts";

/** Bytes, copied. */
export const bytes: Codec<Uint8Array<ArrayBuffer>> = {
  write: (out, value, name = "bytes") => {
    if (value instanceof Uint8Array) return out.append(value); // untyped code may give anything
    throw new TypeError(`Cannot use ${shown(value)} as ${name}: expected a Uint8Array`);
  },
  read: (input) => input.rest().slice(),
};

/** So many bytes, copied. */
export function bytesOfSize(size: number): FixedCodec<Uint8Array<ArrayBuffer>> {
  return {
    size,
    write: (out, value) => out.append(value),
    read: (input) => {
      const at = input.take(size);
      return input.bytes.slice(at, at + size);
    },
  };
}

/** Bytes, not copied: valid as long as the message is. */
export const view: Codec<Uint8Array> = {
  write: (out, value) => out.append(value),
  read: (input) => input.rest(),
};

/** The few bytes of an address: an array is written faster than a Uint8Array is made. */
export const octets: Codec<readonly number[]> = {
  write: (out, value) => {
    const at = out.reserve(value.length);
    for (let i = 0; i < value.length; i++) out.view.setUint8(at + i, value[i] ?? 0);
  },
  read: (input) => Array.from(input.rest()),
};
