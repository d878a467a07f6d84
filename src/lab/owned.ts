/** What a host has open, and what it waits for. */

import { checkOptions } from "../netns/checks.ts";

/** How one thing is closed. */
type Close = () => unknown;

/** Closes what is open, and ends what is waited for, all at once. */
export class Owned {
  readonly #open = new Set<Close>();
  readonly #waiting = new Set<AbortController>();
  #over: { readonly reason: unknown } | undefined;

  /** Throws the reason of the end, after it. */
  check(): void {
    if (this.#over !== undefined) throw this.#over.reason;
  }

  /**
   * Has something closed at the end; after it, at once.
   *
   * @returns Forgets it: it is closed already.
   */
  add(close: Close): () => void {
    if (this.#over !== undefined) void Promise.resolve(close()).catch(() => undefined);
    else this.#open.add(close);
    return () => this.#open.delete(close);
  }

  /**
   * A signal that aborts at the end, and with another one.
   *
   * @returns The signal, and what lets go of both.
   * @throws {TypeError} The other one is no signal.
   */
  interruption(signal?: AbortSignal | null): { readonly signal: AbortSignal; readonly release: () => void } {
    this.check();
    checkOptions({ signal: signal ?? undefined });
    signal?.throwIfAborted();
    const controller = new AbortController();
    const abort = (): void => controller.abort(signal?.reason);
    signal?.addEventListener("abort", abort);
    this.#waiting.add(controller);
    const release = (): void => {
      this.#waiting.delete(controller);
      signal?.removeEventListener("abort", abort);
    };
    return { signal: controller.signal, release };
  }

  /** Does what the end, or `signal`, interrupts. */
  async wait<T>(work: (signal: AbortSignal) => Promise<T>, given?: AbortSignal | null): Promise<T> {
    const { signal, release } = this.interruption(given);
    try {
      return await work(signal);
    } finally {
      release();
    }
  }

  /** Ends everything. Idempotent. */
  async end(reason: unknown): Promise<void> {
    this.#over ??= { reason };
    for (const controller of this.#waiting) controller.abort(reason);
    const open = [...this.#open];
    this.#open.clear();
    await Promise.all(open.map((close) => close()));
  }
}
