/** The sysctls of a namespace: what sysctl(8) reads and writes, below `/proc/sys`. */
import { readDirectory, readText, S_IFDIR, S_IFMT, statusAt, SyscallError, writeText } from "../../ffi/mod.ts";
import { isErrno } from "../errors.ts";
import type { NsHandle } from "../netns/handle.ts";
import { A_SECRET, isSecretSysctl } from "./link_sysctls.ts";

/** The file of a key: dots become slashes, and a slash, which stands for a dot in a link's name, becomes a dot. */
function pathOf(key: string): string {
  return `/proc/sys/${key.split(".").map((part) => part.replaceAll("/", ".")).join("/")}`;
}

/** A value with one blank between its parts. */
function normalValue(text: string): string {
  return text.trim().replace(/\s+/g, " ");
}

/**
 * The values of `keys` in a namespace, in one switch to it; without those that it does not have, or does not let this
 * process read. `/proc/sys/net` shows the namespace of the thread that opens a file in it.
 *
 * @throws {SyscallError} One cannot be read for another reason.
 */
export function readSysctls(ns: NsHandle, keys: readonly string[]): Map<string, string> {
  return ns.run(() => {
    const values = new Map<string, string>();
    for (const key of keys) {
      try {
        values.set(key, normalValue(readText(pathOf(key))));
      } catch (error) {
        if (!isErrno(error, "ENOENT", "ENOTDIR", "EACCES", "EPERM", "EIO")) throw error; // EIO: a secret never set
      }
    }
    return values;
  });
}

/** The bits of a file that its owner may write and read: inode(7). */
const [S_IWUSR, S_IRUSR] = [0o200, 0o400];

/**
 * The values of all keys of `net` that can be read and written in a namespace, in one switch to it. Those that the whole
 * machine has are among them.
 *
 * @throws {SyscallError} One cannot be read.
 */
export function listSysctls(ns: NsHandle): Map<string, string> {
  return ns.run(() => {
    const values = new Map<string, string>();
    readKeys("net", values);
    return values;
  });
}

/** Reads the keys below one, on a thread in the namespace. */
function readKeys(key: string, values: Map<string, string>): void {
  for (const name of namesIn(key)) {
    const own = `${key}.${name.replaceAll(".", "/")}`;
    try {
      const { mode } = statusAt(pathOf(own));
      if ((mode & S_IFMT) === S_IFDIR) readKeys(own, values);
      else if ((mode & S_IWUSR) !== 0 && (mode & S_IRUSR) !== 0) values.set(own, normalValue(readText(pathOf(own))));
    } catch (error) {
      // A link goes with its keys; a secret that was never set cannot be read.
      if (!isErrno(error, "ENOENT", "ENOTDIR", "EIO", "EACCES", "EPERM", "EINVAL")) throw error;
    }
  }
}

function namesIn(key: string): readonly string[] {
  try {
    return readDirectory(pathOf(key));
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR")) return [];
    throw error;
  }
}

/** Where links have keys of their own. */
const OF_LINKS = ["net.ipv4.conf", "net.ipv6.conf", "net.ipv4.neigh", "net.ipv6.neigh", "net.mpls.conf"] as const;

/**
 * The values of all keys of a link that can be read and written, in one switch to its namespace.
 *
 * @throws {SyscallError} One cannot be read.
 */
export function listLinkSysctls(ns: NsHandle, link: string): Map<string, string> {
  return ns.run(() => {
    const values = new Map<string, string>();
    for (const start of OF_LINKS) readKeys(`${start}.${link.replaceAll(".", "/")}`, values);
    return values;
  });
}

/**
 * Sets a sysctl in a namespace.
 *
 * @returns What the kernel has then, which may not be what was written.
 * @throws {SyscallError} `ENOENT`: there is no such key. `EINVAL`: the kernel refuses the value. `EACCES`, `EROFS`: it
 * cannot be set here.
 */
export function writeSysctl(ns: NsHandle, key: string, value: string): string {
  return ns.run(() => {
    const path = pathOf(key);
    try {
      writeText(path, `${value}\n`);
    } catch (error) {
      if (isErrno(error, "EACCES") && isReadOnly(path)) {
        throw new SyscallError(error.syscall, error.errno, { path, remedy: "it can only be read", cause: error });
      }
      if (!isErrno(error, "EINVAL", "ERANGE")) throw error;
      const remedy = `it does not take ${isSecretSysctl(key) ? A_SECRET : JSON.stringify(value)}`;
      throw new SyscallError(error.syscall, error.errno, { path, remedy, cause: error });
    }
    return normalValue(readText(path));
  });
}

/** True of a key whose file lets nobody write: of the whole machine, or of what the kernel alone says. */
function isReadOnly(path: string): boolean {
  const { mode } = statusAt(path);
  return (mode & S_IRUSR) !== 0 && (mode & S_IWUSR) === 0;
}
