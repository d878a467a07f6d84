/** C structs, as netlink has them before attributes and in them: fields of fixed sizes, in order. */
import { shown } from "../../errors.ts";
import type { FixedCodec } from "./codec.ts";

/** The fields of a C struct, by name. */
export type Fields = Readonly<Record<string, FixedCodec<unknown>>>;

/** The value of a struct, without its padding. */
export type Struct<F extends Fields> = {
  readonly [K in keyof F as F[K] extends Padding ? never : K]: F[K] extends FixedCodec<infer V> ? V : never;
};

/** A C struct: its fields in order, with the padding that the compiler adds as fields. */
export function struct<const F extends Fields>(fields: F): FixedCodec<Struct<F>> {
  const entries = Object.entries(fields);
  const size = entries.reduce((sum, [, { size }]) => sum + size, 0);
  const direct = directReads(fields);
  return {
    size,
    write(out, value, name = "a struct"): void {
      if (typeof value !== "object" || value === null) { // untyped code may give anything
        throw new TypeError(`Cannot use ${shown(value)} as ${name}: expected { ${Object.keys(fields).join(", ")} }`);
      }
      const values = value as Readonly<Record<string, unknown>>;
      for (const [key, codec] of entries) codec.write(out, values[key], key);
    },
    read(input): Struct<F> {
      const value: Record<string, unknown> = {};
      if (direct !== undefined && input.left >= size) {
        const at = input.take(size);
        for (const { key, offset, readAt } of direct) value[key] = readAt(input.view, at + offset);
        return value as Struct<F>; // each field was read by its codec
      }
      for (const [key, codec] of entries) {
        const field = codec.read(input);
        if (field !== undefined) value[key] = field;
      }
      return value as Struct<F>; // each field was read by its codec
    },
  };
}

/** A field that is read at its offset. */
interface DirectRead {
  readonly key: string;
  readonly offset: number;
  readonly readAt: NonNullable<FixedCodec<unknown>["readAt"]>;
}

/** The fields with their offsets, if each can be read at one: every message of a dump has a header. */
function directReads(fields: Fields): readonly DirectRead[] | undefined {
  const reads: DirectRead[] = [];
  let offset = 0;
  for (const [key, codec] of Object.entries(fields)) {
    const { size, readAt } = codec;
    if (readAt !== undefined) reads.push({ key, offset, readAt });
    else if (!("padding" in codec)) return undefined;
    offset += size;
  }
  return reads;
}

/** Bytes without a meaning. */
export interface Padding extends FixedCodec<undefined> {
  /** Marks it as no field. */
  readonly padding: true;
}

/** `size` bytes without a meaning. */
export function pad(size: number): Padding {
  return {
    padding: true,
    size,
    write: (out) => void out.reserve(size),
    read: (input) => void input.take(size),
  };
}
