/** Keeps what else happens on the machine out of the tests, and the tests out of that. */
import { spawnSync } from "node:child_process";
import process from "node:process";

/**
 * A network namespace, with `/sys` as it shows that; mounts of its own, and an empty `/run`; processes of its own, which end
 * with the command. Tests compare links, mounts and names before and after: a container that somebody starts meanwhile would
 * look like something a test left behind.
 */
const PREPARE = [
  // What is mounted below would still stand in mountinfo.
  "cut -d' ' -f5 /proc/self/mountinfo | grep ^/run | sort -r | xargs -r umount --lazy",
  "mount -t tmpfs -o mode=755 netns-tests /run",
  "mount -t tmpfs -o mode=1777 netns-tests /dev/shm",
  "mkdir /run/netns /run/cgroup",
  "mkdir -m 1777 /run/lock",
  // A new /sys comes without the control groups, which container runtimes need.
  "mount --rbind /sys/fs/cgroup /run/cgroup",
  "umount --recursive --lazy /sys",
  "mount -t sysfs netns-tests /sys",
  "mount --move /run/cgroup /sys/fs/cgroup",
  "rmdir /run/cgroup",
  "ip link set lo up",
  // The shell stays, to reap what nobody waits for.
  '"$@"',
].join(" && ");
const NAMESPACES = ["--mount", "--propagation", "private", "--net", "--pid", "--fork", "--kill-child", "--mount-proc"];
const UNSHARE = [...NAMESPACES, "sh", "-c", PREPARE, "sh"];

let possible: boolean | undefined;

/** The command line that runs `command` apart from the machine; as it is where that cannot be, as without root. */
export function apart(command: string, args: readonly string[]): readonly [string, readonly string[]] {
  possible ??= process.geteuid?.() === 0 && spawnSync("unshare", [...UNSHARE, "true"]).status === 0;
  return possible ? ["unshare", [...UNSHARE, command, ...args]] : [command, args];
}
