/** Buffers of messages: written for the kernel, read from it. */
import { MalformedMessageError } from "./malformed.ts";

/** How much memory a writer allocates at once: to allocate it for each message takes longer than to write the message. */
const BLOCK = 16 * 1024;

/** Writes bytes into a buffer that grows. */
export class Writer {
  #bytes: Uint8Array<ArrayBuffer> = new Uint8Array(BLOCK);
  #view: DataView<ArrayBuffer> = new DataView(this.#bytes.buffer);
  /** The end of the bytes that were taken, which are never written to again. */
  #start = 0;
  #length = 0;

  /** The offset of the next byte. */
  get length(): number {
    return this.#length;
  }

  /** A view of the whole buffer, valid until more is reserved. */
  get view(): DataView<ArrayBuffer> {
    return this.#view;
  }

  /** The bytes written since the last {@linkcode Writer.take}, not copied. */
  bytes(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(this.#start, this.#length);
  }

  /** The same bytes, which are never written to again. */
  take(): Uint8Array<ArrayBuffer> {
    const bytes = this.bytes();
    this.align();
    this.#start = this.#length;
    return bytes;
  }

  /** Drops the bytes written since the last {@linkcode Writer.take}; allocates a new buffer if little is left of this one. */
  clear(): void {
    if (this.#bytes.length - this.#start < BLOCK / 8) {
      this.#bytes = new Uint8Array(BLOCK);
      this.#view = new DataView(this.#bytes.buffer);
      this.#start = 0;
    } else this.#bytes.fill(0, this.#start, this.#length);
    this.#length = this.#start;
  }

  /** Adds `size` zero bytes, and returns their offset. */
  reserve(size: number): number {
    const offset = this.#length;
    this.#length += size;
    if (this.#length > this.#bytes.length) {
      const bytes = new Uint8Array(Math.max(this.#length, this.#bytes.length * 2));
      bytes.set(this.#bytes.subarray(0, offset));
      this.#bytes = bytes;
      this.#view = new DataView(bytes.buffer);
    }
    return offset;
  }

  /** Adds bytes. */
  append(bytes: Uint8Array): void {
    const offset = this.reserve(bytes.length);
    this.#bytes.set(bytes, offset);
  }

  /** Adds zero bytes up to the next multiple of four, to which netlink aligns everything. */
  align(): void {
    this.reserve(-this.#length & 3);
  }
}

/** A writer that is not in use: to make one takes longer than most messages. */
let spare: Writer | undefined;

/** The bytes that `write` writes. */
export function written(write: (out: Writer) => void): Uint8Array<ArrayBuffer> {
  return writing(write, TAKE);
}

const TAKE = (out: Writer): Uint8Array<ArrayBuffer> => out.take();

/** Passes the writer to `use` after `write`; bytes that `use` does not take are valid until it returns. */
export function writing<T>(write: (out: Writer) => void, use: (out: Writer) => T): T {
  const out = spare ?? new Writer();
  spare = undefined; // a nested call gets a writer of its own
  try {
    write(out);
    return use(out);
  } finally {
    out.clear();
    spare = out;
  }
}

/** Reads bytes, never beyond their end. */
export class Reader {
  /** All the bytes. */
  readonly bytes: Uint8Array;
  /** A view of them, for the offsets that {@linkcode Reader.take} returns. */
  readonly view: DataView;
  #offset: number;
  #end: number;
  /** True if attributes that are in no table are skipped. */
  readonly knownOnly: boolean;

  /** Reads `bytes` from `offset` on. */
  constructor(bytes: Uint8Array, offset = 0, knownOnly = false) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#offset = offset;
    this.#end = bytes.length;
    this.knownOnly = knownOnly;
  }

  /** The offset of the next byte. */
  get offset(): number {
    return this.#offset;
  }

  /** The offset behind the last byte. */
  get end(): number {
    return this.#end;
  }

  /** How many bytes are left. */
  get left(): number {
    return this.#end - this.#offset;
  }

  /** Skips `size` bytes, and returns their offset. */
  take(size: number): number {
    if (size > this.left) {
      throw new MalformedMessageError(`${size} bytes expected, ${this.left} left`, this.#offset);
    }
    const offset = this.#offset;
    this.#offset += size;
    return offset;
  }

  /** Skips all bytes that are left, and returns them, not copied. */
  rest(): Uint8Array {
    const offset = this.take(this.left);
    return this.bytes.subarray(offset, this.#end);
  }

  /** Skips the next `size` bytes; `read` sees only those. */
  within<T>(size: number, read: (input: Reader) => T): T {
    const from = this.take(size);
    return this.between(from, from + size, read);
  }

  /**
   * Skips to `to`, which must not lie behind the end; `read` sees only the bytes from `from` on. If it throws, this
   * reader must not be used again.
   */
  between<T>(from: number, to: number, read: (input: Reader) => T): T {
    const end = this.#end;
    this.#offset = from;
    this.#end = to;
    const value = read(this);
    this.#offset = to;
    this.#end = end;
    return value;
  }

  /** Skips to the next multiple of four, or to the end. */
  align(): void {
    this.#offset = Math.min(this.#end, this.#offset + (-this.#offset & 3));
  }
}
