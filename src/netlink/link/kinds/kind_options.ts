/** The options of a kind of link as flat fields: IFLA_INFO_DATA, IFLA_INFO_SLAVE_DATA. See linux/if_link.h. */
import { Reader, written as bytesOf } from "../../wire/buffers.ts";
import {
  type Assign,
  type Attributes,
  skipped,
  type Table,
  type TableCodec,
  tableCodec,
  type Unknown,
  type UnknownAttribute,
} from "../../wire/attributes.ts";
import type { Codec } from "../../wire/codec.ts";
import { flag, flag32 } from "../../wire/flags.ts";
import type { FieldRule, FieldRules } from "../../../argument_fields.ts";
import { linkIndex } from "../ref.ts";

/** What every kind with options has. */
export interface KeptOptions {
  /** Options that this library does not know, as they were listed. */
  readonly unknown?: readonly UnknownAttribute[] | undefined;
}

/** `listed`: the kernel says it, and is never sent it. `given`: the kernel is sent it, and never says it. */
export type Access = "listed" | "given";

/** An option that is an attribute. */
export type Attribute<V> = readonly [type: number, codec: Codec<V>, access?: Access];

/** Bits, and which of them count. */
export interface Word {
  readonly value: number;
  readonly mask: number;
}

/** An option that is a bit of an attribute. */
export interface Bit {
  readonly type: number;
  readonly codec: Codec<Word>;
  readonly mask: number;
}

type Keys<O> = Exclude<keyof O & string, keyof KeptOptions>;

/** The entry of each option. */
export type OptionTable<O> = {
  readonly [K in Keys<O>]-?: Attribute<Exclude<O[K], undefined>> | (true extends O[K] ? Bit : never);
};

/** How options are written and read. */
export interface OptionsCodec<O extends object> {
  /** The names of the options. */
  readonly fields: FieldRules<O>;
  /** The options that name a link. */
  readonly links: readonly string[];
  /** The bytes of options; fields that are no options are left out. */
  encode(options: O): Uint8Array<ArrayBuffer>;
  /** The options that bytes hold, added to those of `to`, which is changed. */
  decode(bytes: Uint8Array, to?: Record<string, unknown>): Partial<O>;
  /** The name of the option at an offset of the bytes; undefined for an attribute that is no option by itself. */
  fieldAt(bytes: Uint8Array, offset: number): string | undefined;
}

/**
 * The entries of options that are the bits of one attribute.
 *
 * @param type The number of the attribute.
 * @param codec Its codec: {@linkcode flagsWord} or {@linkcode maskedWord}.
 */
export function bitsOf(type: number, codec: Codec<Word>): (mask: number) => Bit {
  return (mask) => ({ type, codec, mask });
}

/** A word whose bits all count: those that are not named are cleared. */
export function flagsWord(codec: Codec<number>): Codec<Word> {
  return {
    write: (out, { value }, name) => codec.write(out, value, name),
    read: (input) => ({ value: codec.read(input), mask: ~0 }),
  };
}

/** A word, and behind it another that says which of its bits count. */
export function maskedWord(codec: Codec<number>): Codec<Word> {
  return {
    write: (out, { value, mask }, name) => {
      codec.write(out, value, name);
      codec.write(out, mask, name);
    },
    read: (input) => {
      const value = codec.read(input);
      return { value, mask: codec.read(input) };
    },
  };
}

/**
 * The options of a table. What the kernel sends beside them is kept as `unknown`.
 *
 * @param table Each option.
 * @param left Attributes that are neither listed nor kept, as timers.
 */
export function optionsOf<O extends object>(table: OptionTable<O>, left: readonly number[] = []): OptionsCodec<O> {
  let made: TableOptions | undefined;
  const options = (): TableOptions => made ??= new TableOptions(table, left); // a program uses few of the kinds
  return {
    get fields() {
      return options().fields as FieldRules<O>; // the table has each key, with a codec of its type
    },
    get links() {
      return options().links;
    },
    encode: (given) => options().encode(given),
    decode: (bytes, to = {}) => options().decode(bytes, to) as Partial<O>, // each was read by the codec of its key
    fieldAt: (bytes, offset) => options().fieldAt(bytes, offset),
  };
}

type Entry = Attribute<unknown> | Bit;

/** What {@linkcode optionsOf} makes of a table. */
class TableOptions {
  readonly fields: Readonly<Record<string, FieldRule>>;
  readonly links: readonly string[];
  readonly #entries: ReadonlyMap<string, Entry>;
  readonly #codec: TableCodec<Table>;

