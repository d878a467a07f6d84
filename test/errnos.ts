/** Which errors the man pages list for the system calls that the library makes. */
import type { constants } from "node:os";

/** The name of an error, such as `"ENOENT"`. */
export type Errno = keyof typeof constants.errno;

/** The section ERRORS of each call's man page, by the name under which the library speaks of the call. */
export const ERRNOS: Readonly<Record<string, readonly Errno[]>> = {
  // deno-fmt-ignore
  open: ["EACCES", "EBUSY", "EDQUOT", "EEXIST", "EFAULT", "EFBIG", "EINTR", "EINVAL", "EIO", "EISDIR", "ELOOP", "EMFILE",
    "ENAMETOOLONG", "ENFILE", "ENODEV", "ENOENT", "ENOMEM", "ENOSPC", "ENOTDIR", "ENXIO", "EOPNOTSUPP", "EOVERFLOW",
    "EPERM", "EROFS", "ETXTBSY", "EAGAIN"],
  // EBADF is thrown: who closes the number of another must hear of it.
  close: ["EINTR", "EIO", "ENOSPC", "EDQUOT"],
  read: ["EAGAIN", "EBADF", "EFAULT", "EINTR", "EINVAL", "EIO", "EISDIR"],
  write: ["EAGAIN", "EBADF", "EDQUOT", "EFAULT", "EFBIG", "EINTR", "EINVAL", "EIO", "ENOSPC", "EPERM", "EPIPE"],
  fcntl: ["EACCES", "EAGAIN", "EBADF", "EINVAL", "EMFILE"],
  flock: ["EBADF", "EINTR", "EINVAL", "ENOLCK", "EAGAIN"],
  ioctl: ["EBADF", "EFAULT", "EINVAL", "ENOTTY"],
  ioctlNumber: ["EBADF", "EINVAL", "ENOTTY", "EPERM"],
  fstatfs: ["EBADF", "EFAULT", "EINTR", "EIO", "ENOMEM", "ENOSYS", "EOVERFLOW"],
  // deno-fmt-ignore
  statfs: ["EACCES", "EFAULT", "EINTR", "EIO", "ELOOP", "ENAMETOOLONG", "ENOENT", "ENOMEM", "ENOSYS", "ENOTDIR",
    "EOVERFLOW"],
  statx: ["EACCES", "EBADF", "EFAULT", "EINVAL", "ELOOP", "ENAMETOOLONG", "ENOENT", "ENOMEM", "ENOTDIR"],
  // deno-fmt-ignore
  mkdir: ["EACCES", "EDQUOT", "EEXIST", "EFAULT", "EINVAL", "EIO", "ELOOP", "EMLINK", "ENAMETOOLONG", "ENOENT", "ENOMEM",
    "ENOSPC", "ENOTDIR", "EPERM", "EROFS"],
  // deno-fmt-ignore
  rmdir: ["EACCES", "EBUSY", "EEXIST", "EFAULT", "EINVAL", "ELOOP", "ENAMETOOLONG", "ENOENT", "ENOMEM", "ENOTDIR",
    "ENOTEMPTY", "EPERM", "EROFS"],
  // deno-fmt-ignore
  unlink: ["EACCES", "EBUSY", "EFAULT", "EIO", "EISDIR", "ELOOP", "ENAMETOOLONG", "ENOENT", "ENOMEM", "ENOTDIR", "EPERM",
    "EROFS"],
  // deno-fmt-ignore
  rename: ["EACCES", "EBUSY", "EDQUOT", "EEXIST", "EFAULT", "EINVAL", "EIO", "EISDIR", "ELOOP", "EMLINK", "ENAMETOOLONG",
    "ENOENT", "ENOMEM", "ENOSPC", "ENOTDIR", "ENOTEMPTY", "EPERM", "EROFS", "EXDEV"],
  readlink: ["EACCES", "EFAULT", "EINVAL", "EIO", "ELOOP", "ENAMETOOLONG", "ENOENT", "ENOMEM", "ENOTDIR"],
  getdents64: ["EBADF", "EFAULT", "EINVAL", "ENOENT", "ENOTDIR"],
  // deno-fmt-ignore
  mount: ["EACCES", "EBUSY", "EFAULT", "EINVAL", "ELOOP", "EMFILE", "ENAMETOOLONG", "ENODEV", "ENOENT", "ENOMEM",
    "ENOSPC", "ENOTDIR", "ENXIO", "EPERM", "EROFS"],
  umount2: ["EAGAIN", "EBUSY", "EFAULT", "EINVAL", "ENAMETOOLONG", "ENOENT", "ENOMEM", "EPERM"],
  setns: ["EBADF", "EINVAL", "ENOMEM", "EPERM", "ESRCH"],
  unshare: ["EINVAL", "ENOMEM", "ENOSPC", "EPERM"],
  socket: ["EACCES", "EAFNOSUPPORT", "EINVAL", "EMFILE", "ENFILE", "ENOBUFS", "ENOMEM", "EPROTONOSUPPORT"],
  bind: ["EACCES", "EADDRINUSE", "EADDRNOTAVAIL", "EBADF", "EFAULT", "EINVAL", "ENOMEM", "ENOTSOCK"],
  // deno-fmt-ignore
  connect: ["EACCES", "EADDRINUSE", "EADDRNOTAVAIL", "EAFNOSUPPORT", "EAGAIN", "EBADF", "ECONNREFUSED", "EFAULT",
    "ENETUNREACH", "ENOTSOCK", "EPERM", "EPROTOTYPE", "ETIMEDOUT"],
  listen: ["EADDRINUSE", "EBADF", "ENOTSOCK", "EOPNOTSUPP"],
  setsockopt: ["EBADF", "EFAULT", "EINVAL", "ENOMEM", "ENOPROTOOPT", "ENOTSOCK"],
  // deno-fmt-ignore
  send: ["EACCES", "EAGAIN", "EBADF", "ECONNREFUSED", "ECONNRESET", "EFAULT", "EINTR", "EINVAL", "EMSGSIZE", "ENOBUFS",
    "ENOMEM", "ENOTCONN", "ENOTSOCK", "EOPNOTSUPP", "EPIPE"],
  recv: ["EAGAIN", "EBADF", "ECONNREFUSED", "EFAULT", "EINTR", "EINVAL", "ENOBUFS", "ENOMEM", "ENOTCONN", "ENOTSOCK"],
};

