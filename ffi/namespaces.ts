/** Calls that change the namespaces of the calling thread, or ask what a file of a namespace is. */
import {
  CLONE_NEWCGROUP,
  CLONE_NEWIPC,
  CLONE_NEWNET,
  CLONE_NEWNS,
  CLONE_NEWPID,
  CLONE_NEWTIME,
  CLONE_NEWUSER,
  CLONE_NEWUTS,
  NS_GET_NSTYPE,
} from "./constants.ts";
import { checked } from "./errors.ts";
import { isOnNsfs, statusOf } from "./files.ts";
import { libc } from "./library.ts";

/** Puts the calling thread into the network namespace behind `fd`. See setns(2). */
export function setns(fd: number, path?: string): void {
  const { functions, errno } = libc();
  checked("setns", functions.setns(fd, CLONE_NEWNET), errno[0], path);
}

/** Puts the calling thread into a new, empty network namespace. See unshare(2). */
export function unshareNet(): void {
  const { functions, errno } = libc();
  checked("unshare", functions.unshare(CLONE_NEWNET), errno[0]);
}

/** Puts the calling thread into a new mount namespace, with a copy of its mounts. See unshare(2), mount_namespaces(7). */
export function unshareMounts(): void {
  const { functions, errno } = libc();
  checked("unshare", functions.unshare(CLONE_NEWNS), errno[0]);
}

/**
 * The inode of the network namespace behind `fd`; undefined for every other kind of file. Only a file on nsfs gets the
 * ioctl: to a device its number could mean anything. See statx(2), ioctl_ns(2).
 */
export function networkNamespaceInode(fd: number): bigint | undefined {
  const status = statusOf(fd);
  return isOnNsfs(fd, status) && typeOf(fd) === CLONE_NEWNET ? status.inode : undefined;
}

/** The types of namespaces as `/proc/PID/ns` names them. */
const TYPES: ReadonlyMap<number, string> = new Map([
  [CLONE_NEWCGROUP, "cgroup"],
  [CLONE_NEWIPC, "ipc"],
  [CLONE_NEWNET, "net"],
  [CLONE_NEWNS, "mnt"],
  [CLONE_NEWPID, "pid"],
  [CLONE_NEWTIME, "time"],
  [CLONE_NEWUSER, "user"],
  [CLONE_NEWUTS, "uts"],
]);

/** The type of the namespace behind `fd`, as `/proc/PID/ns` names it; undefined for every other kind of file. */
export function namespaceType(fd: number): string | undefined {
  if (!isOnNsfs(fd, statusOf(fd))) return undefined;
  const type = typeOf(fd);
  return TYPES.get(type) ?? `0x${type.toString(16)}`;
}

/** The flag of clone(2) for the type of the namespace behind `fd`. */
function typeOf(fd: number): number {
  const { functions, errno } = libc();
  return checked("ioctl", functions.ioctl(fd, NS_GET_NSTYPE, null), errno[0]);
}

/** True if the file behind `fd` is a network namespace. */
export function isNetworkNamespace(fd: number): boolean {
  return networkNamespaceInode(fd) !== undefined;
}

/** The effective user id of this process. See geteuid(2). */
export function geteuid(): number {
  return libc().functions.geteuid();
}
