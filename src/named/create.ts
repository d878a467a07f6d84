/** Creating a named namespace. */
import {
  close,
  isNsfs,
  isNsfsAt,
  MS_BIND,
  O_CREAT,
  O_EXCL,
  O_PATH,
  O_RDONLY,
  oNofollow,
  S_IFLNK,
  S_IFMT,
  S_IFREG,
  statusAt,
  statusOf,
  SyscallError,
} from "../../ffi/mod.ts";
import { namedNs } from "../namespace.ts";
import type { NsHandle } from "../netns/handle.ts";
import { namedPath } from "../netns/namespace_file.ts";
import type { SystemAPI } from "../system/api.ts";
import { isErrno } from "../errors.ts";
import { lockOrMakeDirectory, shareDirectory } from "./directory.ts";
import { type NamedOptions, withDefaults } from "./options.ts";
import { Undo } from "./undo.ts";

/**
 * Creates an empty network namespace and names it, as `ip netns add` does.
 *
 * The thread is away for three system calls and is back when this returns or throws. If it fails, it leaves neither file
 * nor mount. It reuses a file that a crash left without a namespace. Needs CAP_SYS_ADMIN. See network_namespaces(7),
 * ip-netns(8).
 *
 * @param name 1 to 255 bytes of UTF-8, without `/` and NUL, not `.` or `..`.
 * @returns The open namespace, which the caller closes; closing it keeps the name.
 * @throws {InvalidNamespaceError} No file can have this name, or every user may replace files in the directory.
 * @throws {SyscallError} `EEXIST`: the name is taken. `EPERM`: no CAP_SYS_ADMIN.
 * @throws {NamespaceSwitchError} The thread could not return from the new namespace.
 *
 * @example Create, look, delete
 * ```ts
 * import { assert } from "@std/assert";
 * import { createNamedNamespace, deleteNamedNamespace, listNamedNamespaces } from "@netns/netns";
 *
 * using blue = createNamedNamespace("blue-example");
 * assert(blue.isOpen && listNamedNamespaces().includes("blue-example"));
 * deleteNamedNamespace("blue-example");
 * ```
 */
export function createNamedNamespace(name: string, options: NamedOptions = {}): NsHandle {
  return createPrepared(name, options, () => undefined);
}

/**
 * {@linkcode createNamedNamespace}, where `prepare` configures the namespace before it gets its name: nobody sees it half
 * configured, not even after a crash.
 *
 * @throws As {@linkcode createNamedNamespace}; what `prepare` throws, and then nothing is left.
 */
export function createPrepared(
  name: string,
  options: NamedOptions,
  prepare: (namespace: NsHandle) => void,
): NsHandle {
  return named(name, options, (system, undo) => {
    const namespace = system.newNetworkNamespace();
    undo.add(() => namespace.close());
    namespace.descriptor.name = name;
    prepare(namespace);
    return namespace;
  });
}

/**
 * Gives an open namespace a name, as `ip netns attach` does; it may have others.
 *
 * @throws As {@linkcode createNamedNamespace}; the handle stays open.
 */
export function nameNamespace(namespace: NsHandle, name: string, options: NamedOptions = {}): void {
  named(name, options, () => namespace);
}

/** Mounts what `open` gives on a new file of this name. */
function named(name: string, options: NamedOptions, open: (system: SystemAPI, undo: Undo) => NsHandle): NsHandle {
  namedNs(name);
  const { netnsDir, system } = withDefaults(options);
  const path = namedPath(name, netnsDir);
  using undo = new Undo();
  using _lock = lockOrMakeDirectory(netnsDir, system, undo);
  shareDirectory(netnsDir, system, undo);
  using point = makeMountPoint(path, system, undo);
  const namespace = open(system, undo);
  mountOn(point.fd, path, namespace, system);
  undo.commit();
  return namespace;
}

/** An open file on which a namespace can be mounted. */
interface MountPoint extends Disposable {
  readonly fd: number;
}

/** Mounts on the open file, and so never on what somebody else put at its path meanwhile, such as a symbolic link. */
function mountOn(fd: number, path: string, namespace: NsHandle, system: SystemAPI): void {
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
 * link. A file that a crash left is reused.
 */
function makeMountPoint(path: string, system: SystemAPI, undo: Undo): MountPoint {
  let fd: number;
  try {
    fd = system.openFile(path, O_RDONLY | O_CREAT | O_EXCL, 0);
    undo.add(() => system.remove(path));
  } catch (error) {
    if (!isErrno(error, "EEXIST")) throw error;
    fd = openStale(path, error, system);
  }
  return { fd, [Symbol.dispose]: () => close(fd) };
}

/**
 * Opens a file that a crash left before the namespace was mounted on it.
 *
 * @param taken The error that says that the name is taken.
 * @throws {SyscallError} It is something else; the error has the errno of `taken`.
 */
function openStale(path: string, taken: SyscallError, system: SystemAPI): number {
  const fd = system.openFile(path, O_PATH | oNofollow(), 0);
  try {
    const type = statusOf(fd).mode & S_IFMT;
    const isFree = type === S_IFREG && !isNsfs(fd);
    if (!isFree) throw new SyscallError("open", taken.errno, { path, remedy: remedyFor(type), cause: taken });
    return fd;
  } catch (error) {
    close(fd);
    throw error;
  }
}

/** What to do about a name that a file of this type has. */
function remedyFor(type: number): string {
  if (type === S_IFREG) return "a namespace of this name exists; choose another, or delete it first";
  const what = type === S_IFLNK ? "a symbolic link, which is not followed" : "something that is no namespace";
  return `there is ${what}; choose another name, or delete it first`;
}

/** True of a file that a crash left before the namespace was mounted on it. */
export function isStale(path: string): boolean {
  return (statusAt(path, false).mode & S_IFMT) === S_IFREG && !isNsfsAt(path);
}
