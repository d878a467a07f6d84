/** From callbacks to an async iterable. */

/** Options of {@linkcode EventQueue}. */
export interface EventQueueOptions<T> {
  /** How many values may wait for the loop. */
  readonly limit: number;
  /**
   * What happens past the limit. `"drop-oldest"`: the oldest value is lost, for values of which the last says everything.
   * A function: new values are lost until the loop has taken those that wait; then it gets what the function gives, called
   * once, which stands for what was lost.
   */
  readonly overrun: "drop-oldest" | (() => readonly T[]);
}

/** Values that callbacks put in and one `for await` loop takes out, in order. */
export class EventQueue<T> {
  readonly #limit: number;
  readonly #overrun: EventQueueOptions<T>["overrun"];
  #values: T[] = [];
  #lost = false;
  #wake: (() => void) | undefined;
  #ended = false;
  #error: { readonly reason: unknown } | undefined;

  /** An empty queue. */
  constructor({ limit, overrun }: EventQueueOptions<T>) {
    this.#limit = limit;
    this.#overrun = overrun;
  }

  /** Puts a value in; after the end it is dropped. */
  push(value: T): void {
    if (this.#ended || this.#lost) return;
    if (this.#values.length >= this.#limit) {
      if (this.#overrun !== "drop-oldest") {
        this.#lost = true;
        return;
      }
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
   * @throws The reason of {@linkcode EventQueue.end}.
   */
  async *values(signal?: AbortSignal): AsyncGenerator<T, void, undefined> {
    const wake = (): void => this.#wake?.();
    signal?.addEventListener("abort", wake);
    try {
      while (!signal?.aborted) {
        if (this.#values.length > 0) yield this.#values.shift() as T; // there is one, if only `undefined`
        else if (this.#lost && !this.#ended && this.#overrun !== "drop-oldest") {
          this.#lost = false; // what comes from here on waits behind what stands for the lost values
          this.#values = [...this.#overrun()];
        } else if (this.#error !== undefined) throw this.#error.reason;
        else if (this.#ended) return;
        else await new Promise<void>((resolve) => this.#wake = resolve);
      }
    } finally {
      signal?.removeEventListener("abort", wake);
      this.end();
    }
  }
}
