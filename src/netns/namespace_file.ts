/** Opens namespace files, and says what is wrong with those that are none. */
import {
  close,
  isNsfs,
  networkNamespaceInode,
  O_NOCTTY,
  O_NONBLOCK,
  O_RDONLY,
  open,
  S_IFLNK,
  S_IFMT,
  statusAt,
  SyscallError,
} from "../../ffi/mod.ts";
import { InvalidNamespaceError, isErrno } from "../errors.ts";

/** Where `ip netns` and this library keep the files of named namespaces. */
export const NETNS_DIR = "/var/run/netns";

/** The namespace file of the calling thread. See namespaces(7). */
export const THREAD_NAMESPACE = "/proc/thread-self/ns/net";

/** What to do about a name that is not there. */
export const NO_SUCH_NAME = "there is no namespace of this name; `ip netns list` shows those there are";

const DANGLING = "it is a symbolic link whose target is gone; delete it";

/** The file of a named namespace. */
export function namedPath(name: string, netnsDir: string = NETNS_DIR): string {
  return `${netnsDir}/${name}`;
}

/**
 * Opens a file that should be a network namespace, without looking whether it is one: setns(2) does that, and
 * {@linkcode notANamespace} explains. Opening never waits, also not for the other end of a FIFO.
 *
 * @throws {SyscallError} It cannot be opened.
 */
export function openUnchecked(path: string, remedy?: string): number {
  try {
    return open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
  } catch (error) {
    if (isErrno(error, "ENXIO")) throw notANamespace(path, "it is a socket");
    if (!isErrno(error, "ENOENT") || remedy === undefined) throw error;
    throw new SyscallError("open", error.errno, { path, remedy, cause: error });
  }
}

function openExplained(path: string, remedy?: string): number {
  try {
    return openUnchecked(path, remedy);
  } catch (error) {
    if (!isErrno(error, "ENOENT") || !isLink(path)) throw error;
    throw new SyscallError("open", error.errno, { path, remedy: DANGLING, cause: error });
  }
}

/** True if there is a symbolic link, wherever it leads; asked to explain a failure, so its own failures say nothing. */
function isLink(path: string): boolean {
  try {
    return (statusAt(path, false).mode & S_IFMT) === S_IFLNK;
  } catch {
    return false;
  }
}

/** A network namespace file that was opened. */
export interface Opened {
  readonly fd: number;
  readonly inode: bigint;
}

/**
 * Opens a network namespace file, and makes sure that it is one.
 *
 * @throws {SyscallError} It cannot be opened.
 * @throws {InvalidNamespaceError} It is a file of another kind.
 */
export function openChecked(path: string, remedy?: string): Opened {
  const fd = openExplained(path, remedy);
  try {
    const inode = networkNamespaceInode(fd);
    if (inode !== undefined) return { fd, inode };
    throw explain(fd, path);
  } catch (error) {
    close(fd);
    throw error;
  }
}

/** Why the kernel refuses the file behind `fd`; asked only after it did. */
export function explain(fd: number, path: string): InvalidNamespaceError {
  return notANamespace(
    path,
    isNsfs(fd)
      ? "it is a namespace of another type"
      : "it is not on nsfs: another kind of file, or what is left where the namespace was unmounted",
  );
}

function notANamespace(path: string, why: string, options?: ErrorOptions): InvalidNamespaceError {
  return new InvalidNamespaceError(path, "a network namespace", `the file of a network namespace; ${why}`, options);
}