  constructor(table: object, left: readonly number[]) {
    this.#entries = new Map(Object.entries<Entry>({ ...table }));
    const entries = [...this.#entries];
    this.#codec = codecOf(this.#entries, left);
    this.fields = { unknown: "list", ...Object.fromEntries(entries.map(([key, entry]) => [key, ruleOf(entry)])) };
    this.links = entries.flatMap(([key, entry]) => "mask" in entry || entry[1] !== linkIndex ? [] : [key]);
  }

  encode(options: object): Uint8Array<ArrayBuffer> {
    return bytesOf((out) => this.#codec.write(out, written(options, this.#entries) as Attributes<Table>));
  }

  decode(bytes: Uint8Array, to: Record<string, unknown>): Record<string, unknown> {
    this.#codec.readInto(new Reader(bytes), to);
    if (to["unknown"] !== undefined) to["unknown"] = keptOf(to["unknown"]);
    return to;
  }

  fieldAt(bytes: Uint8Array, offset: number): string | undefined {
    const name = this.#codec.fieldAt(new Reader(bytes), offset);
    return name !== undefined && name in this.fields ? name : undefined;
  }
}

/** The codec of the attributes: those that are the bits of one are read and written together. */
function codecOf(entries: ReadonlyMap<string, Entry>, left: readonly number[]): TableCodec<Table> {
  const wire: Record<string, readonly [type: number, codec: Codec<unknown>]> = {};
  const assigns: Record<string, Assign> = {};
  const bits = new Map<string, Flag[]>();
  for (const [key, entry] of entries) {
    if (!("mask" in entry)) wire[key] = [entry[0], entry[1]];
    else {
      const word = `bits ${entry.type}`;
      const flags = bits.get(word) ?? [];
      wire[word] = [entry.type, entry.codec];
      assigns[word] = assignBits(flags);
      flags.push({ key, mask: entry.mask });
      bits.set(word, flags);
    }
  }
  for (const type of left) wire[`left ${type}`] = [type, skipped];
  return tableCodec<Table>(wire, assigns);
}

/** A codec of true and false wants them. */
function ruleOf(entry: Entry): FieldRule {
  if ("mask" in entry) return "boolean";
  return ([flag, flag32, present] as readonly Codec<unknown>[]).includes(entry[1]) ? "boolean" : true;
}

/** The attributes of options: bits are collected in their words. */
function written(options: object, entries: ReadonlyMap<string, Entry>): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(options)) {
    if (key === "unknown") values[key] = value;
    const entry = entries.get(key);
    if (entry === undefined || value === undefined) continue;
    if ("mask" in entry) {
      const word = values[`bits ${entry.type}`];
      values[`bits ${entry.type}`] = withBit(isWord(word) ? word : NO_BITS, entry.mask, Boolean(value));
    } else if (entry[2] !== "listed" && (entry[1] !== present || value === true)) values[key] = value;
  }
  return values;
}

const NO_BITS: Word = { value: 0, mask: 0 };

function withBit({ value, mask }: Word, bit: number, isSet: boolean): Word {
  return { value: (isSet ? value | bit : value & ~bit) >>> 0, mask: (mask | bit) >>> 0 };
}

function isWord(value: unknown): value is Word {
  return typeof value === "object" && value !== null && "mask" in value;
}

/** A bit of a word, and the option that it is. */
interface Flag {
  readonly key: string;
  readonly mask: number;
}

/** Puts each bit of a word among the options by itself. */
function assignBits(flags: readonly Flag[]): Assign {
  return (values, word) => {
    if (!isWord(word)) return;
    for (const { key, mask } of flags) if ((word.mask & mask) !== 0) values[key] = (word.value & mask) !== 0;
  };
}

/** True of an attribute that is there; the kernel also writes a byte into some. False is not written. */
export const present: Codec<boolean> = {
  write: () => {},
  read: (input) => {
    const isSet = input.left === 0 || input.view.getUint8(input.offset) !== 0;
    input.take(input.left);
    return isSet;
  },
};

/** Which names are of options alone (their rules), and which of attributes alone (false). */
export type OwnFields<O, W> =
  & FieldRules<Omit<O, keyof W | "unknown">>
  & Readonly<Record<Exclude<keyof W & string, keyof O | "unknown">, false>>;

/** The codec of options that are not one attribute each: `toWire` and `fromWire` translate. */
export function translated<O extends object, W extends object>(
  wire: OptionsCodec<W>,
  own: OwnFields<O, W>,
  toWire: (options: O) => W,
  fromWire: (options: Partial<W>) => Partial<O>,
): OptionsCodec<O> {
  let fields: FieldRules<O> | undefined;
  const ownFields = (): FieldRules<O> => fields ??= withOwn<O, W>(wire.fields, own);
  return {
    get fields() {
      return ownFields();
    },
    get links() {
      return wire.links;
    },
    encode: (options) => wire.encode(toWire(options)),
    decode: (bytes, to = {}) => Object.assign(to, fromWire(wire.decode(bytes))),
    fieldAt: (bytes, offset) => {
      const name = wire.fieldAt(bytes, offset);
      return name !== undefined && name in ownFields() ? name : undefined;
    },
  };
}

/** The fields of options: those of the attributes, and which are of one side alone. */
function withOwn<O, W>(fields: FieldRules<W>, own: OwnFields<O, W>): FieldRules<O> {
  const names: readonly (readonly [string, FieldRule | false])[] = Object.entries({ ...fields, ...own });
  return Object.fromEntries(names.filter(([, rule]) => rule !== false)) as FieldRules<O>;
}

/** Attributes without their positions, which have no meaning between options that were sorted out. */
function keptOf(unknown: unknown): Unknown {
  return Array.isArray(unknown) ? unknown.map(({ type, bytes }) => ({ type, bytes })) : [];
}
