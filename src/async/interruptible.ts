/** Iterations that end at once, also while they wait. */

/**
 * An iteration whose `return()` ends a wait. That of an async generator is queued behind the `next()` that waits, which
 * may wait for ever.
 *
 * @param values Makes the values; its signal ends a wait at once, without an error.
 * @param signal Ends the iteration as `return()` does.
 */
export function interruptible<T>(
  values: (signal: AbortSignal) => AsyncGenerator<T, void, undefined>,
  signal?: AbortSignal,
): AsyncGenerator<T, void, undefined> {
  return new Interruptible(values, signal);
}

class Interruptible<T> implements AsyncGenerator<T, void, undefined> {
  readonly #ended = new AbortController();
  readonly #values: AsyncGenerator<T, void, undefined>;
  readonly #signal: AbortSignal | undefined;
  readonly #end = (): void => this.#ended.abort();
  #begun = false;

  constructor(values: (signal: AbortSignal) => AsyncGenerator<T, void, undefined>, signal: AbortSignal | undefined) {
    this.#values = values(this.#ended.signal);
    this.#signal = signal;
  }

  async next(): Promise<IteratorResult<T, void>> {
    if (!this.#begun) this.#begin();
    try {
      const result = await this.#values.next();
      if (result.done) this.#release();
      return result;
    } catch (error) {
      this.#release();
      throw error;
    }
  }

  async return(): Promise<IteratorResult<T, void>> {
    this.#end();
    this.#release();
    return await this.#values.return();
  }

  async throw(reason: unknown): Promise<IteratorResult<T, void>> {
    this.#end();
    this.#release();
    return await this.#values.throw(reason);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  #begin(): void {
    this.#begun = true;
    if (this.#signal?.aborted) this.#end();
    else this.#signal?.addEventListener("abort", this.#end);
  }

  #release(): void {
    this.#signal?.removeEventListener("abort", this.#end);
  }
}
