/** Notices changes of which the kernel sends no event. */
import { NetlinkError, SyscallError } from "../../errors.ts";

/** How often is read, in milliseconds. */
const INTERVAL = 1000;

/** Reads what a configuration describes once a second. */
export class PolledWatch<T> implements Disposable {
  readonly #readOne: (watched: T) => string;
  readonly #onChange: (watched: T) => void;
  readonly #interval: number;
  #watched: readonly T[] = [];
  #seen: ReadonlyMap<string, string> = new Map();
  #timer: ReturnType<typeof setInterval> | undefined;

  /**
   * Calls `onChange` with each that is another than before.
   *
   * @param read What is there, as a text that is another one after a change.
   * @param interval How often is read, in milliseconds.
   */
  constructor(read: (watched: T) => string, onChange: (watched: T) => void, interval: number = INTERVAL) {
    this.#readOne = read;
    this.#onChange = onChange;
    this.#interval = interval;
  }

  /**
   * Follows these and no others. One that is followed already and is not what it was is a change: somebody may
   * have changed it since an apply read it. From now on it is compared with what it is now.
   */
  follow(watched: readonly T[]): void {
    this.#watched = watched;
    if (watched.length === 0) return this[Symbol.dispose]();
    this.#look();
    this.#timer ??= setInterval(() => this.#look(), this.#interval);
  }

  /** Ends reading. */
  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#seen = new Map();
  }

  /** Reads all, and compares it with what it was; what is followed for the first time is no change. */
  #look(): void {
    const before = this.#seen;
    const read = this.#watched.map((watched) => ({ watched, key: keyOf(watched), text: this.#read(watched) }));
    this.#seen = new Map(read.map(({ key, text }) => [key, text]));
    for (const { watched, key, text } of read) if (text !== (before.get(key) ?? text)) this.#onChange(watched);
  }

  #read(watched: T): string {
    try {
      return this.#readOne(watched);
    } catch (error) {
      if (error instanceof NetlinkError || error instanceof SyscallError) return ""; // apply says why
      throw error;
    }
  }
}

/** What is followed, as a text by which it is known again. */
const keyOf = (watched: unknown): string => JSON.stringify(watched);
