/** Directories with those above them. */
import { chmodSync, mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { codeOf } from "./reason.ts";

/**
 * Makes a directory and what is missing above it; one that exists, or that another process makes meanwhile, is no error.
 * `recursive` of Node does this too, but on a read-only file system it says ENOENT.
 *
 * @throws {Error} It cannot be made: the error of `mkdir` of the directory that failed.
 */
export function makeDirectories(path: string, mode?: number): void {
  const above = dirname(path);
  try {
    makeDirectory(path, mode);
  } catch (error) {
    if (codeOf(error) !== "ENOENT" || above === path) throw error;
    makeDirectories(above, mode);
    makeDirectory(path, mode);
  }
}

function makeDirectory(path: string, mode?: number): void {
  try {
    mkdirSync(path, mode);
    if (mode !== undefined) chmodSync(path, mode); // whatever the umask is
  } catch (error) {
    if (codeOf(error) !== "EEXIST" || !statSync(path, { throwIfNoEntry: false })?.isDirectory()) throw error;
  }
}
