/** Who this process is to the kernel: its user, its capabilities, its user namespace. */
import { geteuid, readText, statusAt } from "../../ffi/mod.ts";
import { capabilities, type Capability, hasCapability, ownStatus } from "../system/capabilities.ts";
import { type Check, ok, type Section, section, type Verdict, warning } from "./check.ts";

/** What each capability is needed for, and how bad it is to lack it. */
const NEEDED: Readonly<Record<Capability, { readonly purpose: string; readonly lack: "warning" | "failed" }>> = {
  CAP_SYS_ADMIN: { purpose: "creating, deleting and entering namespaces", lack: "failed" },
  CAP_NET_ADMIN: { purpose: "changing links, addresses and routes", lack: "failed" },
  CAP_SYS_PTRACE: { purpose: "opening the namespaces of other users' processes and containers", lack: "warning" },
};

/** What the kernel allows this process. */
export function privilegesSection(): Section {
  const status = ownStatus();
  const names: readonly Capability[] = ["CAP_SYS_ADMIN", "CAP_NET_ADMIN", "CAP_SYS_PTRACE"];
  return section("Privileges", [
    { name: "user", look: () => ok(`uid ${geteuid()}`) },
    ...names.map((name): Check => ({ name, look: () => capabilityVerdict(name, status) })),
    { name: "user namespace", look: () => userNamespaceVerdict(readText("/proc/self/uid_map"), isInitial()) },
    { name: "seccomp", look: () => seccompVerdict(status) },
  ]);
}

/**
 * Whether a capability is effective, and if not, what holds it back.
 *
 * @param status The content of `/proc/self/status`.
 */
export function capabilityVerdict(name: Capability, status: string): Verdict {
  const { purpose, lack } = NEEDED[name];
  const effective = capabilities(status);
  if (effective === undefined) return warning("/proc/self/status does not say", "mount /proc");
  if (hasCapability(effective, name)) return ok(`effective; for ${purpose}`);
  const verdict = (detail: string, remedy: string): Verdict => ({
    status: lack,
    detail: `${detail}; it is for ${purpose}`,
    remedy,
  });
  if (!hasCapability(capabilities(status, "CapBnd") ?? 0n, name)) {
    return verdict(
      "missing, and out of reach: not in the bounding set",
      `start the process, or its container, with it: --cap-add ${name.slice("CAP_".length)}`,
    );
  }
  return hasCapability(capabilities(status, "CapPrm") ?? 0n, name)
    ? verdict("permitted, but not effective", "raise it, or run as root (sudo)")
    : verdict("missing", "run as root (sudo), or give the process this capability");
}

/** The kernel's fixed number for the inode of the first user namespace: PROC_USER_INIT_INO in linux/proc_ns.h. */
const FIRST_USER_NAMESPACE = 0xeffffffdn;

function isInitial(): boolean {
  return statusAt("/proc/self/ns/user").inode === FIRST_USER_NAMESPACE;
}

/**
 * Whether the capabilities count for the whole machine.
 *
 * @param uidMap The content of `/proc/self/uid_map`. See user_namespaces(7).
 */
export function userNamespaceVerdict(uidMap: string, initial: boolean): Verdict {
  if (initial) return ok("the initial one");
  const ranges = uidMap.trim().split("\n").filter((line) => line !== "").map((line) => {
    const [inside = "?", outside = "?", count = "?"] = line.trim().split(/\s+/);
    return count === "1"
      ? `${inside} is ${outside} outside`
      : `${count} from ${inside} are those from ${outside} outside`;
  });
  return warning(
    `not the initial one; user ids: ${ranges.length === 0 ? "none are mapped" : ranges.join(", ")}`,
    "only namespaces made in it can be entered and changed: to manage those of the host, run outside of it",
  );
}

/** Whether a filter may refuse system calls that the capabilities would allow. */
function seccompVerdict(status: string): Verdict {
  const mode = status.match(/^Seccomp:\s*(\d+)$/m)?.[1];
  if (mode === undefined) return warning("/proc/self/status does not say", "mount /proc");
  if (mode === "0") return ok("no filter");
  return ok("a filter is active, as containers have; what it refuses shows below");
}
