/** What to do about a failed call, where the cause is known. */
import { AT_FDCWD } from "./constants.ts";
import { libc } from "./library.ts";
import { cpath } from "./text.ts";

/** Calls that need CAP_SYS_ADMIN. Netlink needs CAP_NET_ADMIN, which its own errors say. */
const PRIVILEGED: ReadonlySet<string> = new Set(["setns", "unshare", "mount", "umount2"]);

/** Of faccessat(2): whether the file exists. */
const F_OK = 0;

/** Runtimes mount it so in a container. */
const READ_ONLY_SYSCTLS =
  "/proc/sys is mounted read-only: mount -o remount,rw /proc/sys, or start the container with " +
  "--security-opt systempaths=unconfined";

/** What to do when `syscall` fails with `code`; undefined where a guess would mislead. */
export function remedyFor(syscall: string, code: string, path?: string): string | undefined {
  if (code === "EPERM" && PRIVILEGED.has(syscall)) return privilegeRemedy();
  const pid = path?.match(/^\/proc\/(\d+)\/ns\/net$/)?.[1];
  if (code === "EACCES" || code === "EPERM") {
    if (libc().functions.geteuid() !== 0) return "run as root (sudo)";
    return pid === undefined ? undefined : `process ${pid} has capabilities that this one lacks; see ptrace(2)`;
  }
  if (code === "ENOENT" && pid !== undefined) {
    return hasProc() ? `there is no process with PID ${pid}` : "is /proc mounted, for this PID namespace?";
  }
  if (code === "EINVAL" && syscall === "unshare") return "the kernel needs CONFIG_NET_NS";
  if (code === "ENOPROTOOPT" && syscall === "getsockopt") {
    return "Linux 5.14 has the cookies of namespaces, by which apply, plan, the agent and identifyNamespace() know them";
  }
  if (code === "EAFNOSUPPORT" && syscall === "socket") {
    return "the kernel lacks this family of addresses, as IPv6 with ipv6.disable=1";
  }
  if (code === "ENOSYS") return "the kernel, or the seccomp filter of this container, lacks this call";
  if (syscall.startsWith("inotify_") && (code === "EMFILE" || code === "ENOSPC")) {
    return "a limit in /proc/sys/fs/inotify or that of open descriptors is reached";
  }
  if (code === "EMFILE") return "this process has too many open descriptors; see `ulimit -n`";
  if (code === "ENFILE") return "the system has too many open files; see /proc/sys/fs/file-max";
  if (code === "ENOSPC" && syscall === "unshare") {
    return "the limit of network namespaces is reached; see /proc/sys/user/max_net_namespaces";
  }
  if (code === "EROFS" && path?.startsWith("/proc/sys/") === true) return READ_ONLY_SYSCTLS;
  if (code === "ENOSPC" && syscall === "mount") return "the limit of mounts is reached; see /proc/sys/fs/mount-max";
  return undefined;
}

/** True if this process finds itself in /proc; what is not there says nothing of processes. */
function hasProc(): boolean {
  return libc().functions.faccessat(AT_FDCWD, cpath("/proc/self"), F_OK, 0) === 0;
}

function privilegeRemedy(): string {
  return libc().functions.geteuid() === 0
    ? "root lacks CAP_SYS_ADMIN here; a container needs --cap-add SYS_ADMIN and a seccomp profile that allows it"
    : "run as root (sudo), or give the process CAP_SYS_ADMIN and CAP_NET_ADMIN";
}
