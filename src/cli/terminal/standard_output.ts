/** Standard output, whose disk may be full and whose reader may go away. */
import { Buffer } from "node:buffer";
import { writeSync } from "node:fs";
import process from "node:process";

const STDOUT = 1;

/**
 * How much is written without a stream, in bytes: half of what a pipe holds, so that a slow reader holds up the stream alone.
 * A short output is printed sooner, because the stream loads a fifth of what an empty program does.
 */
const DIRECT = 32_768;

/** Writes to standard output and remembers the first failure. Nothing is written after that. */
export class StandardOutput {
  readonly #onClosed: () => void;
  #written = 0;
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
      const rest = this.#writeDirect(Buffer.from(text));
      if (rest.length === 0) return;
      if (!this.#isUsed) process.stdout.on("error", (error) => this.#fail(error));
      this.#isUsed = true;
      process.stdout.write(rest, (error) => error && this.#fail(error));
    } catch (error) {
      this.#fail(error instanceof Error ? error : new Error(String(error)));
    }
  }

  /** Writes what comes first; gives what is left for the stream. */
  #writeDirect(bytes: Buffer): Buffer {
    let rest = bytes;
    try {
      while (rest.length > 0 && !this.#isUsed && this.#written + rest.length <= DIRECT) {
        const count = writeSync(STDOUT, rest);
        this.#written += count;
        rest = rest.subarray(count);
      }
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EAGAIN")) throw error;
    }
    return rest;
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
