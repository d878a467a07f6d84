/** From callbacks to an async iterable. */

/** Values that callbacks put in and one `for await` loop takes out, in order. */
export class EventQueue<T> {
  readonly #values: T[] = [];
  #wake: (() => void) | undefined;
  #ended = false;
  #error: { readonly reason: unknown } | undefined;

  /** Puts a value in; after the end it is dropped. */
  push(value: T): void {
    if (this.#ended) return;
    this.#values.push(value);
    this.#wake?.();
  }

  /** Ends the loop once it has taken what is in the queue; with a reason, it throws that. */
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