/**
 * Errors that are answers: there is no such file, or there is one; the directory is no mount yet; the lock is held.
 * What is done then has tests of its own, in which it is so.
 */
const ANSWERS: Readonly<Record<string, readonly Errno[]>> = {
  open: ["ENOENT", "EEXIST", "ENXIO"],
  mkdir: ["ENOENT", "EEXIST"],
  unlink: ["ENOENT", "EISDIR"],
  mount: ["EINVAL"],
  umount2: ["ENOENT"],
  statx: ["ENOENT"],
  statfs: ["ENOENT"],
  flock: ["EAGAIN"],
  getdents64: ["ENOENT"],
};

/** What the kernel says only of a program that passes wrong numbers or addresses. */
const MISTAKES: ReadonlySet<Errno> = new Set(["EBADF", "EFAULT", "ENOTSOCK"]);

/** The errors with which a call can fail where it should not. */
export function failuresOf(call: string): readonly Errno[] {
  return (ERRNOS[call] ?? []).filter((errno) => !ANSWERS[call]?.includes(errno));
}

/** Those of {@linkcode failuresOf} that can come to a program without mistakes, whatever the machine is like. */
export function fitting(call: string): readonly Errno[] {
  return failuresOf(call).filter((errno) => !MISTAKES.has(errno));
}
