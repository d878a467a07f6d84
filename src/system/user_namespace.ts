/** User namespaces, in which an ordinary user has the capabilities that networks take. See user_namespaces(7). */
import { spawnSync } from "node:child_process";
import process from "node:process";
import { readText } from "../../ffi/mod.ts";

/** Text of a file; undefined if it cannot be read. */
export type ReadFile = (path: string) => string | undefined;

/** The command line that runs `words` as root of a new user namespace, with new network and mount namespaces. */
export function inUserNamespace(words: readonly string[]): [command: string, args: string[]] {
  return ["unshare", ["--user", "--map-root-user", "--net", "--mount", "--", ...words]];
}

/**
 * Checks that the kernel gives this process a user namespace with network and mount namespaces.
 *
 * @throws {Error} It does not: the message says which setting forbids it and how to change that.
 */
export function requireUserNamespaces(): void {
  const [command, args] = inUserNamespace(["true"]);
  const { error, status, stderr } = spawnSync(command, args, { encoding: "utf8" });
  if (status === 0) return;
  if (error !== undefined && "code" in error && error.code === "ENOENT") {
    throw new Error("There is no unshare, which makes user namespaces: install util-linux");
  }
  const said = error?.message ?? stderr.trim().replace(/^unshare: /, "").replaceAll("\n", "; ");
  throw new Error(
    `User namespaces are not allowed here: ${
      refusal(textOf) ?? "no setting that is known forbids them"
    } (unshare: ${said})`,
  );
}

function textOf(path: string): string | undefined {
  try {
    return readText(path);
  } catch {
    return undefined;
  }
}

/** Limits that can be 0: no namespaces of this kind. */
const LIMITS = ["max_user_namespaces", "max_net_namespaces", "max_mnt_namespaces"] as const;

/** Switches that forbid user namespaces to ordinary users: the value that does, who has them, the value to set. */
const SWITCHES = [
  { name: "kernel.unprivileged_userns_clone", forbids: "0", allows: "1", where: "" },
  {
    name: "kernel.apparmor_restrict_unprivileged_userns",
    forbids: "1",
    allows: "0",
    where: "AppArmor restricts them, as Ubuntu does from 23.10 on and GitHub's ubuntu runners do: ",
  },
] as const;

/** What forbids user namespaces, and what to do; undefined if nothing is known to. */
export function refusal(read: ReadFile, isRoot: boolean = process.geteuid?.() === 0): string | undefined {
  const sysctl = (name: string): string | undefined => read(`/proc/sys/${name.replaceAll(".", "/")}`)?.trim();
  if (read("/proc/self/uid_map") === undefined) return "the kernel lacks CONFIG_USER_NS, or /proc is not mounted";
  const limit = LIMITS.find((name) => sysctl(`user.${name}`) === "0");
  if (limit !== undefined) return `user.${limit} is 0: sudo sysctl -w user.${limit}=15000`;
  const found = SWITCHES.find(({ name, forbids }) => !isRoot && sysctl(name) === forbids);
  if (found !== undefined) {
    const { where, name, forbids, allows } = found;
    return `${where}${name} is ${forbids}: sudo sysctl -w ${name}=${allows}`;
  }
  if (/^Seccomp:\s*2$/m.test(read("/proc/self/status") ?? "")) {
    return "this process has a seccomp filter, as in a container: start that with --security-opt seccomp=unconfined";
  }
  const mounts = read("/proc/self/mountinfo");
  if (mounts !== undefined && !mounts.split("\n").some((line) => line.split(" ")[4] === "/")) {
    return "this process is in a chroot, where the kernel makes none";
  }
  return undefined;
}
