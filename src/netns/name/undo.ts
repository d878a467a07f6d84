/** Undoes a piece of work that fails half done. */

/**
 * Each step of the work adds how to undo it. A `using` block that ends before {@linkcode Undo.commit} undoes all steps,
 * the last one first.
 */
export class Undo implements Disposable {
  readonly #steps: (() => void)[] = [];

  /** Adds how to undo the step that was just made. */
  add(step: () => void): void {
    this.#steps.push(step);
  }

  /** The work is complete: nothing is undone. */
  commit(): void {
    this.#steps.length = 0;
  }

  [Symbol.dispose](): void {
    for (const step of this.#steps.reverse()) {
      try {
        step();
      } catch {
        // The error that led here is the one to report; the other steps must still be undone.
      }
    }
    this.#steps.length = 0;
  }
}
