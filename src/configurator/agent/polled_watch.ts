/** Notices changes of which the kernel sends no event. */
import { NetlinkError, SyscallError } from "../../errors.ts";

/** How often is read, in milliseconds. */
const INTERVAL = 1000;

/** Reads what a configuration describes once a second. */
export class PolledWatch<T> implements Disposable {
  readonly #readOne: (watched: T) => string;
  readonly #onChange: () => void;
  #watched: readonly T[] = [];
  #seen: readonly string[] = [];
  #timer: ReturnType<typeof setInterval> | undefined;

  /**
   * Calls `onChange` when something is another than before.
   *
   * @param read What is there, as a text that is another one after a change.
   */
  constructor(read: (watched: T) => string, onChange: () => void) {
    this.#readOne = read;
    this.#onChange = onChange;
  }

  /** Follows these and no others. */
  follow(watched: readonly T[]): void {
    this.#watched = watched;
    if (watched.length === 0) return this[Symbol.dispose]();
    this.#seen = watched.map((one) => this.#read(one));
    this.#timer ??= setInterval(() => this.#look(), INTERVAL);
  }

  /** Ends reading. */
  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #look(): void {
    const now = this.#watched.map((one) => this.#read(one));
    const isChanged = now.some((text, index) => text !== this.#seen[index]);
    this.#seen = now;
    if (isChanged) this.#onChange();
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
