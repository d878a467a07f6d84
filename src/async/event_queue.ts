/** From callbacks to an async iterable. */
import { OverrunError } from "../errors.ts";

/** Options of {@linkcode EventQueue}. */
export interface EventQueueOptions {
  /** How many values may wait for the loop. */
  readonly limit: number;
  /**
   * What happens past the limit. `"throw"`: the loop takes the values that wait and then throws an
   * {@linkcode OverrunError}. `"drop-oldest"`: the oldest value is lost, for values of which the last says everything.
   *
   * @default {"throw"}
   */
  readonly overrun?: "throw" | "drop-oldest";
}

/** Values that callbacks put in and one `for await` loop takes out, in order. */
export class EventQueue<T> {
  readonly #limit: number;
  readonly #dropsOldest: boolean;
  readonly #values: T[] = [];
  #wake: (() => void) | undefined;
  #ended = false;
  #error: { readonly reason: unknown } | undefined;

  /** An empty queue. */
  constructor({ limit, overrun }: EventQueueOptions) {
    this.#limit = limit;
    this.#dropsOldest = overrun === "drop-oldest";
  }

  /** Puts a value in; after the end it is dropped. */
  push(value: T): void {
    if (this.#ended) return;
    if (this.#values.length >= this.#limit) {
      if (!this.#dropsOldest) return this.end(new OverrunError(this.#limit));
      this.#values.shift();
    }
    this.#values.push(value);
    this.#wake?.();
  }

  /** Ends the loop once it has taken the values that wait; with a reason, it then throws that. */
  end(...reason: [unknown?]): void {
    if (this.#ended) return;
    this.#ended = true;
    if (reason.length > 0) this.#error = { reason: reason[0] };
    this.#wake?.();
  }

  /**
   * The values, as they come.
   *
   * @param signal Ends the loop at once, without an error.
   * @throws The reason of {@linkcode EventQueue.end}; {@linkcode OverrunError}.
   */
  async *values(signal?: AbortSignal): AsyncGenerator<T, void, undefined> {
    const wake = (): void => this.#wake?.();
    signal?.addEventListener("abort", wake);
    try {
      while (!signal?.aborted) {
        if (this.#values.length > 0) yield this.#values.shift() as T; // there is one, if only `undefined`
        else if (this.#error !== undefined) throw this.#error.reason;
        else if (this.#ended) return;
        else await new Promise<void>((resolve) => this.#wake = resolve);
      }
    } finally {
      signal?.removeEventListener("abort", wake);
      this.end();
    }
  }
}
