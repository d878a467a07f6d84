/** Captures of packets. */
import { setImmediate } from "node:timers";
import { fileURLToPath } from "node:url";
import { interruptible } from "../async/interruptible.ts";
import { poll } from "../async/poll.ts";
import { shown } from "../errors.ts";
import { fieldsOf } from "../argument_fields.ts";
import { wholeNumber } from "../whole_number.ts";
import { hasIndex, LARGEST_INDEX, type LinkRef, nameOfRef } from "../netlink/link/ref.ts";
import { compileFilter } from "./filter/compile.ts";
import { type CaptureFilter, expressionOf } from "./filter/expression.ts";
import { parseFilter } from "./filter/parse.ts";
import type { CapturedPacket } from "./packet.ts";
import { PcapngFile } from "./pcapng.ts";
import { type Inside, PacketRing, type RingPacket } from "./ring.ts";

/** What is captured, and what becomes of it. */
export interface CaptureOptions {
  /** The link: its name, alone or as `{ name }`, or `{ index }`. @default {all links} */
  readonly link?: LinkRef | undefined;
  /** A file in the format pcapng, which is made or emptied; no reader is needed then. */
  readonly file?: string | URL | undefined;
  /** The most bytes of a packet. @default {262144} */
  readonly snapLength?: number | undefined;
  /**
   * Which packets: fields; text as `netns capture` takes it; or a program of classic BPF, as `tcpdump -ddd` compiles it, in
   * instructions of 8 bytes. @default {all}
   */
  readonly filter?: CaptureFilter | string | Uint8Array | undefined;
  /** How many bytes wait for the reader; what comes then is dropped. @default {8388608} */
  readonly buffer?: number | undefined;
  /** Ends the capture, without an error. */
  readonly signal?: AbortSignal | undefined;
}

const checkOptions = fieldsOf<CaptureOptions>("the options of capture", {
  link: true,
  file: true,
  snapLength: true,
  filter: true,
  buffer: true,
  signal: "signal",
});

/** As tcpdump has it. */
const SNAP_LENGTH = 262_144;
const BUFFER = 8 * 1024 * 1024;
const LARGEST_BUFFER = 1024 * 1024 * 1024;
/** The longest time between two looks at the ring, in milliseconds: in that time a buffer does not get full. */
const LONGEST_WAIT = 10;
/** How long the kernel may take to hand over the last packets, in milliseconds: 10, unless the machine is very busy. */
const LAST_WAIT = 2000;
/** How many packets are read before others get their turn in the event loop. */
const TURN = 1024;
/** How many packets wait for the reader of a capture that also has a file. */
const READER_LIMIT = 10_000;

/**
 * A capture of packets, which has begun: an async iterable, for one loop at a time. A loop that is left can be followed by
 * another. It ends with `await using`, by its signal, or when its link is deleted.
 *
 * With a file, it keeps the process alive until it ends; then the file is whole.
 */
export class Capture implements AsyncIterable<CapturedPacket>, AsyncDisposable {
  readonly #ring: PacketRing;
  readonly #ended = new AbortController();
  readonly #signal: AbortSignal | undefined;
  readonly #names = new Map<number, string>();
  readonly #end = (): void => this.#ended.abort();
  readonly #file: Promise<void> | undefined;
  /** Of a capture with a file: the packets that wait for its reader. */
  readonly #waiting: CapturedPacket[] = [];
  #missed = 0;
  #isRead = false;

