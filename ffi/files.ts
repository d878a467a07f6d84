/** Files, directories and descriptors. Every descriptor made here is closed on exec. */
import { constants } from "node:os";
import {
  AT_EACCESS,
  AT_EMPTY_PATH,
  AT_FDCWD,
  AT_SYMLINK_NOFOLLOW,
  F_DUPFD_CLOEXEC,
  LOCK_EX,
  LOCK_NB,
  NSFS_MAGIC,
  O_CLOEXEC,
  O_RDONLY,
  O_WRONLY,
  oDirectory,
  ST_RDONLY,
  STATX_BASIC_STATS,
  sysGetdents64,
  sysStatx,
  W_OK,
} from "./constants.ts";
import { checked, checkedRetry, SyscallError, throwUnlessInterrupted } from "./errors.ts";
import { libc } from "./library.ts";
import { nameOfBytes } from "./raw_names.ts";
import { cpath, keptCpath } from "./text.ts";

/** Filled by a call and read at once: struct statx, struct statfs. */
const answer = new Uint8Array(256);
const answerView = new DataView(answer.buffer);

/** Opens `path`; O_CLOEXEC is always added to `flags`. See open(2). */
export function open(path: string, flags: number, mode = 0): number {
  const { functions, errno } = libc();
  const name = keptCpath(path);
  for (;;) {
    const fd = functions.open(name, flags | O_CLOEXEC, mode);
    if (fd !== -1) return fd;
    throwUnlessInterrupted("open", errno[0], path);
  }
}

/**
 * Closes `fd`. Linux frees the number whatever close(2) returns, and nothing here depends on a delayed write: only a
 * number that was not open is an error.
 */
export function close(fd: number): void {
  const { functions, errno } = libc();
  if (functions.close(fd) === -1 && errno[0] === constants.errno.EBADF) {
    throw new SyscallError("close", constants.errno.EBADF);
  }
}

/** A second descriptor of the same open file. See fcntl(2), F_DUPFD_CLOEXEC. */
export function duplicate(fd: number): number {
  const { functions, errno } = libc();
  return checked("fcntl", functions.fcntl(fd, F_DUPFD_CLOEXEC, 0), errno[0]);
}

/** Reads up to `buffer.length` bytes, and returns how many; 0 is the end of the file. See read(2). */
export function read(fd: number, buffer: Uint8Array<ArrayBuffer>, path?: string): number {
  return checkedRetry("read", () => libc().functions.read(fd, buffer, buffer.length), path);
}

/** Writes all of `bytes`, in as many pieces as it takes. See write(2). */
export function writeAll(fd: number, bytes: Uint8Array<ArrayBuffer>, path?: string): void {
  for (let rest = bytes; rest.length > 0;) {
    const piece = rest;
    rest = rest.subarray(checkedRetry("write", () => libc().functions.write(fd, piece, piece.length), path));
  }
}

/** The whole content of a text file in UTF-8. */
export function readText(path: string): string {
  const fd = open(path, O_RDONLY);
  try {
    return readTextOf(fd, path);
  } finally {
    close(fd);
  }
}

/**
 * Writes `text` over the start of a file that is there, in one call, as the files of /proc want it. See write(2).
 */
export function writeText(path: string, text: string): void {
  const bytes = new TextEncoder().encode(text);
  const fd = open(path, O_WRONLY);
  try {
    checkedRetry("write", () => libc().functions.write(fd, bytes, bytes.length), path);
  } finally {
    close(fd);
  }
}

/** The rest of the open text file behind `fd`; reading stops soon after `most` bytes. */
export function readTextOf(fd: number, path?: string, most: number = Infinity): string {
  const decoder = new TextDecoder();
  let text = "";
  let size = 4096; // most files of /proc fit; a larger file is read in larger pieces
  for (let total = 0; total <= most;) {
    const chunk = new Uint8Array(size);
    const length = read(fd, chunk, path);
    if (length === 0) break;
    text += decoder.decode(chunk.subarray(0, length), { stream: true });
    total += length;
    size = Math.min(LARGEST_READ, size * 4);
  }
  return text + decoder.decode();
}

/** The largest single read, in bytes. */
const LARGEST_READ = 1024 * 1024;

/**
 * Takes the exclusive lock of the file behind `fd`, without waiting: false if another holds it. Closing `fd` releases
 * it. See flock(2), LOCK_NB.
 */
export function tryLockExclusive(fd: number, path?: string): boolean {
  try {
    checkedRetry("flock", () => libc().functions.flock(fd, LOCK_EX | LOCK_NB), path);
    return true;
  } catch (error) {
    if (error instanceof SyscallError && error.errno === constants.errno.EWOULDBLOCK) return false;
    throw error;
  }
}

/** Halts this thread. See poll(2), which waits for no descriptor at all. */
export function pauseThread(milliseconds: number): void {
  checkedRetry("poll", () => libc().functions.poll(new Uint8Array(8), 0, milliseconds));
}

/** Makes a directory; its parent must exist. See mkdir(2). */
export function mkdir(path: string, mode: number): void {
  const { functions, errno } = libc();
  checked("mkdir", functions.mkdir(cpath(path), mode), errno[0], path);
}

/** Removes an empty directory. See rmdir(2). */
export function rmdir(path: string): void {
  const { functions, errno } = libc();
  checked("rmdir", functions.rmdir(cpath(path)), errno[0], path);
}

/** Removes a name of a file. See unlink(2). */
export function unlink(path: string): void {
  const { functions, errno } = libc();
  checked("unlink", functions.unlink(cpath(path)), errno[0], path);
}

