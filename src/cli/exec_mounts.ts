/** The mounts that `ip netns exec` gives its command: `/sys` of the namespace, and the files of `/etc/netns`. */
import {
  isReadOnlyAt,
  MNT_DETACH,
  mount,
  MS_BIND,
  MS_RDONLY,
  MS_REC,
  MS_SLAVE,
  readDirectory,
  umount,
  unshareMounts,
} from "../../ffi/mod.ts";
import { isErrno, SyscallError } from "../errors.ts";

/**
 * Moves the calling thread to a new mount namespace in which `/sys` shows the thread's network namespace, and each
 * file of `/etc/netns/<name>` is mounted over the one in `/etc`. The thread cannot return: call it before `execve`.
 * See mount_namespaces(7), sysfs(5), ip-netns(8).
 *
 * @param name The name of the network namespace, if it has one.
 * @param warn Called with a line for each file that cannot be mounted; the other files are.
 * @throws {SyscallError} `EPERM`: no CAP_SYS_ADMIN, or a user namespace that may not mount sysfs.
 */
export function mountForExec(name: string | undefined, warn: (line: string) => void): void {
  unshareMounts();
  // Slave, not private: mounts made here stay here, and mounts made outside still arrive.
  mount("none", "/", "none", MS_SLAVE | MS_REC);
  mountSys(name ?? "netns");
  if (name !== undefined) mountEtc(`/etc/netns/${name}`, warn);
}

function mountSys(source: string): void {
  const flags = isReadOnlyAt("/sys") ? MS_RDONLY : 0;
  try {
    umount("/sys", MNT_DETACH);
  } catch (error) {
    if (!isErrno(error, "EINVAL")) throw error; // EINVAL: nothing is mounted there
  }
  mount(source, "/sys", "sysfs", flags);
}

function mountEtc(directory: string, warn: (line: string) => void): void {
  for (const file of filesOf(directory)) {
    try {
      mount(`${directory}/${file}`, `/etc/${file}`, "none", MS_BIND);
    } catch (error) {
      if (!(error instanceof SyscallError)) throw error;
      warn(`warning: ${directory}/${file} is not used: ${error.message}`);
    }
  }
}

function filesOf(directory: string): string[] {
  try {
    return readDirectory(directory);
  } catch (error) {
    if (isErrno(error, "ENOENT")) return [];
    throw error;
  }
}
