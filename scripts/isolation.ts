/** Keeps what else happens on the machine out of the tests, and the tests out of that. */
import { spawnSync } from "node:child_process";
import process from "node:process";

/**
 * Mounts, names and links of its own: tests compare all of them before and after, so a container that somebody starts
 * meanwhile would look like something a test left behind.
 */
const PREPARE = 'mkdir -p /run/netns && mount -t tmpfs netns-tests /run/netns && ip link set lo up && exec "$@"';
const UNSHARE = ["--mount", "--propagation", "private", "--net", "sh", "-c", PREPARE, "sh"];

let possible: boolean | undefined;

/** The command line that runs `command` apart from the machine; as it is where that cannot be, as without root. */
export function apart(command: string, args: readonly string[]): readonly [string, readonly string[]] {
  possible ??= process.geteuid?.() === 0 && spawnSync("unshare", [...UNSHARE, "true"]).status === 0;
  return possible ? ["unshare", [...UNSHARE, command, ...args]] : [command, args];
}
