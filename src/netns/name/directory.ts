/** The directory of named namespaces: a shared mount, as `ip netns` makes it, locked during changes. */
import {
  close,
  MS_BIND,
  MS_REC,
  MS_SHARED,
  O_RDONLY,
  oDirectory,
  pauseThread,
  printable,
  statusOf,
  tryLockExclusive,
} from "../../../ffi/mod.ts";
import { InvalidNamespaceError, isErrno } from "../../errors.ts";
import type { OperatingSystem, Syscall } from "./system_calls.ts";
import type { Undo } from "./undo.ts";

/** Only the owner may write, as `ip netns` makes it. */
const DIRECTORY_MODE = 0o755;

/** How long another process that has the lock is waited for, and the time between two tries, in milliseconds. */
const PATIENCE = 1000;
const INTERVAL = 1;

/**
 * Waits for the lock of the directory, which `ip netns add` takes too, and holds it until the result is disposed. See
 * flock(2).
 *
 * It waits for a second and then goes on: everybody who can open the directory can hold this lock. O_EXCL decides whose
 * a name is; the lock only spares useless attempts.
 *
 * @throws {SyscallError} `ENOENT`: there is no such directory.
 * @throws {InvalidNamespaceError} Every user may replace files in it.
 */
export function lockDirectory(netnsDir: string, system: OperatingSystem): Disposable {
  const fd = system.openFile(netnsDir, O_RDONLY | oDirectory(), 0);
  try {
    refuseOpenToAll(fd, netnsDir);
    const end = performance.now() + PATIENCE;
    while (!tryLockExclusive(fd, netnsDir) && performance.now() < end) pauseThread(INTERVAL);
  } catch (error) {
    close(fd);
    throw error;
  }
  return { [Symbol.dispose]: () => close(fd) };
}

/** Everybody may write; only the owner of a file may replace it. See inode(7). */
const S_IWOTH = 0o002;
const S_ISVTX = 0o1000;

/** Refuses a directory in which every user may replace a file, and so choose what root mounts and unmounts. */
function refuseOpenToAll(fd: number, netnsDir: string): void {
  const { mode } = statusOf(fd);
  if ((mode & S_IWOTH) === 0 || (mode & S_ISVTX) !== 0) return;
  const expected = `one in which not every user may replace files; chmod o-w ${printable(netnsDir)}`;
  throw new InvalidNamespaceError(netnsDir, "the directory of named namespaces", expected);
}

/** {@linkcode lockDirectory}, which makes a missing directory. */
export function lockOrMakeDirectory(netnsDir: string, system: OperatingSystem, undo: Undo): Disposable {
  try {
    return lockDirectory(netnsDir, system);
  } catch (error) {
    if (!isErrno(error, "ENOENT")) throw error;
  }
  system.mkDirAll(netnsDir, DIRECTORY_MODE);
  undo.add(() => system.remove(netnsDir));
  return lockDirectory(netnsDir, system);
}

/**
 * Makes the directory a shared mount, so that names appear and disappear in every mount namespace: otherwise the mount
 * namespace of an older process would keep a deleted namespace alive. See mount_namespaces(7).
 */
export function shareDirectory(netnsDir: string, system: Syscall, undo: Undo): void {
  const share = (): void => system.mount("", netnsDir, "none", MS_SHARED | MS_REC, "");
  try {
    return share();
  } catch (error) {
    if (!isErrno(error, "EINVAL")) throw error; // it is no mount yet
  }
  system.mount(netnsDir, netnsDir, "none", MS_BIND | MS_REC, "");
  undo.add(() => system.unmount(netnsDir, 0));
  share();
}
