/** Files that a configuration may own. */
import { readText } from "../../../ffi/mod.ts";
import { isErrno } from "../../errors.ts";

/**
 * The content of a file; undefined if there is none.
 *
 * @throws {SyscallError} It cannot be read.
 */
export function textAt(path: string): string | undefined {
  try {
    return readText(path);
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR")) return undefined;
    throw error;
  }
}
