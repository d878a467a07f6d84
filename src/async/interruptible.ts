/** Iterations that end at once, also while they wait. */

/**
 * An iteration whose `return()` ends a wait. That of an async generator is queued behind the `next()` that waits, which
 * may wait for ever.
 *
 * @param values Makes the values; its signal ends a wait at once, without an error.
 * @param signal Ends the iteration as `return()` does.
 * @param release Called once when the iteration ends, also one of which no value was ever asked for.
 */
export function interruptible<T>(
  values: (signal: AbortSignal) => AsyncGenerator<T, void, undefined>,
  signal?: AbortSignal,
  release?: () => void,
): AsyncGenerator<T, void, undefined> {
  return new Interruptible(values, signal, release);
}

class Interruptible<T> implements AsyncGenerator<T, void, undefined> {
  readonly #ended = new AbortController();
  readonly #values: AsyncGenerator<T, void, undefined>;
  readonly #signal: AbortSignal | undefined;
  readonly #end = (): void => {
    this.#ended.abort();
    if (!this.#asked) this.#release(); // the values, which were never begun, end nothing
  };
  #onRelease: (() => void) | undefined;
  #begun = false;
  /** A value was asked for. */
  #asked = false;

  constructor(
    values: (signal: AbortSignal) => AsyncGenerator<T, void, undefined>,
    signal: AbortSignal | undefined,
    release: (() => void) | undefined,
  ) {
    this.#values = values(this.#ended.signal);
    this.#signal = signal;
    this.#onRelease = release;
    if (release !== undefined) this.#begin();
  }

  async next(): Promise<IteratorResult<T, void>> {
    this.#asked = true;
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
    const release = this.#onRelease;
    this.#onRelease = undefined;
    release?.();
  }
}
