/** Files that a configuration may own. */
import { readText, S_IFLNK, S_IFMT, S_IFREG, statusAt } from "../../../ffi/mod.ts";
import { isErrno } from "../../errors.ts";

/**
 * The content of a file; undefined if there is none, or something else.
 *
 * @throws {SyscallError} It cannot be read.
 */
export function textAt(path: string): string | undefined {
  try {
    return (statusAt(path).mode & S_IFMT) === S_IFREG ? readText(path) : undefined;
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR", "ELOOP")) return undefined;
    throw error;
  }
}

/** What stands at a path and could not be put back by its content; undefined: a file, or nothing. */
export function oddAt(path: string): string | undefined {
  try {
    const type = statusAt(path, false).mode & S_IFMT;
    if (type === S_IFREG) return undefined;
    return type === S_IFLNK ? "a symbolic link" : "no regular file";
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR")) return undefined;
    throw error;
  }
}
