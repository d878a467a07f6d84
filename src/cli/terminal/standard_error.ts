/** Standard error, written synchronously. */
import { Buffer } from "node:buffer";
import { writeSync } from "node:fs";
import process from "node:process";

const STDERR = 2;

/**
 * Writes `text` to standard error. It does not create `process.stderr`, which would leave a pipe non-blocking for the
 * command of `netns exec`. Text that cannot be written is dropped: the exit status reports the failure too.
 */
export function writeStandardError(text: string): void {
  let rest = Buffer.from(text);
  try {
    while (rest.length > 0) rest = rest.subarray(writeSync(STDERR, rest));
  } catch (error) {
    // The pipe is full, and another process has made it non-blocking: the stream waits until it can write.
    if (error instanceof Error && "code" in error && error.code === "EAGAIN") process.stderr.write(rest);
  }
}
