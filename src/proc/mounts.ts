/** What is mounted where. See proc_pid_mountinfo(5), mount_namespaces(7). */
import { close, O_RDONLY, oDirectory, open, readlink, readText } from "../../ffi/mod.ts";

/** A mount. */
export interface Mount {
  /** The directory or file of its file system that is mounted: `"/"`, or `"net:[4026531840]"` of a namespace. */
  readonly root: string;
  /** The path on which it is mounted. */
  readonly point: string;
  /** The type of its file system: `"tmpfs"`. */
  readonly type: string;
  /** Whether a mount below it is seen in other mount namespaces too, and theirs here. */
  readonly propagation: "shared" | "slave" | "private";
}

/**
 * The mounts that this process sees; of several at one point, the last is the visible one.
 *
 * @throws {SyscallError} `/proc` cannot be read.
 */
export function readMounts(): Mount[] {
  return parseMounts(readText("/proc/self/mountinfo"));
}

/** The mounts that the text of a mountinfo file lists. */
export function parseMounts(text: string): Mount[] {
  return text.split("\n").flatMap((line) => {
    // 36 35 98:0 /root /mount/point rw,noatime shared:1 master:2 - ext4 /dev/sda1 rw
    const [, , , root, point, , ...rest] = line.split(" ");
    const separator = rest.indexOf("-");
    const type = rest[separator + 1];
    if (root === undefined || point === undefined || separator === -1 || type === undefined) return [];
    const tags = rest.slice(0, separator);
    const has = (tag: string): boolean => tags.some((one) => one.startsWith(`${tag}:`));
    const propagation = has("shared") ? "shared" : has("master") ? "slave" : "private";
    return [{ root: unescaped(root), point: unescaped(point), type, propagation }];
  });
}

/** A path as mountinfo writes it: white space and backslashes as octal numbers. */
const unescaped = (path: string): string =>
  path.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8)));

/** The visible mount at exactly `point`, if there is one. */
export function mountAt(mounts: readonly Mount[], point: string): Mount | undefined {
  return mounts.findLast((mount) => mount.point === point);
}

/**
 * The path of a directory without symbolic links, as mountinfo has it.
 *
 * @throws {SyscallError} It cannot be opened.
 */
export function realPath(directory: string): string {
  const fd = open(directory, O_RDONLY | oDirectory());
  try {
    return readlink(`/proc/self/fd/${fd}`);
  } finally {
    close(fd);
  }
}
