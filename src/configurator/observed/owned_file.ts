/** Files that a configuration may own. */
import { dirname } from "node:path";
import { printable, readText, S_IFLNK, S_IFMT, S_IFREG, statusAt } from "../../../ffi/mod.ts";
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

/** Where a file is written before it gets its place: one name, so that what a kill leaves there is found. */
export const unfinishedPath = (path: string): string => `${path}.netns-apply`;

/** True if something stands at a path, be it a link that leads nowhere. */
export const isThere = (path: string): boolean => typeAt(path) !== undefined;

/**
 * What stands at a path, or in the place of the directory above it, and could not be put back by its content: `"/etc/netns/blue
 * is a symbolic link"`. Undefined: a file, or nothing. Through a link in the place of the directory, what is somebody else's
 * would be written.
 */
export function oddAt(path: string): string | undefined {
  const above = dirname(path);
  if (typeAt(above) === S_IFLNK) return `${printable(above)} is a symbolic link`;
  const type = typeAt(path);
  if (type === undefined || type === S_IFREG) return undefined;
  return `${printable(path)} is ${type === S_IFLNK ? "a symbolic link" : "no regular file"}`;
}

function typeAt(path: string): number | undefined {
  try {
    return statusAt(path, false).mode & S_IFMT;
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR")) return undefined;
    throw error;
  }
}
