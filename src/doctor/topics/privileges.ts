/** The user, the capabilities and the user namespace of this process. */
import { geteuid, readText, statusAt } from "../../../ffi/mod.ts";
import { capabilities, type Capability, hasCapability, ownStatus } from "../../proc/capabilities.ts";
import { type Check, ok, type Topic, topicOf, type Verdict, warning } from "../check.ts";

/** What each capability is for, and the verdict on a process without it. */
const NEEDED: Readonly<Record<Capability, { readonly purpose: string; readonly absent: "warning" | "failed" }>> = {
  CAP_SYS_ADMIN: { purpose: "creating, deleting and entering namespaces", absent: "failed" },
  CAP_NET_ADMIN: { purpose: "changing links, addresses and routes", absent: "failed" },
  CAP_NET_RAW: { purpose: "capturing packets", absent: "warning" },
  CAP_SYS_PTRACE: { purpose: "opening the namespaces of other users' processes and containers", absent: "warning" },
};

/** What the kernel permits this process. */
export function privilegesTopic(): Topic {
  const status = ownStatus();
  const names: readonly Capability[] = ["CAP_SYS_ADMIN", "CAP_NET_ADMIN", "CAP_NET_RAW", "CAP_SYS_PTRACE"];
  return topicOf("Privileges", [
    { name: "user", run: () => ok(`uid ${geteuid()}`) },
    ...names.map((name): Check => ({ name, run: () => capabilityVerdict(name, status) })),
    { name: "user namespace", run: () => userNamespaceVerdict(readText("/proc/self/uid_map"), isInitial()) },
    { name: "seccomp", run: () => seccompVerdict(status) },
  ]);
}

/**
 * Whether a capability is effective; if not, which set limits it. See capabilities(7).
 *
 * @param status The content of `/proc/self/status`.
 */
export function capabilityVerdict(name: Capability, status: string): Verdict {
  const { purpose, absent } = NEEDED[name];
  const effective = capabilities(status);
  if (effective === undefined) return UNKNOWN;
  if (hasCapability(effective, name)) return ok(`effective; needed for ${purpose}`);
  const verdict = (detail: string, remedy: string): Verdict => ({
    status: absent,
    detail: `${detail}; needed for ${purpose}`,
    remedy,
  });
  if (!hasCapability(capabilities(status, "CapBnd") ?? 0n, name)) {
    return verdict(
      "missing, and not in the bounding set",
      `start the process, or its container, with it: --cap-add ${name.slice("CAP_".length)}`,
    );
  }
  return hasCapability(capabilities(status, "CapPrm") ?? 0n, name)
    ? verdict("permitted, but not effective", "raise it, or run as root (sudo)")
    : verdict("missing", "run as root (sudo), or give the process this capability");
}

const UNKNOWN: Verdict = warning("unknown: /proc/self/status cannot be read", "mount /proc");

/** The inode of the initial user namespace: PROC_USER_INIT_INO in linux/proc_ns.h. */
const PROC_USER_INIT_INO = 0xeffffffdn;

function isInitial(): boolean {
  return statusAt("/proc/self/ns/user").inode === PROC_USER_INIT_INO;
}

/**
 * Whether the capabilities are valid outside of a user namespace.
 *
 * @param uidMap The content of `/proc/self/uid_map`. See user_namespaces(7).
 */
export function userNamespaceVerdict(uidMap: string, initial: boolean): Verdict {
  if (initial) return ok("the initial one");
  const ranges = uidMap.split("\n").filter((line) => line.trim() !== "").map((line) => {
    const [inside = 0, outside = 0, count = 0] = line.trim().split(/\s+/).map(Number);
    return count === 1
      ? `${inside} is ${outside} outside`
      : `${inside} to ${inside + count - 1} are ${outside} to ${outside + count - 1} outside`;
  });
  return warning(
    `not the initial one; user ids: ${ranges.length === 0 ? "none are mapped" : ranges.join(", ")}`,
    "it can enter and change only namespaces made in it: to manage those of the host, run outside of it",
  );
}

/** Whether a seccomp filter may refuse system calls that the capabilities permit. */
function seccompVerdict(status: string): Verdict {
  const mode = status.match(/^Seccomp:\s*(\d+)$/m)?.[1];
  if (mode === undefined) return UNKNOWN;
  return ok(mode === "0" ? "no filter" : "a filter is active, as in containers; the checks below show what it refuses");
}
