/** Bytes on their way to and from the kernel. */
import { MalformedMessageError } from "./malformed.ts";

/** How much memory is asked for at once: memory of its own for each message takes longer than to write it. */
const BLOCK = 16 * 1024;

/** Bytes that are being written. It grows as needed. */
export class Writer {
  #bytes: Uint8Array<ArrayBuffer> = new Uint8Array(BLOCK);
  #view: DataView<ArrayBuffer> = new DataView(this.#bytes.buffer);
  /** What lies before it was taken, and is nobody's to write to any more. */
  #start = 0;
  #length = 0;

  /** The offset at which writing goes on; of a new writer, how many bytes were written. */
  get length(): number {
    return this.#length;
  }

  /** A view of the whole buffer, good until more is reserved. */
  get view(): DataView<ArrayBuffer> {
    return this.#view;
  }

  /** The bytes that were written, where they lie. */
  bytes(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(this.#start, this.#length);
  }

  /** The bytes that were written, which nobody writes to from then on. */
  take(): Uint8Array<ArrayBuffer> {
    const bytes = this.bytes();
    this.align();
    this.#start = this.#length;
    return bytes;
  }

  /** Forgets what was written since the last bytes were taken, and keeps the memory, or asks for some if little is left. */
  clear(): void {
    if (this.#bytes.length - this.#start < BLOCK / 8) {
      this.#bytes = new Uint8Array(BLOCK);
      this.#view = new DataView(this.#bytes.buffer);
      this.#start = 0;
    } else this.#bytes.fill(0, this.#start, this.#length);
    this.#length = this.#start;
  }

  /** Adds `size` zero bytes and gives the offset at which they begin. */
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

  /** Adds zero bytes up to the next multiple of four, at which everything in netlink begins. */
  align(): void {
    this.reserve(-this.#length & 3);
  }
}

/** A writer that is not in use; making one takes longer than most messages. */
let spare: Writer | undefined;

/** The bytes that `write` writes, which nobody writes to afterwards. */
export function written(write: (out: Writer) => void): Uint8Array<ArrayBuffer> {
  return writing(write, TAKE);
}

const TAKE = (out: Writer): Uint8Array<ArrayBuffer> => out.take();

/** What `use` makes of what `write` writes, and which is there until it returns unless it is taken. */
export function writing<T>(write: (out: Writer) => void, use: (out: Writer) => T): T {
  const out = spare ?? new Writer();
  spare = undefined; // what `write` encodes for itself is written elsewhere
  try {
    write(out);
    return use(out);
  } finally {
    out.clear();
    spare = out;
  }
}

/** Bytes that are being read, and never beyond their end. */
export class Reader {
  /** The bytes, whole. */
  readonly bytes: Uint8Array;
  /** A view of the bytes, at the offsets that {@linkcode Reader.take} gives. */
  readonly view: DataView;
  #offset: number;
  #end: number;
  /** True if what is in no table is passed over. */
  readonly knownOnly: boolean;

  /** Reads `bytes` from `offset` on. */
  constructor(bytes: Uint8Array, offset = 0, knownOnly = false) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#offset = offset;
    this.#end = bytes.length;
    this.knownOnly = knownOnly;
  }

  /** Where reading goes on. */
  get offset(): number {
    return this.#offset;
  }

  /** Where it ends. */
  get end(): number {
    return this.#end;
  }

  /** How many bytes are left. */
  get left(): number {
    return this.#end - this.#offset;
  }

  /** Passes `size` bytes and gives the offset at which they begin. */
  take(size: number): number {
    if (size > this.left) {
      throw new MalformedMessageError(`${size} bytes expected, ${this.left} left`, this.#offset);
    }
    const offset = this.#offset;
    this.#offset += size;
    return offset;
  }

  /** Passes all that is left, and gives it: the same memory, which nobody writes to. */
  rest(): Uint8Array {
    const offset = this.take(this.left);
    return this.bytes.subarray(offset, this.#end);
  }

  /** Passes the next `size` bytes, which are all that `read` sees. */
  within<T>(size: number, read: (input: Reader) => T): T {
    const from = this.take(size);
    return this.between(from, from + size, read);
  }

  /**
   * Goes on behind the bytes from `from` to `to`, which lie before the end, and which are all that `read` sees. If that
   * throws, the message is malformed and nothing more is read of it.
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

  /** Passes the bytes up to the next multiple of four, where there are any left. */
  align(): void {
    this.#offset = Math.min(this.#end, this.#offset + (-this.#offset & 3));
  }
}
