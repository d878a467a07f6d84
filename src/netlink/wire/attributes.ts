/**
 * The attributes of netlink's wire format: one table gives the encoder, the decoder and the type. See netlink(7), and
 * linux/netlink.h for the attributes.
 */
import { shown } from "../../errors.ts";
import type { Reader, Writer } from "./buffers.ts";
import { type Codec, type FixedCodec, type MessageCodec, messageCodec } from "./codec.ts";
import { MalformedMessageError } from "./malformed.ts";

/** Attributes that are in no table, as received: a newer kernel sends more. */
export type Unknown = readonly UnknownAttribute[];

/** An attribute that is in no table. */
export interface UnknownAttribute {
  /** Its number, with NLA_F_NESTED if the kernel set it. */
  readonly type: number;
  /** Its content. */
  readonly bytes: Uint8Array;
  /** Its position among all attributes, from 0; absent: it is written last. */
  readonly at?: number;
}

/** An entry of a table: the number of the attribute and the codec of its value; `many` may occur several times. */
export type TableEntry = readonly [type: number, codec: Codec<unknown>, many?: "many"];

/** Puts what an attribute holds into the value of a table, under keys of its own. */
export type Assign = (value: Record<string, unknown>, content: unknown) => void;

/** How the attributes of a table are written, and read into an object that may have other keys already. */
export interface TableCodec<T extends Table> extends Required<Pick<Codec<Attributes<T>>, "write" | "fieldAt">> {
  /** Reads all attributes. */
  readInto(input: Reader, value: Record<string, unknown>): Attributes<T>;
}

/** An entry as it is found by its number. */
interface Known {
  readonly key: string;
  readonly entry: TableEntry;
  readonly assign: Assign | undefined;
  /** Reads a value of fixed size, of which there is one. */
  readonly readAt: FixedCodec<unknown>["readAt"];
  readonly size: number;
}

function knownOf(key: string, entry: TableEntry, assign: Assign | undefined): Known {
  const codec: Codec<unknown> & Partial<FixedCodec<unknown>> = entry[1];
  const isPlain = assign === undefined && entry[2] === undefined;
  return { key, entry, assign, readAt: isPlain ? codec.readAt : undefined, size: codec.size ?? Infinity };
}

/** The entries of a table at the numbers of their attributes. */
function byTypeOf(table: Table, assigns: Readonly<Record<string, Assign>>): readonly Known[] {
  const byType: Known[] = [];
  for (const [key, entry] of Object.entries(table)) {
    byType[entry[0] & NLA_TYPE_MASK] = knownOf(key, entry, assigns[key]);
  }
  return byType;
}

/** Attributes by name. */
export type Table = Readonly<Record<string, TableEntry>>;

/** The value of an entry of a table. */
export type EntryValue<E> = E extends readonly [number, Codec<infer V>] ? V
  : E extends readonly [number, Codec<infer V>, "many"] ? readonly V[]
  : never;

/** The value of a table: each attribute may be absent. */
export type Attributes<T extends Table> = { readonly [K in keyof T]?: EntryValue<T[K]> | undefined } & {
  readonly unknown?: Unknown | undefined;
};

/** Marks an attribute that holds attributes, where the kernel requires it. */
export const NLA_F_NESTED = 0x8000;
export const NLA_TYPE_MASK = 0x3fff;
export const NLA_HEADER = 4;
/** The most that the 16 bits of its length hold. */
const NLA_LONGEST = 0xffff;

/**
 * The codec of a table of attributes. They are written in the order of the value's keys, which is the order in which
 * they were read; attributes that the table lacks are kept under `unknown` with their positions, so that the same bytes
 * are written.
 */
export function attributes<const T extends Table>(table: T): Codec<Attributes<T>> {
  const codec = tableCodec(table);
  return {
    write: codec.write,
    read: (input) => codec.readInto(input, {}),
    fieldAt: codec.fieldAt,
  };
}

/**
 * {@linkcode attributes} that are read into an object.
 *
 * @param assigns For attributes whose value is not the one of their key.
 */
