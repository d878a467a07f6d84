/** The mounts that `ip netns exec` gives its command: `/sys` of the namespace, and the files of `/etc/netns`. */
import {
  isReadOnlyAt,
  mount,
  MS_BIND,
  MS_RDONLY,
  MS_REC,
  MS_SLAVE,
  readDirectory,
  unshareMounts,
} from "../../ffi/mod.ts";
import { isErrno, SyscallError } from "../errors.ts";
import { readMounts } from "../proc/mounts.ts";

/** What is mounted. */
export interface ExecMounts {
  /** `/sys` shows the network namespace of the thread. */
  readonly sys: boolean;
  /** The name of the network namespace whose files of `/etc/netns/<name>` are mounted over those in `/etc`. */
  readonly etc: string | undefined;
}

/**
 * Moves the calling thread to a new mount namespace in which `/sys` shows the thread's network namespace, and each
 * file of `/etc/netns/<name>` is mounted over the one in `/etc`. The thread cannot return: call it before `execve`.
 * See mount_namespaces(7), sysfs(5), ip-netns(8).
 *
 * @param warn Called with a line for all that cannot be mounted; the command runs without it.
 */
export function mountForExec({ sys, etc }: ExecMounts, warn: (line: string) => void): void {
  const files = etc === undefined ? [] : filesOf(`/etc/netns/${etc}`, warn);
  if (!sys && files.length === 0) return;
  const what = [...(sys ? ["/sys"] : []), ...files.map((file) => `/etc/netns/${etc}/${file}`)].join(", ");
  if (!tried(`${what}: not mounted for the command`, detach, warn)) return;
  if (sys) tried("/sys is that of the caller", () => mountSys(etc ?? "netns"), warn);
  for (const file of files) {
    const source = `/etc/netns/${etc}/${file}`;
    tried(`${source} is not used`, () => mount(source, `/etc/${file}`, "none", MS_BIND), warn);
  }
}

/** Makes the mounts of the thread its own: what is mounted here stays here, and what is mounted outside still arrives. */
function detach(): void {
  unshareMounts();
  try {
    mount("none", "/", "none", MS_SLAVE | MS_REC);
  } catch (error) {
    throw isErrno(error, "EINVAL")
      ? explained(error, "the root directory is not a mount point, as in a chroot")
      : error;
  }
}

/** Mounts over what is there. Unmounting that first could leave nothing: the kernel may refuse the new one. */
function mountSys(source: string): void {
  try {
    mount(source, "/sys", "sysfs", isReadOnlyAt("/sys") ? MS_RDONLY : 0);
  } catch (error) {
    throw isErrno(error, "EPERM") ? explained(error, reasonOfSys()) : error;
  }
}

/** Directories of sysfs that exist to be mounted on: they are empty, so the kernel ignores mounts there. */
const MOUNT_POINTS =
  /^\/sys\/(fs\/(cgroup|bpf|pstore|selinux|smackfs|fuse\/connections|resctrl)|kernel\/(config|debug|tracing|security|debug\/tracing)|firmware\/efi\/efivars|hypervisor\/s390)(\/|$)/;

/** Why the kernel refuses a sysfs to who may mount. See user_namespaces(7). */
function reasonOfSys(): string {
  const covers = readMounts().map(({ point }) => point)
    .filter((point) => point.startsWith("/sys/") && !MOUNT_POINTS.test(point));
  return covers.length === 0
    ? "the network namespace belongs to another user namespace, or no whole /sys is mounted here"
    : `part of /sys is covered (${covers.slice(0, 3).join(", ")}${covers.length > 3 ? ", …" : ""}), ` +
      "and a user namespace gets no /sys that shows more";
}

/** The error with what is known about it. */
function explained({ syscall, errno, path }: SyscallError, remedy: string): SyscallError {
  return new SyscallError(syscall, errno, { path, remedy });
}

/** True if `action` succeeds; else a warning says what follows from that, and why. */
function tried(consequence: string, action: () => void, warn: (line: string) => void): boolean {
  try {
    action();
    return true;
  } catch (error) {
    if (!(error instanceof SyscallError)) throw error;
    warn(`warning: ${consequence}: ${error.message}`);
    return false;
  }
}

function filesOf(directory: string, warn: (line: string) => void): string[] {
  let files: string[] = [];
  tried(`${directory} is not used`, () => {
    try {
      files = readDirectory(directory);
    } catch (error) {
      if (!isErrno(error, "ENOENT")) throw error;
    }
  }, warn);
  return files;
}
