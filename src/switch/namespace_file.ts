/** Where namespaces have files, how these are opened, and what is wrong with a file that is no network namespace. */
import {
  identityOf,
  namespaceType,
  O_NOCTTY,
  O_NONBLOCK,
  O_RDONLY,
  open,
  S_IFLNK,
  S_IFMT,
  statusAt,
  SyscallError,
} from "../../ffi/mod.ts";
import { InvalidNamespaceError, isErrno, shown } from "../errors.ts";
import { mountAt, readMounts, realPath } from "../proc/mounts.ts";

/** Where `ip netns` keeps the files of named namespaces; in Debian, `/run/netns`, which is mostly the same directory. */
const NETNS_DIR = "/var/run/netns";
const OTHER_DIR = "/run/netns";

/** True once it is known that the two are one directory. */
let isOne = false;

/**
 * Where `ip netns` and this library keep the files of named namespaces. Where `/run` and `/var/run` are two directories, it is
 * the one that is a mount, as the first `ip netns add` makes it; if none or both are, `/run/netns`.
 */
export function netnsDirectory(): string {
  isOne ||= identityAt(NETNS_DIR.slice(0, -"/netns".length)) === identityAt(OTHER_DIR.slice(0, -"/netns".length));
  return isOne || (isMount(NETNS_DIR) && !isMount(OTHER_DIR)) ? NETNS_DIR : OTHER_DIR;
}

/** Which directory it is; undefined if there is none, or it must not be looked at. */
function identityAt(path: string): string | undefined {
  try {
    return identityOf(statusAt(path));
  } catch {
    return undefined;
  }
}

function isMount(path: string): boolean {
  try {
    return mountAt(readMounts(), realPath(path)) !== undefined;
  } catch {
    return false;
  }
}

/** The namespace file of the calling thread. See namespaces(7). */
export const THREAD_NAMESPACE = "/proc/thread-self/ns/net";

/** What to do about a name that is not there. */
export const NO_SUCH_NAME = "there is no namespace of this name; `ip netns list` shows those there are";

const ENDED = "the process has ended; its parent has not yet asked for its exit status";
const DANGLING = "it is a symbolic link whose target is gone; delete it";

/** The file of a named namespace. */
export function namedPath(name: string, netnsDir: string = netnsDirectory()): string {
  return `${netnsDir}/${name}`;
}

/** The namespace file of a process. */
export function processPath(pid: number): string {
  return `/proc/${pid}/ns/net`;
}

/**
 * Opens a file that should be a network namespace, without a check: setns(2) refuses other files, and
 * {@linkcode explain} says why. Opening never blocks, also not on a FIFO that nobody writes to.
 *
 * @param remedy What to do if there is no such file.
 * @throws {SyscallError} It cannot be opened.
 * @throws {InvalidNamespaceError} It is a socket.
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

/** {@linkcode openUnchecked}, which also distinguishes a zombie or a dangling symbolic link from a file that does not exist. */
export function openExplained(path: string, remedy?: string): number {
  try {
    return openUnchecked(path, remedy);
  } catch (error) {
    if (!isErrno(error, "ENOENT") || !isLink(path)) throw error;
    throw new SyscallError("open", error.errno, {
      path,
      remedy: /^\/proc\/\d+\/(task\/\d+\/)?ns\/net$/.test(path) ? ENDED : DANGLING,
      cause: error,
    });
  }
}

/** True of a symbolic link, wherever it leads. It only explains another failure, so it throws none of its own. */
function isLink(path: string): boolean {
  try {
    return (statusAt(path, false).mode & S_IFMT) === S_IFLNK;
  } catch {
    return false;
  }
}

/** Why the kernel refuses the file behind `fd`. */
export function explain(fd: number, path: string): InvalidNamespaceError {
  const type = namespaceType(fd);
  return notANamespace(
    path,
    type === undefined
      ? "it is not on nsfs: another kind of file, or what is left where the namespace was unmounted"
      : `it is a namespace of another type, ${type}`,
  );
}

function notANamespace(path: string, why: string): InvalidNamespaceError {
  return new InvalidNamespaceError(path, "a network namespace", `the file of a network namespace; ${why}`);
}

/**
 * Checks the directory of named namespaces.
 *
 * @throws {TypeError} It is no path.
 */
export function checkDirectory(netnsDir: unknown): void {
  const isPath = typeof netnsDir === "string" && netnsDir !== "" && !netnsDir.includes("\0");
  if (netnsDir === undefined || isPath) return;
  throw new TypeError(`Cannot use ${shown(netnsDir)} as netnsDir: expected the path of a directory`);
}