  private constructor(ring: PacketRing, file: PcapngFile | undefined, signal: AbortSignal | undefined) {
    this.#ring = ring;
    this.#signal = signal;
    this.#file = file && this.#write(file);
    this.#file?.catch(() => undefined); // the end of the capture rejects with it
    signal?.addEventListener("abort", this.#abort);
  }

  /** @internal Begins a capture; see `NsHandle.capture`. */
  static begin(inside: Inside, options: CaptureOptions = {}): Capture {
    checkOptions(options);
    const { link, file, filter, signal, buffer = BUFFER, snapLength = SNAP_LENGTH } = options;
    if (link !== undefined) checkLink(link);
    if (file !== undefined && typeof file !== "string" && !(file instanceof URL)) {
      throw new TypeError(`Cannot use ${shown(file)} as file of a capture: expected a path or a URL`);
    }
    wholeNumber(snapLength, "snapLength", 1, SNAP_LENGTH);
    wholeNumber(buffer, "buffer", 1, LARGEST_BUFFER);
    signal?.throwIfAborted();
    const program = programOf(filter, snapLength);
    const ring = PacketRing.open(inside, { link, program, snapLength, buffer });
    try {
      const path = file instanceof URL ? fileURLToPath(file) : file;
      return new Capture(ring, path === undefined ? undefined : new PcapngFile(path, snapLength), signal);
    } catch (error) {
      ring[Symbol.dispose]();
      throw error;
    }
  }

  /** How many packets were lost so far, as their reader was too slow; also after the end. */
  get dropped(): number {
    return this.#ring.dropped + this.#missed;
  }

  /**
   * Resolves when the capture has ended.
   *
   * @throws {SyscallError} The file could not be written: `ENOSPC`.
   */
  get ended(): Promise<void> {
    const { signal } = this.#ended;
    if (this.#file !== undefined) return this.#file;
    if (signal.aborted) return Promise.resolve();
    return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
  }

  /** The packets that no loop has taken yet, and those that come, until the capture ends. */
  [Symbol.asyncIterator](): AsyncGenerator<CapturedPacket, void, undefined> {
    return interruptible((signal) => this.#read(signal));
  }

  /**
   * Ends the capture. With a file, what was captured until now is in it. Idempotent.
   *
   * @throws {SyscallError} The file could not be written: `ENOSPC`.
   */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#signal?.removeEventListener("abort", this.#abort);
    this.#end();
    if (this.#file === undefined) this.#ring[Symbol.dispose]();
    else await this.#file;
  }

  readonly #abort = (): void => {
    this[Symbol.asyncDispose]().catch(() => undefined); // who disposes it gets the error
  };

  async *#read(signal: AbortSignal): AsyncGenerator<CapturedPacket, void, undefined> {
    if (this.#isRead) throw new TypeError("Cannot read a capture in two loops at once: take the packets in one");
    this.#isRead = true;
    try {
      for (let count = 1; !signal.aborted; count++) {
        const packet = this.#take();
        if (packet === undefined) {
          if (await this.#isOver(signal)) break;
        } else {
          yield packet;
          if (count % TURN === 0) await turn();
        }
      }
    } finally {
      this.#isRead = false;
    }
    if (this.#ended.signal.aborted) await this.#file; // with what went wrong
  }

  #take(): CapturedPacket | undefined {
    if (this.#file !== undefined) return this.#waiting.shift();
    const packet = this.#ring.next();
    return packet && this.#copy(packet);
  }

  /** Waits until a packet is there; true if none will be. */
  async #isOver(signal: AbortSignal): Promise<boolean> {
    const isThere = (): boolean => this.#file === undefined ? this.#ring.isReady : this.#waiting.length > 0;
    const answer = await poll(() => {
      if (isThere()) return "packet";
      if (signal.aborted || this.#ended.signal.aborted) return "over";
      return this.#ring.isOver && this.#ring.isEmpty ? "over" : undefined;
    }, { longest: LONGEST_WAIT });
    return answer === "over";
  }

  #copy(packet: RingPacket): CapturedPacket {
    const { seconds, nanoseconds, isOutgoing, bytes, length, etherType, networkOffset, linkIndex } = packet;
    return {
      time: seconds * 1000 + nanoseconds / 1e6,
      direction: isOutgoing ? "out" : "in",
      bytes: bytes.slice(),
      link: this.#nameOf(linkIndex),
      length,
      etherType,
      networkOffset,
    };
  }

  readonly #nameOf = (index: number): string => {
    let name = this.#names.get(index);
    if (name === undefined) this.#names.set(index, name = this.#ring.linkName(index));
    return name;
  };

  /** Writes the packets to the file until the capture ends. */
  async #write(file: PcapngFile): Promise<void> {
    const { signal } = this.#ended;
    const ring = this.#ring;
    using _file = file;
    using _ring = ring;
    try {
      for (;;) {
        const isOver = signal.aborted || ring.isOver;
        if (isOver) {
          ring.stop();
          await poll(() => ring.isReady || ring.isEmpty || undefined, { longest: 1, timeout: LAST_WAIT });
        }
        await this.#drain(file);
        if (isOver && ring.isEmpty) break;
        await poll(() => ring.isReady || signal.aborted || ring.isOver || undefined, { longest: LONGEST_WAIT });
      }
      file.addDropped(ring.dropped);
      file.flush();
    } finally {
      this.#end();
    }
  }

  async #drain(file: PcapngFile): Promise<void> {
    let count = 0;
    for (let packet = this.#ring.next(); packet !== undefined; packet = this.#ring.next()) {
      file.add(packet, this.#nameOf);
      if (this.#isRead) {
        if (this.#waiting.length < READER_LIMIT) this.#waiting.push(this.#copy(packet));
        else this.#missed++;
      }
      if (++count % TURN === 0) await turn();
    }
    if (count > 0) file.flush();
  }
}

const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

function programOf(filter: CaptureOptions["filter"], snapLength: number): Uint8Array {
  if (filter instanceof Uint8Array) return filter;
  return compileFilter(typeof filter === "string" ? parseFilter(filter) : expressionOf(filter ?? {}), snapLength);
}

/** Untyped code may give anything; the kernel takes index 0 for all links. */
function checkLink(link: LinkRef): void {
  const index = typeof link === "object" && link !== null && "index" in link ? link.index : undefined;
  const isIndex = typeof index === "number";
  if (isIndex ? Number.isInteger(index) && index >= 1 && index <= LARGEST_INDEX : hasName(link)) return;
  const expected = isIndex ? `an index from 1 to ${LARGEST_INDEX}` : "a name";
  throw new TypeError(`Cannot use ${shown(link)} as link of a capture: expected ${expected}`);
}

const hasName = (link: LinkRef): boolean => !hasIndex(link) && nameOfRef(link) !== "";
