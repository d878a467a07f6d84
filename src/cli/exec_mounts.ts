/** What `ip netns exec` changes for its command besides the network: `/sys`, and the files of `/etc/netns`. */
import {
  isReadOnlyAt,
  MNT_DETACH,
  mount,
  MS_BIND,
  MS_RDONLY,
  MS_REC,
  MS_SLAVE,
  readDirectory,
  SyscallError,
  umount,
  unshareMounts,
} from "../../ffi/mod.ts";
import { isErrno } from "../errors.ts";

/**
 * Gives the calling thread mounts of its own, in which `/sys` shows the network namespace that the thread is in, and
 * each file of `/etc/netns/<name>` lies over the one of `/etc`. There is no way back: for a process that is about to
 * become another program. See mount_namespaces(7), sysfs(5), ip-netns(8).
 *
 * @param name The name of the namespace, if it has one.
 * @param warn Is told of each file that cannot be bound; the others are.
 * @throws {SyscallError} `EPERM`: no CAP_SYS_ADMIN, or a user namespace that may not mount sysfs.
 */
export function enterView(name: string | undefined, warn: (line: string) => void): void {
  unshareMounts();
  // What is mounted here must not show outside; what is mounted outside may still come in.
  mount("none", "/", "none", MS_SLAVE | MS_REC);
  mountSys(name ?? "netns");
  if (name !== undefined) bindEtc(`/etc/netns/${name}`, warn);
}

function mountSys(source: string): void {
  const flags = isReadOnlyAt("/sys") ? MS_RDONLY : 0;
  try {
    umount("/sys", MNT_DETACH);
  } catch (error) {
    if (!isErrno(error, "EINVAL")) throw error; // nothing is mounted there: as good
  }
  mount(source, "/sys", "sysfs", flags);
}

function bindEtc(directory: string, warn: (line: string) => void): void {
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
