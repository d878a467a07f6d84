/** Standard error, written synchronously where that does not wait. */
import { Buffer } from "node:buffer";
import { writeSync } from "node:fs";

const STDERR = 2;
/** So much a pipe takes whole or not at all; of more, Deno does not say how much was written. See pipe(7). */
const PIPE_BUF = 4096;
/** How long it waits for the reader of a full pipe, in milliseconds. */
const RETRY = 5;

let rest = Buffer.alloc(0);
let isWaiting = false;
let written = Promise.resolve();

/**
 * Writes `text` to standard error. It does not create `process.stderr`, which would leave a pipe non-blocking for the
 * command of `netns exec`. Text that cannot be written is dropped: the exit status reports the failure too.
 */
export function writeStandardError(text: string): void {
  rest = Buffer.concat([rest, Buffer.from(text)]);
  if (!isWaiting && !isWritten()) written = writeLater();
}

/** Waits until all is written: a process that is ended before loses the rest. */
export const standardErrorWritten = (): Promise<void> => written;

/** Writes what is left; false if the pipe is full, and another process has made it non-blocking. */
function isWritten(): boolean {
  try {
    while (rest.length > 0) rest = rest.subarray(writeSync(STDERR, rest.subarray(0, PIPE_BUF)));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EAGAIN") return false;
    rest = Buffer.alloc(0);
  }
  return true;
}

async function writeLater(): Promise<void> {
  isWaiting = true;
  do await new Promise((resolve) => setTimeout(resolve, RETRY)); while (!isWritten());
  isWaiting = false;
}
