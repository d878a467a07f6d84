/** What ends a piece of work before its time: the caller's signal, and a limit of time. */

/** The longest time of a timer, in milliseconds: 24 days. A longer one would be over at once. */
const LONGEST = 2 ** 31 - 1;

/** A signal that aborts with the caller's, and when the time is over. Without either of them there is none. */
export class Limit implements Disposable {
  readonly #controller: AbortController | undefined;
  readonly #outer: AbortSignal | undefined;
  readonly #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #end = (): void => this.#controller?.abort(this.#outer?.reason);

  /**
   * Starts the time.
   *
   * @param ms In milliseconds; undefined is as long as it takes.
   * @param late Makes the reason for which the signal aborts when the time is over.
   * @throws The reason of the signal, if it is aborted.
   */
  constructor(signal: AbortSignal | undefined, ms: number | undefined, late: () => unknown) {
    signal?.throwIfAborted();
    if (ms === undefined || ms > LONGEST) {
      this.#outer = signal;
      return;
    }
    const controller = this.#controller = new AbortController();
    this.#outer = signal;
    signal?.addEventListener("abort", this.#end);
    this.#timer = setTimeout(() => controller.abort(late()), ms);
  }

  /** The signal: the caller's own, if there is no limit of time. */
  get signal(): AbortSignal | undefined {
    return this.#controller?.signal ?? this.#outer;
  }

  /** Lifts the limit. */
  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#outer?.removeEventListener("abort", this.#end);
  }
}

/** What `work` gives, or the reason of the signal as soon as that aborts, whatever the work does then. */
export async function orAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return await work;
  let abort = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(signal.reason);
    signal.addEventListener("abort", abort);
    if (signal.aborted) abort();
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
