/** The wire format of netlink for families that the library has no class for. */
import { shown } from "../../errors.ts";
import { type Attributes, attributes, list, NLA_F_NESTED, type Table } from "./attributes.ts";
import type { Codec, FixedCodec } from "./codec.ts";
import { ip } from "./ip.ts";
import { type Fields, pad, type Padding, type Struct, struct } from "./struct.ts";
import { bytes } from "./bytes.ts";
import { flag, presence } from "./flags.ts";
import { named } from "./named_numbers.ts";
import { be16, be32, be64, s32, s64, u16, u32, u64, u8 } from "./numbers.ts";
import { text } from "./text.ts";

/** What {@linkcode wire} holds. */
export interface Wire {
  /**
   * The codec of a table of attributes. They are written in the order of the value's keys; attributes that the table
   * lacks are kept under `unknown`, so that the same bytes are written. A value with another key that the table lacks is
   * refused with a TypeError, as the kernel would never see it.
   */
  attributes<const T extends Table>(table: T): Codec<Attributes<T>>;
  /**
   * Attributes that are an array: their numbers are their positions, from `first`.
   *
   * @param flags What all of them have, such as NLA_F_NESTED. @default {0}
   * @param first The number of the first. @default {1}
   */
  list<T>(codec: Codec<T>, flags?: number, first?: number): Codec<readonly T[]>;
  /** A C struct: its fields in order, with the padding that the compiler adds as fields. */
  struct<const F extends Fields>(fields: F): FixedCodec<Struct<F>>;
  /** `size` bytes without a meaning. */
  pad(size: number): Padding;
  /** A number that has a name in `names`; a number without a name, of a newer kernel, stays a number. */
  named<K extends string>(codec: Codec<number>, names: Readonly<Record<K, number>>): Codec<K | number>;
  /** Marks an attribute that holds attributes, where the kernel requires it: `[1 | wire.NLA_F_NESTED, codec]`. */
  readonly NLA_F_NESTED: number;
  /** 8 bits, unsigned. */
  readonly u8: FixedCodec<number>;
  /** 16 bits, unsigned. */
  readonly u16: FixedCodec<number>;
  /** 32 bits, unsigned. */
  readonly u32: FixedCodec<number>;
  /** 64 bits, unsigned. */
  readonly u64: FixedCodec<bigint>;
  /** 32 bits, signed. */
  readonly s32: FixedCodec<number>;
  /** 64 bits, signed. */
  readonly s64: FixedCodec<bigint>;
  /** 16 bits, unsigned, big-endian. */
  readonly be16: FixedCodec<number>;
  /** 32 bits, unsigned, big-endian. */
  readonly be32: FixedCodec<number>;
  /** 64 bits, unsigned, big-endian. */
  readonly be64: FixedCodec<bigint>;
  /** A byte that is 1 or 0. */
  readonly flag: Codec<boolean>;
  /** An attribute without content, which is there or not: `true`, or absent. */
  readonly presence: Codec<true>;
  /** Text that ends in NUL. */
  readonly text: Codec<string>;
  /** Bytes, copied. */
  readonly bytes: Codec<Uint8Array<ArrayBuffer>>;
  /** An IPv4 or IPv6 address as text; its length says which. */
  readonly ip: Codec<string>;
}

/**
 * The wire format of netlink for families that the library has no class for: one table of attributes gives the encoder,
 * the decoder and the type. {@linkcode GenericNetlink} takes such tables. See netlink(7).
 */
export const wire: Wire = { // an object, not `export * as`: a bundler drops it, and with it netlink, where it is unused
  attributes: strictAttributes,
  list,
  struct,
  pad,
  named,
  NLA_F_NESTED,
  u8,
  u16,
  u32,
  u64,
  s32,
  s64,
  be16,
  be32,
  be64,
  flag,
  presence,
  text,
  bytes,
  ip,
};

/** A table that refuses what it lacks; those of the library are given more than they write. */
function strictAttributes<const T extends Table>(table: T): Codec<Attributes<T>> {
  const codec = attributes(table);
  const known = new Set([...Object.keys(table), "unknown"]);
  return {
    ...codec,
    write(out, value, name = "the attributes") {
      if (typeof value !== "object" || value === null || Array.isArray(value)) { // untyped code may give anything
        throw new TypeError(`Cannot use ${shown(value)} as ${name}: expected an object`);
      }
      for (const key in value) {
        if (known.has(key)) continue;
        throw new TypeError(`Cannot use ${shown(key)} as a field of ${name}: expected ${[...known].join(", ")}`);
      }
      codec.write(out, value, name);
    },
  };
}
