/** A limit of time for one piece of work. */

/** A signal that aborts with another one, and when the time is over. */
export class Deadline implements Disposable {
  readonly #limit = new AbortController();
  readonly #outer: AbortSignal;
  readonly #timer: ReturnType<typeof setTimeout>;
  readonly #end = (): void => this.#limit.abort(this.#outer.reason);

  /**
   * Starts the time.
   *
   * @param ms In milliseconds.
   * @throws The reason of the signal, if it is aborted.
   */
  constructor(signal: AbortSignal, ms: number) {
    signal.throwIfAborted();
    this.#outer = signal;
    signal.addEventListener("abort", this.#end);
    this.#timer = setTimeout(() => this.#limit.abort(new Error(`no answer in ${ms / 1000} s`)), ms);
  }

  /** The signal. */
  get signal(): AbortSignal {
    return this.#limit.signal;
  }

  /** What `work` gives, or the reason of the signal as soon as that aborts, whatever the work does then. */
  async of<T>(work: Promise<T>): Promise<T> {
    let abort = (): void => undefined;
    const aborted = new Promise<never>((_, reject) => {
      abort = () => reject(this.signal.reason);
      this.signal.addEventListener("abort", abort);
    });
    try {
      return await Promise.race([work, aborted]);
    } catch (error) {
      throw this.signal.aborted ? this.signal.reason : error;
    } finally {
      this.signal.removeEventListener("abort", abort);
    }
  }

  /** Lifts the limit of time; the other signal still ends the work. */
  lift(): void {
    clearTimeout(this.#timer);
  }

  /** Lifts both limits. */
  [Symbol.dispose](): void {
    this.lift();
    this.#outer.removeEventListener("abort", this.#end);
  }
}
