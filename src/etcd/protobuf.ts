/** Protobuf's binary form: a table of a message gives its encoder, its decoder and its type. */

/** How the bytes of a field are read and written. */
export interface FieldCodec<T> {
  /** Its wire type: a number, or bytes with their length before them. */
  readonly wire: 0 | 2;
  /** The value of a field that a message does not have. */
  readonly absent: T;
  /** Every occurrence of the field, in order. */
  write(value: T): Iterable<bigint | Uint8Array>;
  /** The value after one more occurrence of the field. */
  read(raw: bigint | Uint8Array, before: T): T;
}

/** The number and the codec of each field of a message. */
export type MessageTable<V> = { readonly [K in keyof V]: readonly [number: number, codec: FieldCodec<V[K]>] };

/** Reads and writes a message. */
export interface MessageCodec<V> {
  /** The bytes of a message; a field that is left out is not written. */
  encode(values: { readonly [K in keyof V]?: V[K] | undefined }): Uint8Array;
  /**
   * The values of a message. Fields of other numbers are skipped.
   *
   * @throws {MalformedMessageError} They are not the bytes of a message.
   */
  decode(bytes: Uint8Array): V;
}

/** How often a field can stand in one message: two bytes in it are an object here. */
const REPEATED_MAX = 200_000;

/** Bytes that are no message of protobuf. */
export class MalformedMessageError extends Error {
  /** Always `"MalformedMessageError"`. */
  override readonly name = "MalformedMessageError";
}

/** Bytes. */
export const bytes: FieldCodec<Uint8Array> = {
  wire: 2,
  absent: new Uint8Array(),
  write: (value) => [value],
  read: (raw) => asBytes(raw),
};

/** UTF-8 text; bytes that are none are replaced. */
export const text: FieldCodec<string> = {
  wire: 2,
  absent: "",
  write: (value) => [new TextEncoder().encode(value)],
  read: (raw) => new TextDecoder().decode(asBytes(raw)),
};

/** A number of 64 bits of which every bit counts, such as an id. */
export const id64: FieldCodec<bigint> = {
  wire: 0,
  absent: 0n,
  write: (value) => [BigInt.asUintN(64, value)],
  read: (raw) => asNumber(raw),
};

/** A whole number of up to 53 bits and its sign. */
export const integer: FieldCodec<number> = {
  wire: 0,
  absent: 0,
  write: (value) => [BigInt.asUintN(64, BigInt(value))],
  read: (raw): number => {
    const value = Number(BigInt.asIntN(64, asNumber(raw)));
    if (!Number.isSafeInteger(value)) throw new MalformedMessageError(`The number ${value} has more than 53 bits`);
    return value;
  },
};

/** True or false. */
export const flag: FieldCodec<boolean> = {
  wire: 0,
  absent: false,
  write: (value) => [value ? 1n : 0n],
  read: (raw) => asNumber(raw) !== 0n,
};

/** A message in a message; undefined if there is none. */
export function inner<V>(codec: MessageCodec<V>): FieldCodec<V | undefined> {
  return {
    wire: 2,
    absent: undefined,
    write: (value) => value === undefined ? [] : [codec.encode(value)],
    read: (raw) => codec.decode(asBytes(raw)),
  };
}

/** Any number of messages. */
export function repeated<V>(codec: MessageCodec<V>): FieldCodec<readonly V[]> {
  return {
    wire: 2,
    absent: [],
    write: (values) => values.map((value) => codec.encode(value)),
    read: (raw, before): readonly V[] => {
      const values = before.length === 0 ? [] : before as V[]; // made by the first occurrence, of this message alone
      if (values.length === REPEATED_MAX) {
        throw new MalformedMessageError(`A field stands more than ${REPEATED_MAX} times`);
      }
      values.push(codec.decode(asBytes(raw)));
      return values;
    },
  };
}

/** The codec of the message that `table` describes. */
export function message<V>(table: MessageTable<V>): MessageCodec<V> {
  const entries: [string, readonly [number, FieldCodec<unknown>]][] = Object.entries(table);
  const fields = entries.map(([name, [number, codec]]) => (
    { name, number, codec, tag: length(number << 3 | codec.wire) }
  ));
  const byNumber = new Map(fields.map((field) => [field.number, field]));
  const absent = Object.fromEntries(fields.map(({ name, codec }) => [name, codec.absent]));
  return {
    encode(values): Uint8Array {
      const parts: Uint8Array[] = [];
      for (const { name, codec, tag } of fields) {
        const value: unknown = Reflect.get(Object(values), name);
        if (value === undefined) continue;
        for (const raw of codec.write(value)) {
          if (typeof raw === "bigint") parts.push(tag, varint(raw));
          else parts.push(tag, length(raw.length), raw);
        }
      }
      return concatenated(parts);
    },
    decode(given): V {
      const values: Record<string, unknown> = { ...absent };
      const reader = new Reader(given);
      while (!reader.isAtEnd) {
        const { number, wire, raw } = reader.field();
        const field = byNumber.get(number);
        if (field === undefined || wire !== field.codec.wire || raw === undefined) continue;
        values[field.name] = field.codec.read(raw, values[field.name]);
      }
      return values as V; // every name of the table has the value of its codec
    },
  };
}

/** Reads the fields of a message, one after the other. */
class Reader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  /** `raw` is undefined for the wire types that etcd does not use: they are skipped. */
  field(): { readonly number: number; readonly wire: number; readonly raw: bigint | Uint8Array | undefined } {
    const tag = this.#length();
    const wire = tag % 8;
    const number = Math.floor(tag / 8);
    if (wire === 0) return { number, wire, raw: this.#varint() };
    if (wire === 2) return { number, wire, raw: this.#take(this.#length()) };
    if (wire === 1 || wire === 5) this.#take(wire === 1 ? 8 : 4);
    else throw new MalformedMessageError(`There is no wire type ${wire} in a message of etcd`);
    return { number, wire, raw: undefined };
  }

  #varint(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.#bytes[this.#at++];
      if (byte === undefined) throw new MalformedMessageError("The message ends within a number");
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    throw new MalformedMessageError("A number of the message has more than 64 bits");
  }

  /** A number that counts bytes or fields: one beyond 32 bits is none. */
  #length(): number {
    let value = 0;
    for (let factor = 1; factor < 2 ** 35; factor *= 128) {
      const byte = this.#bytes[this.#at++];
      if (byte === undefined) throw new MalformedMessageError("The message ends within a number");
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
    throw new MalformedMessageError("A length of the message has more than 32 bits");
  }

  #take(length: number): Uint8Array {
    const start = this.#at;
    const end = start + length;
    if (end > this.#bytes.length) throw new MalformedMessageError("The message ends within a field");
    this.#at = end;
    return this.#bytes.subarray(start, this.#at);
  }
}

/** The bytes of a number that counts. */
function length(value: number): Uint8Array {
  return value < 0x80 ? Uint8Array.of(value) : varint(BigInt(value));
}

function varint(value: bigint): Uint8Array {
  const found: number[] = [];
  let rest = value;
  do {
    const low = Number(rest & 0x7fn);
    rest >>= 7n;
    found.push(rest === 0n ? low : low | 0x80);
  } while (rest !== 0n);
  return Uint8Array.from(found);
}

function concatenated(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function asBytes(raw: bigint | Uint8Array): Uint8Array {
  if (typeof raw === "bigint") throw new MalformedMessageError("A number stands where bytes belong");
  return raw;
}

function asNumber(raw: bigint | Uint8Array): bigint {
  if (typeof raw !== "bigint") throw new MalformedMessageError("Bytes stand where a number belongs");
  return raw;
}
