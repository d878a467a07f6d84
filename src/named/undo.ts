/** What a half-made thing needs to be as it was before. */

/**
 * The undo comes with the do: each step leaves here how to take it back, and a `using` block that ends before
 * {@linkcode Undo.commit} takes everything back, the last step first.
 */
export class Undo implements Disposable {
  readonly #steps: (() => void)[] = [];

  /** Remembers how to take the step back that was just made. */
  add(step: () => void): void {
    this.#steps.push(step);
  }

  /** The whole is done: nothing is taken back. */
  commit(): void {
    this.#steps.length = 0;
  }

  [Symbol.dispose](): void {
    for (const step of this.#steps.reverse()) {
      try {
        step();
      } catch {
        // The error that led here is the one to report; the other steps must still be taken back.
      }
    }
    this.#steps.length = 0;
  }
}
