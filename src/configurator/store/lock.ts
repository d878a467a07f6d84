/** The lock of a state directory: a file of its own, which nobody but its owner can open. See flock(2). */
import {
  close,
  geteuid,
  O_CREAT,
  O_NONBLOCK,
  O_RDONLY,
  oNofollow,
  open,
  readText,
  S_IFMT,
  S_IFREG,
  statusOf,
  SyscallError,
  tryLockExclusive,
} from "../../../ffi/mod.ts";
import { pause } from "../../async/pause.ts";
import { StateFileError } from "../../errors.ts";

/** Owner may read and write: a lock that another user can open is one that another user can hold. */
const LOCK_MODE = 0o600;
/** How often it tries again while another process holds the lock, in milliseconds. */
const INTERVAL = 20;
/** The time after which it says whom it waits for, in milliseconds. */
const PATIENCE = 1000;

/** Options of {@linkcode lockFile}. */
export interface LockOptions {
  /** Ends the wait. */
  readonly signal?: AbortSignal | undefined;
  /** Is called once after a second of waiting, with what it waits for: `"process 42 holds /run/…/.lock"`. */
  readonly onWait?: ((reason: string) => void) | undefined;
}

/**
 * Takes the lock, and waits while another process has it. It ends with the process that holds it.
 *
 * @throws {SyscallError} The file cannot be made or opened: `ELOOP` if a symbolic link lies in its place.
 * @throws {StateFileError} It is a FIFO, say, or belongs to another user, who could hold it for ever.
 * @throws The reason of the signal, if that ends the wait.
 */
export async function lockFile(path: string, { signal, onWait }: LockOptions = {}): Promise<Disposable> {
  // O_NONBLOCK: a FIFO in its place would be waited for.
  const fd = open(path, O_RDONLY | O_CREAT | O_NONBLOCK | oNofollow(), LOCK_MODE);
  try {
    const { mode, uid } = statusOf(fd);
    if ((mode & S_IFMT) !== S_IFREG) throw new StateFileError(path, "it is not a regular file");
    if (uid !== 0 && uid !== geteuid()) throw new StateFileError(path, `it belongs to the user ${uid}`);
    let begin: number | undefined; // most locks are free, and Node loads what knows the time when it is first asked
    let said = false;
    // It tries again and again, in place of one call that waits: this thread may hold the lock itself, and a signal ends the wait.
    while (!tryLockExclusive(fd, path)) {
      signal?.throwIfAborted();
      begin ??= performance.now();
      if (!said && performance.now() - begin >= PATIENCE) {
        onWait?.(`waiting for ${holderOf(fd)}, which holds ${path}`);
        said = true;
      }
      await pause(INTERVAL, signal);
    }
  } catch (error) {
    close(fd);
    throw error;
  }
  return { [Symbol.dispose]: () => close(fd) };
}

/** Who holds the lock of an open file: `"process 42"`. See proc_locks(5). */
function holderOf(fd: number): string {
  const { inode } = statusOf(fd);
  let locks: string;
  try {
    locks = readText("/proc/locks");
  } catch (error) {
    if (error instanceof SyscallError) return "another process";
    throw error;
  }
  const [, pid] = locks.match(new RegExp(`FLOCK\\s+ADVISORY\\s+WRITE\\s+(\\d+)\\s+\\S+:${inode}\\s`)) ?? [];
  return pid === undefined ? "another process" : `process ${pid}`;
}
