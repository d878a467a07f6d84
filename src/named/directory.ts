/** The directory of named namespaces: a shared mount, as `ip netns` makes it, locked while it is changed. */
import {
  close,
  lockExclusive,
  MS_BIND,
  MS_REC,
  MS_SHARED,
  O_RDONLY,
  oDirectory,
  printable,
  statusOf,
} from "../../ffi/mod.ts";
import { InvalidNamespaceError, isErrno } from "../errors.ts";
import type { SystemAPI } from "../system/api.ts";
import type { Undo } from "./undo.ts";

/** Owner may write, everybody may look: as `ip netns` makes it. */
const DIRECTORY_MODE = 0o755;

/**
 * Waits until no other process (this library, or `ip netns add`) changes the directory, and keeps them out until
 * the result is disposed. See flock(2).
 *
 * @throws {SyscallError} `ENOENT`: there is no such directory.
 * @throws {InvalidNamespaceError} Everybody may replace what is in it.
 */
export function lockDirectory(netnsDir: string, system: SystemAPI): Disposable {
  const fd = system.openFile(netnsDir, O_RDONLY | oDirectory(), 0);
  try {
    refuseOpenToAll(fd, netnsDir);
    lockExclusive(fd, netnsDir);
  } catch (error) {
    close(fd);
    throw error;
  }
  return { [Symbol.dispose]: () => close(fd) };
}

/** The modes of a directory in which everybody may write, and in which only the owner of a file may replace it. */
const S_IWOTH = 0o002;
const S_ISVTX = 0o1000;

/** Where everybody may replace a name, root would be led to what anybody chose: mounting and unmounting stop here. */
function refuseOpenToAll(fd: number, netnsDir: string): void {
  const { mode } = statusOf(fd);
  if ((mode & S_IWOTH) === 0 || (mode & S_ISVTX) !== 0) return;
  const expected = `one whose names not everybody may replace; chmod o-w ${printable(netnsDir)}`;
  throw new InvalidNamespaceError(netnsDir, "the directory of named namespaces", expected);
}

/** {@linkcode lockDirectory}, for a directory that is made if it is missing. */
export function lockOrMakeDirectory(netnsDir: string, system: SystemAPI, undo: Undo): Disposable {
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
 * Makes the directory a shared mount, so that a namespace that is named or unnamed here is so in every mount
 * namespace: otherwise a process that was started before would keep a deleted namespace alive for ever. See
 * mount_namespaces(7).
 */
export function shareDirectory(netnsDir: string, system: SystemAPI, undo: Undo): void {
  const share = (): void => system.mount("", netnsDir, "none", MS_SHARED | MS_REC, "");
  try {
    return share();
  } catch (error) {
    if (!isErrno(error, "EINVAL")) throw error; // EINVAL: it is no mount yet
  }
  system.mount(netnsDir, netnsDir, "none", MS_BIND | MS_REC, "");
  undo.add(() => system.unmount(netnsDir, 0));
  share();
}
