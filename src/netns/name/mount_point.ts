/** Giving an open namespace a name: a file on which it is mounted. */
import { constants } from "node:os";
import {
  close,
  isNsfs,
  MS_BIND,
  O_CREAT,
  O_EXCL,
  O_PATH,
  O_RDONLY,
  oNofollow,
  open as openPath,
  S_IFLNK,
  S_IFMT,
  S_IFREG,
  statusOf,
  SyscallError,
} from "../../../ffi/mod.ts";
import { isErrno } from "../../errors.ts";
import { namedNs } from "../../namespace.ts";
import { namedPath } from "../../switch/namespace_file.ts";
import { lockOrMakeDirectory, shareDirectory } from "./directory.ts";
import type { OperatingSystem, Syscall } from "./system_calls.ts";
import { Undo } from "./undo.ts";

/** Where names have their files, and what makes the system calls. */
export interface NameOptions {
  /** The directory of the files. */
  readonly netnsDir: string;
  /** What makes the system calls. */
  readonly system: OperatingSystem & Syscall;
  /** True: a stale file of this name is the caller's own, and used. @default {false} */
  readonly repairs?: boolean | undefined;
}

/** How often a file is made anew that another process removes before the namespace is mounted on it. */
const MOST_TRIES = 100;

/**
 * Mounts the namespace that `open` gives on a new file of this name.
 *
 * The lock is waited for only a while, so another process may take the file for one that a crash left, and remove it. The
 * kernel mounts nothing on a file that was removed: when the mount is made, the name is there.
 */
export function nameOpened<N extends { readonly fd: number }>(
  name: string,
  { netnsDir, system, repairs = false }: NameOptions,
  open: (undo: Undo) => N,
): N {
  namedNs(name);
  const path = namedPath(name, netnsDir);
  using undo = new Undo();
  using _lock = lockOrMakeDirectory(netnsDir, system, undo);
  shareDirectory(netnsDir, system, undo);
  let namespace: N | undefined;
  let isOurs = false;
  undo.add(() => isOurs && system.remove(path));
  for (let tries = 1;; tries++) {
    using point = makeMountPoint(path, system, repairs);
    isOurs = point.isNew;
    namespace ??= open(undo);
    try {
      mountOn(point.fd, path, namespace, system);
    } catch (error) {
      if (!isErrno(error, "ENOENT") || statusOf(point.fd).links > 0) throw error;
      isOurs = false; // it is gone: what has its name now is somebody else's
      if (tries === MOST_TRIES) throw error;
      continue;
    }
    undo.commit();
    return namespace;
  }
}

/** An open file on which a namespace can be mounted. */
interface MountPoint extends Disposable {
  readonly fd: number;
  /** False if it was there before. */
  readonly isNew: boolean;
}

/** Mounts on the open file, and so never on what somebody else put at its path meanwhile, such as a symbolic link. */
function mountOn(fd: number, path: string, namespace: { readonly fd: number }, system: Syscall): void {
  const target = `/proc/self/fd/${fd}`;
  try {
    system.mount(`/proc/self/fd/${namespace.fd}`, target, "none", MS_BIND, "");
  } catch (error) {
    if (!(error instanceof SyscallError) || error.path !== target) throw error;
    throw new SyscallError(error.syscall, error.errno, { path, remedy: error.remedy, cause: error });
  }
}

/**
 * Makes the empty file on which the namespace is mounted. O_EXCL fails if the name is taken, and follows no symbolic
 * link.
 */
function makeMountPoint(path: string, system: OperatingSystem, repairs: boolean): MountPoint {
  for (let tries = 1;; tries++) {
    try {
      return mountPoint(system.openFile(path, O_RDONLY | O_CREAT | O_EXCL, 0), true);
    } catch (error) {
      if (!isErrno(error, "EEXIST")) throw error;
      const fd = openStale(path, error, system, repairs);
      if (fd !== undefined) return mountPoint(fd, false);
      if (tries === MOST_TRIES) throw error;
    }
  }
}

const mountPoint = (fd: number, isNew: boolean): MountPoint => ({ fd, isNew, [Symbol.dispose]: () => close(fd) });

/**
 * Opens a file that a crash left before the namespace was mounted on it. It may also be that of a live namespace, whose mount
 * is not seen here: a container sees the directory of the host without what is mounted in it. So it is opened only for who
 * made it.
 *
 * @param taken The error that says that the name is taken.
 * @returns Its descriptor; undefined if it is gone by now.
 * @throws {SyscallError} It is something else; the error has the errno of `taken`.
 */
function openStale(path: string, taken: SyscallError, system: OperatingSystem, repairs: boolean): number | undefined {
  let fd: number;
  try {
    fd = system.openFile(path, O_PATH | oNofollow(), 0);
  } catch (error) {
    if (isErrno(error, "ENOENT")) return undefined;
    throw error;
  }
  try {
    const { isStale, remedy } = takenBy(fd);
    if (isStale && repairs) return fd;
    throw new SyscallError("open", taken.errno, { path, remedy, cause: taken });
  } catch (error) {
    close(fd);
    throw error;
  }
}

/** What has a name: an open file (O_PATH). */
function takenBy(fd: number): Obstacle {
  const type = statusOf(fd).mode & S_IFMT;
  const isStale = type === S_IFREG && !isNsfs(fd);
  return { isStale, remedy: isStale ? STALE : remedyFor(type) };
}

/** Something that has a name which is to be given. */
export interface Obstacle {
  /** True of a file that a crash left before the namespace was mounted on it. */
  readonly isStale: boolean;
  /** What it is, and what to do. */
  readonly remedy: string;
}

/** What has a name, and the error with which that could not be given. */
export interface FoundObstacle extends Obstacle {
  /** `EEXIST`, as if it had been tried. */
  readonly error: SyscallError;
}

/** What has the file of a name; undefined if nothing has. */
export function obstacleAt(path: string): FoundObstacle | undefined {
  let fd: number;
  try {
    fd = openPath(path, O_PATH | oNofollow(), 0);
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR")) return undefined;
    throw error;
  }
  try {
    const obstacle = takenBy(fd);
    return { ...obstacle, error: new SyscallError("open", constants.errno.EEXIST, { path, remedy: obstacle.remedy }) };
  } finally {
    close(fd);
  }
}

const STALE = "it is stale: no namespace is mounted on it here; if none is elsewhere, as on the host of a container, " +
  "`netns del` removes it";

/** What to do about a name that a file of this type has. */
function remedyFor(type: number): string {
  if (type === S_IFREG) return "a namespace of this name exists; choose another, or delete it first";
  const what = type === S_IFLNK ? "a symbolic link, which is not followed" : "something that is no namespace";
  return `there is ${what}; choose another name, or delete it first`;
}
