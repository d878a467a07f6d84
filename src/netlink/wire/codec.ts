/** Codecs of netlink's wire format: what writes and reads values, and whole messages. See netlink(7). */
import { Reader, type Writer, written } from "./buffers.ts";

/** Writes and reads values of one type. */
export interface Codec<T> {
  /** Writes a value; an error calls it `name`. */
  write(out: Writer, value: T, name?: string): void;
  /** Reads a value. */
  read(input: Reader): T;
  /** The name of what lies at `offset` of the input, of a codec whose parts have names. */
  fieldAt?(input: Reader, offset: number): string | undefined;
}

/** A codec of values of one size, in bytes. */
export interface FixedCodec<T> extends Codec<T> {
  /** The size, in bytes. */
  readonly size: number;
  /** Reads the value at an offset behind which `size` bytes are, faster than {@linkcode Codec.read}. */
  readAt?(view: DataView, offset: number): T;
}

/** A codec of whole messages or payloads. */
export interface MessageCodec<T> extends Codec<T> {
  /** The bytes of a value. */
  encode(value: T): Uint8Array<ArrayBuffer>;
  /** The value of bytes, with attributes that are in no table: {@linkcode encode} gives the same bytes. */
  decode(bytes: Uint8Array): T;
  /** The value of bytes, without attributes that are in no table: of a link, those are half of the message. */
  decodeKnown(bytes: Uint8Array): T;
}

/** A codec of messages from one of values. */
export function messageCodec<T>(codec: Codec<T>): MessageCodec<T> {
  return {
    write: (out, value) => codec.write(out, value),
    read: (input) => codec.read(input),
    fieldAt: (input, offset) => codec.fieldAt?.(input, offset),
    encode: (value) => written((out) => codec.write(out, value)),
    decode: (bytes) => codec.read(new Reader(bytes)),
    decodeKnown: (bytes) => codec.read(new Reader(bytes, 0, true)),
  };
}

/** A header of fixed size and the attributes behind it, as every message of rtnetlink. */
export function message<H extends object, A extends object>(
  header: FixedCodec<H>,
  body: Codec<A>,
): MessageCodec<H & { readonly attributes: A }> {
  return messageCodec<H & { readonly attributes: A }>({
    write(out, value): void {
      header.write(out, value);
      out.align();
      body.write(out, value.attributes);
    },
    read: (input) => {
      const value: H & { attributes?: A } = header.read(input); // its own object, to which the rest is added
      input.align();
      const attributes = body.read(input);
      return Object.assign(value, { attributes });
    },
    fieldAt: (input, offset) => {
      input.take(header.size);
      input.align();
      return body.fieldAt?.(input, offset);
    },
  });
}

/** Names what lies at an offset of a request, or of a part of it. */
export type FieldAt = (body: Uint8Array, offset: number) => string | undefined;

/** The length of the header of an attribute, and what its length is a multiple of. */
const HEADER = 4;

/**
 * Names what lies in an attribute whose content is bytes to the codec of the message.
 *
 * @param outer Names the fields of the message.
 * @param holder What it calls that attribute.
 * @param inner Names what lies at an offset of the content.
 */
export function fieldsIn(outer: FieldAt, holder: string, inner: FieldAt): FieldAt {
  return (body, offset) => {
    const name = outer(body, offset);
    if (name !== holder) return name;
    let start = offset;
    while (outer(body, start - HEADER) === holder) start -= HEADER;
    return inner(body.subarray(start + HEADER), offset - start - HEADER) ?? name;
  };
}

/**
 * Names the fields of a request: {@linkcode NetlinkRequest.fieldAt}.
 *
 * @param codec The codec of the request.
 * @param names What the fields of the specification are called, where the codec has another name.
 */
export function fieldNames(
  codec: Codec<object>,
  names: Readonly<Record<string, string>> = {},
): FieldAt {
  return (body, offset) => {
    const name = codec.fieldAt?.(new Reader(body), offset);
    return name === undefined ? undefined : names[name] ?? name;
  };
}
