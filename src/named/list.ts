/** Lists named namespaces. */
import { close, isNsfsAt, isThere, namespaceType, networkNamespaceInode, readDirectory } from "../../ffi/mod.ts";
import { namedNs } from "../namespace.ts";
import { namedPath, netnsDirectory, openUnchecked } from "../switch/namespace_file.ts";
import { isErrno } from "../errors.ts";
import { checkNamedOptions, type NamedOptions } from "./options.ts";

/** A file in the directory of named namespaces. */
export interface NamedNamespaceEntry {
  /** The name; each byte that is not UTF-8 is `\x` and two hexadecimal digits, and that text finds it again. */
  readonly name: string;
  /** The file. */
  readonly path: string;
  /** The number of the namespace's inode; absent for a stale file, and for a namespace that may not be opened. */
  readonly inode?: bigint;
  /**
   * True if the name leads to no namespace: a stale file, which only a deletion removes; or a dangling symbolic link,
   * likewise.
   */
  readonly stale: boolean;
  /** The type of a namespace that is no network namespace, as `/proc/PID/ns` names it: `"mnt"`. No name in use is one. */
  readonly otherType?: string;
}

/**
 * The names of all named namespaces, sorted, as `ip netns list` shows them, but without stale files and namespaces of
 * another type; {@linkcode inspectNamedNamespaces} has those too.
 *
 * @throws {SyscallError} The directory cannot be read; one that does not exist has no names.
 */
export function listNamedNamespaces(options: NamedOptions = {}): string[] {
  return inspectNamedNamespaces(options).filter(isLive).map(({ name }) => name);
}

/**
 * Everything in the directory of named namespaces, sorted by name, with the inode of each and whether it is stale.
 *
 * @throws {SyscallError} The directory cannot be read; one that does not exist has no entries.
 */
export function inspectNamedNamespaces(options: NamedOptions = {}): NamedNamespaceEntry[] {
  checkNamedOptions(options);
  const { netnsDir = netnsDirectory() } = options;
  let names: string[];
  try {
    names = readDirectory(netnsDir);
  } catch (error) {
    if (isErrno(error, "ENOENT")) return [];
    throw error;
  }
  return names.sort().flatMap((name) => {
    const path = namedPath(name, netnsDir);
    const status = inspect(path);
    return status === undefined ? [] : [{ name, path, ...status }];
  });
}

/**
 * True if there is a namespace of this name. A stale file is none, and neither is a namespace of another type.
 *
 * @throws {InvalidNamespaceError} No file can have this name.
 * @throws {SyscallError} The file cannot be inspected.
 */
export function namedNamespaceExists(name: string, options: NamedOptions = {}): boolean {
  checkNamedOptions(options);
  const { netnsDir = netnsDirectory() } = options;
  const status = inspect(namedPath(namedNs(name).name, netnsDir));
  return status !== undefined && isLive(status);
}

/** True of what is a network namespace, as far as this process may look. */
export const isLive = ({ stale, otherType }: Pick<NamedNamespaceEntry, "stale" | "otherType">): boolean =>
  !stale && otherType === undefined;

/** What is at `path`; undefined if nothing is, as another process may remove it at any time. */
function inspect(path: string): Omit<NamedNamespaceEntry, "name" | "path"> | undefined {
  try {
    // By path first: opening a file of another kind may have side effects.
    if (!isNsfsAt(path)) return { stale: true };
    const fd = openUnchecked(path);
    try {
      const inode = networkNamespaceInode(fd);
      if (inode !== undefined) return { inode, stale: false };
      const otherType = namespaceType(fd);
      return otherType === undefined ? { stale: true } : { stale: false, otherType };
    } finally {
      close(fd);
    }
  } catch (error) {
    if (isErrno(error, ...LEADS_NOWHERE)) return isThere(path) ? { stale: true } : undefined;
    if (isErrno(error, "EACCES")) return { stale: false }; // a link to the namespace of another user's process
    throw error;
  }
}

/** The errors of a dangling symbolic link; the first is also that of a name that is gone. */
const LEADS_NOWHERE = ["ENOENT", "ENOTDIR", "ELOOP"] as const;
