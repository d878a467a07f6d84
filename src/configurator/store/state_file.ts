/** One file of a state: read only if this user alone can have written it, and replaced as a whole. */
import { chmodSync, closeSync, constants as fs, openSync, renameSync, writeFileSync } from "node:fs";
import process from "node:process";
import { makeDirectories } from "../../directories.ts";
import {
  close,
  geteuid,
  O_NONBLOCK,
  O_RDONLY,
  oNofollow,
  open as openFile,
  readTextOf,
  S_IFDIR,
  S_IFMT,
  S_IFREG,
  statusAt,
  statusOf,
  SyscallError,
  unlink,
} from "../../../ffi/mod.ts";
import { isErrno, StateFileError } from "../../errors.ts";

/** Owner alone may look: a state names what root will delete. */
const DIRECTORY_MODE = 0o700;
const FILE_MODE = 0o600;
/** The largest state file that is read, in bytes. */
const SIZE_MAX = 64 * 1024 * 1024;
/** The end of the name of a file that is not whole yet. */
export const UNFINISHED = ".tmp";
/** How many times this process has saved; with its id, the name of a file that no other writes. */
let saves = 0;

/**
 * Makes a directory for states, if it is missing.
 *
 * @throws {SyscallError} It cannot be made.
 * @throws {StateFileError} It belongs to another user.
 */
export function makeStateDirectory(directory: string): void {
  naming(directory, () => makeDirectories(directory, DIRECTORY_MODE));
  const { mode, uid } = statusAt(directory);
  if ((mode & S_IFMT) !== S_IFDIR || !isTrusted(uid)) {
    throw new StateFileError(directory, "it is not a directory of this user");
  }
  // An earlier version made it readable for everybody.
  if ((mode & 0o077) !== 0 && uid === geteuid()) {
    naming(directory, () => chmodSync(directory, DIRECTORY_MODE));
  }
}

/**
 * Replaces a file as a whole: after a crash it is the old one or the new one.
 *
 * @throws {SyscallError} It cannot be written (`ENOSPC`, `EROFS`): the one before is still there.
 */
export function replaceStateFile(path: string, text: string): void {
  const temporary = `${path}.${process.pid}.${++saves}${UNFINISHED}`;
  try {
    naming(temporary, () => {
      // O_EXCL: whatever lies there, a symbolic link say, is not written to.
      const file = openSync(temporary, fs.O_WRONLY | fs.O_CREAT | fs.O_EXCL, FILE_MODE);
      try {
        writeFileSync(file, text);
      } finally {
        closeSync(file);
      }
    });
    naming(path, () => renameSync(temporary, path));
  } catch (error) {
    try {
      removeStateFile(temporary);
    } catch {
      // The first failure is the one to report; whoever has the lock next removes what is left.
    }
    throw error;
  }
}

/** A file that this user or root made. */
const isTrusted = (uid: number): boolean => uid === 0 || uid === geteuid();

/**
 * The text of a state file; undefined if there is none.
 *
 * @throws {StateFileError} It is not one that {@linkcode replaceStateFile} can have written.
 * @throws {SyscallError} It cannot be read.
 */
export function readStateFile(path: string): string | undefined {
  let fd: number;
  try {
    fd = openFile(path, O_RDONLY | O_NONBLOCK | oNofollow());
  } catch (error) {
    if (isErrno(error, "ENOENT")) return undefined;
    if (isErrno(error, "ELOOP")) throw new StateFileError(path, "it is a symbolic link", { cause: error });
    if (isErrno(error, "ENXIO")) throw new StateFileError(path, "it is not a regular file", { cause: error });
    throw error;
  }
  try {
    const { mode, uid, size } = statusOf(fd);
    if ((mode & S_IFMT) !== S_IFREG) throw new StateFileError(path, "it is not a regular file");
    if (!isTrusted(uid)) throw new StateFileError(path, `it belongs to the user ${uid}`);
    if (size > SIZE_MAX) throw new StateFileError(path, `it has ${size} bytes; the most is ${SIZE_MAX}`);
    return readTextOf(fd, path, SIZE_MAX);
  } finally {
    close(fd);
  }
}

/** Removes a file, and only a file: what Deno has for it removes an empty directory as well. */
export function removeStateFile(path: string): void {
  try {
    unlink(path);
  } catch (error) {
    if (!isErrno(error, "ENOENT")) throw error; // gone already
  }
}

/**
 * What `work` with the file at `path` gives. The runtime's own errors name the call, and not always the file: not that
 * of a disk that is full, say.
 */
function naming<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof Error && "errno" in error && typeof error.errno === "number")) throw error;
    const syscall = "syscall" in error ? String(error.syscall) : "open";
    throw new SyscallError(syscall, Math.abs(error.errno), { path, cause: error });
  }
}
