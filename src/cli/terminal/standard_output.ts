/** Standard output, whose disk may be full and whose reader may go away. */
import process from "node:process";

/** Writes to standard output and remembers the first failure. Nothing is written after that. */
export class StandardOutput {
  readonly #onClosed: () => void;
  #isUsed = false;
  #isClosed = false;
  #failure: Error | undefined;

  /** @param onClosed Called once, when nothing can be written any more. */
  constructor(onClosed: () => void) {
    this.#onClosed = onClosed;
  }

  /** Queues `text`. */
  write(text: string): void {
    if (this.#isClosed) return;
    try {
      if (!this.#isUsed) process.stdout.on("error", (error) => this.#fail(error));
      this.#isUsed = true;
      process.stdout.write(text, (error) => error && this.#fail(error));
    } catch (error) {
      this.#fail(error instanceof Error ? error : new Error(String(error)));
    }
  }

  /** Waits until everything is written; resolves to the failure, if there was one. EPIPE is none. */
  async flushed(): Promise<Error | undefined> {
    if (this.#isUsed && !this.#isClosed) {
      const error = await new Promise<Error | null | undefined>((resolve) => process.stdout.write("", resolve));
      if (error) this.#fail(error);
    }
    return this.#failure;
  }

  #fail(error: NodeJS.ErrnoException): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (error.code !== "EPIPE") this.#failure = error;
    this.#onClosed();
  }
}
