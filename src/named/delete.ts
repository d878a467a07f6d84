/** Deleting the name of a namespace. */
import {
  close,
  isNsfs,
  isNsfsAt,
  MNT_DETACH,
  MS_BIND,
  O_NONBLOCK,
  O_RDONLY,
  oNofollow,
  S_IFLNK,
  S_IFMT,
  statusAt,
  SyscallError,
  UMOUNT_NOFOLLOW,
} from "../../ffi/mod.ts";
import { namedNs } from "../namespace.ts";
import { lockDirectory } from "../netns/name/directory.ts";
import { Undo } from "../netns/name/undo.ts";
import { namedPath, NO_SUCH_NAME } from "../switch/namespace_file.ts";
import type { SystemAPI } from "../system/api.ts";
import { isErrno } from "../errors.ts";
import { type NamedOptions, withDefaults } from "./options.ts";

/** How many mounts over each other on one file are removed. */
const MOST_MOUNTS = 64;

/**
 * Deletes a name of a namespace, as `ip netns del` does. The namespace itself ends with its last user: a process or a
 * socket in it, an open handle, another name. It also removes a file that a crash left without a namespace.
 *
 * If the file cannot be removed, the namespace is mounted on it again. Needs CAP_SYS_ADMIN. See ip-netns(8).
 *
 * @param name The name, as {@linkcode createNamedNamespace} takes it.
 * @throws {InvalidNamespaceError} No file can have this name, or every user may replace files in the directory.
 * @throws {SyscallError} `ENOENT`: there is no namespace of this name. `EPERM`: no CAP_SYS_ADMIN.
 */
export function deleteNamedNamespace(name: string, options: NamedOptions = {}): void {
  namedNs(name);
  const { netnsDir, system } = withDefaults(options);
  const path = namedPath(name, netnsDir);
  try {
    using _lock = lockDirectory(netnsDir, system);
    unname(path, system);
  } catch (error) {
    if (!isErrno(error, "ENOENT")) throw error;
    throw new SyscallError(error.syscall, error.errno, { path, remedy: NO_SUCH_NAME, cause: error });
  }
}

function unname(path: string, system: SystemAPI): void {
  // Open until the file is removed: if that fails, these are mounted again.
  const held: number[] = [];
  try {
    using undo = new Undo();
    for (let isMounted = true; isMounted;) {
      const namespace = held.length < MOST_MOUNTS ? openNamespace(path, system, held) : undefined;
      if (namespace !== undefined) {
        system.unmount(path, MNT_DETACH | UMOUNT_NOFOLLOW);
        undo.add(() => system.mount(`/proc/self/fd/${namespace}`, path, "none", MS_BIND, ""));
      }
      isMounted = !removed(path, system, namespace !== undefined);
    }
    undo.commit();
  } finally {
    held.forEach(close);
  }
}

/** Opens the namespace that is mounted on a file, if there is one, and adds it to `held`. */
function openNamespace(path: string, system: SystemAPI, held: number[]): number | undefined {
  try {
    const fd = system.openFile(path, O_RDONLY | O_NONBLOCK | oNofollow(), 0);
    held.push(fd);
    return isNsfs(fd) ? fd : undefined;
  } catch (error) {
    const isLink = isErrno(error, "ELOOP") && (statusAt(path, false).mode & S_IFMT) === S_IFLNK;
    if (isLink) return undefined;
    throw error;
  }
}

/**
 * Removes a file; false if another namespace is mounted on it: below the one that was `unmounted`, or since it was
 * looked at, by a process that creates the name.
 */
function removed(path: string, system: SystemAPI, unmounted: boolean): boolean {
  try {
    system.remove(path);
    return true;
  } catch (error) {
    if (isErrno(error, "EBUSY") && (unmounted || isNsfsAt(path))) return false;
    throw error;
  }
}
