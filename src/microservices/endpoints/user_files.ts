/** Small files of the user's configuration. */
import { close, O_NOCTTY, O_NONBLOCK, O_RDONLY, open, read, S_IFMT, S_IFREG, statusOf } from "../../../ffi/mod.ts";
import { isErrno } from "../../errors.ts";

/** The longest file that is read, in bytes. */
const LONGEST = 1024 * 1024;
/** How much is read at once, in bytes. */
const CHUNK = 16 * 1024;

/**
 * The content of a text file; undefined if it does not exist. It never blocks, not even on a FIFO.
 *
 * @throws {SyscallError} It cannot be opened or read.
 * @throws {Error} It is no regular file, or too long.
 */
export function readIfThere(path: string): string | undefined {
  const fd = openIfThere(path);
  if (fd === undefined) return undefined;
  try {
    if ((statusOf(fd).mode & S_IFMT) !== S_IFREG) throw new Error(`${path} is not a regular file`);
    const decoder = new TextDecoder();
    const chunk = new Uint8Array(CHUNK);
    let text = "";
    for (let length = 0;;) {
      const got = read(fd, chunk, path);
      if (got === 0) return text + decoder.decode();
      length += got;
      if (length > LONGEST) throw new Error(`${path} is longer than ${LONGEST} bytes`);
      text += decoder.decode(chunk.subarray(0, got), { stream: true });
    }
  } finally {
    close(fd);
  }
}

function openIfThere(path: string): number | undefined {
  try {
    return open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR")) return undefined;
    throw error;
  }
}