/**
 * Checks that this process may write to the file or directory. See faccessat(2).
 *
 * @throws {SyscallError} It may not (`EACCES`, `EROFS`), or there is none (`ENOENT`).
 */
export function requireWritable(path: string): void {
  const { functions, errno } = libc();
  checked("faccessat", functions.faccessat(AT_FDCWD, cpath(path), W_OK, AT_EACCESS), errno[0], path);
}

/** The target of a symbolic link. See readlink(2). */
export function readlink(path: string): string {
  const buffer = new Uint8Array(4096);
  const { functions, errno } = libc();
  const length = checked("readlink", functions.readlink(cpath(path), buffer, buffer.length), errno[0], path);
  return nameOfBytes(buffer.subarray(0, length));
}

/** What statx(2) returns of a file. */
export interface FileStatus {
  /** How many names it has; 0 once it was removed. */
  readonly links: number;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly inode: bigint;
  /** In bytes. */
  readonly size: number;
  readonly device: Device;
}

/** A device number, in its two parts. */
export interface Device {
  readonly major: number;
  readonly minor: number;
}

/** The status of the file behind `fd`. See statx(2). */
export function statusOf(fd: number): FileStatus {
  return statx(fd, "", AT_EMPTY_PATH);
}

/** The status of the file at `path`. If it is a symbolic link and `follow` is false, the status of the link itself. */
export function statusAt(path: string, follow = true): FileStatus {
  return statx(AT_FDCWD, path, follow ? 0 : AT_SYMLINK_NOFOLLOW);
}

/** True if there is a file of any kind at `path`, a symbolic link too. */
export function isThere(path: string): boolean {
  try {
    statusAt(path, false);
    return true;
  } catch (error) {
    if (error instanceof SyscallError && error.code === "ENOENT") return false;
    throw error;
  }
}

function statx(dirfd: number, path: string, flags: number): FileStatus {
  const { functions, errno } = libc();
  const result = functions.statx(sysStatx(), dirfd, cpath(path), flags, STATX_BASIC_STATS, answer);
  checked("statx", result, errno[0], path === "" ? undefined : path);
  return {
    links: answerView.getUint32(16, true),
    uid: answerView.getUint32(20, true),
    gid: answerView.getUint32(24, true),
    mode: answerView.getUint16(28, true),
    inode: answerView.getBigUint64(32, true),
    size: Number(answerView.getBigUint64(40, true)),
    device: { major: answerView.getUint32(136, true), minor: answerView.getUint32(140, true) },
  };
}

/** Text that is equal for two paths exactly if they lead to one file. */
export const identityOf = ({ device: { major, minor }, inode }: FileStatus): string => `${major}:${minor} ${inode}`;

/** A device number as one integer, as makedev(3) of glibc makes it and `st_dev` has it. */
export function makedev({ major, minor }: Device): bigint {
  const [high, low] = [BigInt(major), BigInt(minor)];
  return (high & 0xfffff000n) << 32n | (high & 0xfffn) << 8n | (low & 0xffffff00n) << 12n | (low & 0xffn);
}

/** True if the file behind `fd` is on nsfs, the file system of namespaces. See fstatfs(2). */
export function isNsfs(fd: number): boolean {
  const { functions, errno } = libc();
  checked("fstatfs", functions.fstatfs(fd, answer), errno[0]);
  return answerView.getUint32(0, true) === NSFS_MAGIC;
}

/** The device of nsfs, once known. The kernel mounts nsfs once, when it starts. */
let nsfs: Device | undefined;

/** {@linkcode isNsfs} for a file whose status is known, which saves the call for all but the first file on nsfs. */
export function isOnNsfs(fd: number, { device }: FileStatus): boolean {
  if (nsfs !== undefined) return device.major === nsfs.major && device.minor === nsfs.minor;
  if (!isNsfs(fd)) return false;
  nsfs = device;
  return true;
}

/** {@linkcode isNsfs} for a path: opening an unknown file may block or have side effects. See statfs(2). */
export function isNsfsAt(path: string): boolean {
  const { functions, errno } = libc();
  checked("statfs", functions.statfs(cpath(path), answer), errno[0], path);
  return answerView.getUint32(0, true) === NSFS_MAGIC;
}

/** True if the file system at `path` is mounted read-only. See statfs(2). */
export function isReadOnlyAt(path: string): boolean {
  const { functions, errno } = libc();
  checked("statfs", functions.statfs(cpath(path), answer), errno[0], path);
  // struct statfs, 64 bits: ten words, then f_flags
  return (answerView.getUint32(80, true) & ST_RDONLY) !== 0;
}

/** The names in a directory, without `.` and `..`, in the order of the file system. See getdents(2). */
export function readDirectory(path: string): string[] {
  const fd = open(path, O_RDONLY | oDirectory());
  try {
    const { functions, errno } = libc();
    const names: string[] = [];
    const buffer = new Uint8Array(32 * 1024);
    const view = new DataView(buffer.buffer);
    for (;;) {
      const result = functions.getdents64(sysGetdents64(), fd, buffer, buffer.length);
      const length = checked("getdents64", result, errno[0], path);
      if (length === 0) return names;
      // struct linux_dirent64: ino 8, off 8, reclen 2, type 1, name
      for (let offset = 0; offset < length; offset += view.getUint16(offset + 16, true)) {
        const end = buffer.indexOf(0, offset + 19);
        const name = nameOfBytes(buffer.subarray(offset + 19, end));
        if (name !== "." && name !== "..") names.push(name);
      }
    }
  } finally {
    close(fd);
  }
}
