/** Directories with those above them. */
import { mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";

/**
 * Makes a directory and what is missing above it; one that exists is no error. `recursive` of Node does this too, but on
 * a read-only file system it says ENOENT.
 *
 * @throws {Error} It cannot be made: the error of `mkdir` of the directory that failed.
 */
export function makeDirectories(path: string, mode?: number): void {
  try {
    mkdirSync(path, mode);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "EEXIST" && statSync(path, { throwIfNoEntry: false })?.isDirectory()) return;
    const above = dirname(path);
    if (code !== "ENOENT" || above === path) throw error;
    makeDirectories(above, mode);
    mkdirSync(path, mode);
  }
}
