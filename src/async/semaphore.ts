/** A limit on how much goes on at once. */

/** Lets at most so many pieces of work go on at once; the others wait in the order in which they came. */
export class Semaphore {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  /** Lets `limit` go on at once. */
  constructor(limit: number) {
    this.#free = limit;
  }

  /** Calls `work` when it may go on, and gives what that gives. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift(); // which goes on in the place of this one
      if (next === undefined) this.#free++;
      else next();
    }
  }
}