export function tableCodec<const T extends Table>(
  table: T,
  assigns: Readonly<Record<string, Assign>> = {},
): TableCodec<T> {
  // A program has hundreds of tables, and reads few of them.
  let found: readonly Known[] | undefined;
  const attributesByType = (): readonly Known[] => found ??= byTypeOf(table, assigns);
  return {
    write(out, value): void {
      const unknown = value.unknown ?? NONE;
      let written = 0;
      let passed = 0;
      const writeUnknown = (all: boolean): void => {
        for (let next = unknown[passed]; next !== undefined; next = unknown[++passed]) {
          if (!all && (next.at === undefined || next.at > written)) break;
          if (!(next?.bytes instanceof Uint8Array)) { // untyped code may give anything
            throw new TypeError("Cannot use this as unknown: expected the attributes of something that was listed");
          }
          const at = begin(out);
          out.append(next.bytes);
          end(out, at, next.type, "unknown");
          written++;
        }
      };
      for (const key in value) {
        const entry = table[key];
        const content = (value as Readonly<Record<string, unknown>>)[key];
        if (entry === undefined || content === undefined) continue;
        const values: readonly unknown[] = entry[2] === "many" && Array.isArray(content) ? content : [content];
        for (const one of values) {
          writeUnknown(false);
          const at = begin(out);
          entry[1].write(out, one, key);
          end(out, at, entry[0], key);
          written++;
        }
      }
      writeUnknown(true);
    },
    readInto(input, value): Attributes<T> {
      const byType = attributesByType();
      const unknown: UnknownAttribute[] = [];
      const { view, end } = input;
      let at = input.offset;
      // Most attributes of a link are in no table: they are skipped without a call for each.
      for (let position = 0; end - at >= NLA_HEADER; position++) {
        const length = view.getUint16(at, true);
        const type = view.getUint16(at + 2, true);
        if (length < NLA_HEADER) throw new MalformedMessageError(`an attribute of ${length} bytes`, at);
        if (length > end - at) {
          const [size, left] = [length - NLA_HEADER, end - at - NLA_HEADER];
          throw new MalformedMessageError(`${size} bytes expected, ${left} left`, at + NLA_HEADER);
        }
        const known = byType[type & NLA_TYPE_MASK];
        if (known?.readAt !== undefined && length - NLA_HEADER >= known.size) {
          value[known.key] = known.readAt(view, at + NLA_HEADER);
        } else if (known?.entry[1] === skipped) { /* nothing of it is wanted */ }
        else if (known !== undefined) {
          const content = input.between(at + NLA_HEADER, at + length, known.entry[1].read);
          const isMany = known.entry[2] === "many";
          const earlier = isMany ? value[known.key] : undefined;
          if (known.assign !== undefined) known.assign(value, content);
          else if (Array.isArray(earlier)) earlier.push(content);
          else value[known.key] = isMany ? [content] : content;
        } else if (!input.knownOnly) {
          unknown.push({ type, bytes: input.bytes.slice(at + NLA_HEADER, at + length), at: position });
        }
        at = (at + length + 3) & ~3;
      }
      input.take(input.left);
      if (unknown.length > 0) value["unknown"] = unknown;
      return value as Attributes<T>; // each value was read by the codec that the table has for its key
    },
    fieldAt(input, offset): string | undefined {
      const { view, end } = input;
      let at = input.offset;
      while (end - at >= NLA_HEADER) {
        const length = view.getUint16(at, true);
        if (length < NLA_HEADER || length > end - at) return undefined;
        if (offset >= at && offset < at + length) {
          const known = attributesByType()[view.getUint16(at + 2, true) & NLA_TYPE_MASK];
          if (known === undefined) return undefined;
          const inner = offset === at
            ? undefined
            : input.between(at + NLA_HEADER, at + length, (part) => known.entry[1].fieldAt?.(part, offset));
          return inner === undefined ? known.key : `${known.key}.${inner}`;
        }
        at = (at + length + 3) & ~3;
      }
      return undefined;
    },
  };
}

/** The codec of attributes that are neither read nor kept. */
export const skipped: Codec<undefined> = {
  write: () => {},
  read: (input) => void input.take(input.left),
};

/** Attributes as an interface describes them: a number and a codec for each of its keys; `many` may occur several times. */
export type AttributeTable<O> = {
  readonly [K in keyof O]-?:
    | readonly [type: number, codec: Codec<Exclude<O[K], undefined>>]
    | (Exclude<O[K], undefined> extends readonly (infer E)[] ? readonly [type: number, codec: Codec<E>, many: "many"]
      : never);
};

/** The value of such a table: each attribute may be absent. */
export type AttributesOf<O> = Partial<O> & { readonly unknown?: Unknown | undefined };

/**
 * {@linkcode attributes} for an interface that documents them. A key that the table lacks does not compile. Keys of a
 * value that the table lacks are left out, so a specification that holds more can be written as it is.
 */
export function attributesOf<O extends object>(table: AttributeTable<O>): MessageCodec<AttributesOf<O>> {
  const codec = attributes<Table>(table as AttributeTable<O> & Table); // a mapped type has no index signature
  return messageCodec<AttributesOf<O>>({
    write: (out, value) => codec.write(out, value as AttributesOf<O> & Attributes<Table>),
    read: (input) => {
      const value: object = codec.read(input);
      return value as AttributesOf<O>; // each value was read by the codec that the table has for its key
    },
    fieldAt: (input, offset) => codec.fieldAt?.(input, offset),
  });
}

/**
 * Attributes that are an array: their numbers are their positions, from `first`, and say nothing else. All have the flags
 * of `flags`, such as NLA_F_NESTED.
 */
export function list<T>(codec: Codec<T>, flags = 0, first = 1): Codec<readonly T[]> {
  return {
    write(out, values, name = "a list"): void {
      if (!Array.isArray(values)) throw new TypeError(`Cannot use ${shown(values)} as ${name}: expected a list`);
      for (const [position, value] of values.entries()) {
        const at = begin(out);
        codec.write(out, value, `${name}[${position}]`);
        end(out, at, flags | (position + first) & NLA_TYPE_MASK, name);
      }
    },
    read(input): readonly T[] {
      const values: T[] = [];
      while (input.left >= NLA_HEADER) {
        const at = input.take(NLA_HEADER);
        const length = input.view.getUint16(at, true);
        if (length < NLA_HEADER) throw new MalformedMessageError(`an attribute of ${length} bytes`, at);
        values.push(input.within(length - NLA_HEADER, codec.read));
        input.align();
      }
      input.take(input.left);
      return values;
    },
  };
}

const NONE: Unknown = [];

function begin(out: Writer): number {
  return out.reserve(NLA_HEADER);
}

/**
 * Ends the attribute that began at `at`.
 *
 * @throws {RangeError} It is longer than an attribute can be.
 */
function end(out: Writer, at: number, type: number, name: string): void {
  const length = out.length - at;
  if (length > NLA_LONGEST) {
    const [given, most] = [length - NLA_HEADER, NLA_LONGEST - NLA_HEADER];
    throw new RangeError(`Cannot use what takes ${given} bytes as ${name}: expected ${most} or less`);
  }
  out.view.setUint16(at, length, true);
  out.view.setUint16(at + 2, type, true);
  out.align();
}
