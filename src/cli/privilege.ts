/** Says that a command needs more than it may, before the command touches anything. */
import { readText } from "../../ffi/mod.ts";

/** The capabilities that commands need, and their bits. See capabilities(7), linux/capability.h. */
const CAPABILITIES = { CAP_NET_ADMIN: 12n, CAP_SYS_PTRACE: 19n, CAP_SYS_ADMIN: 21n } as const;

/** A capability that some command needs. */
export type Capability = keyof typeof CAPABILITIES;

/**
 * Refuses to go on if this process lacks one of the capabilities. It is these that count, not the user id: root in
 * a container may lack them, and another user may have been given them. The kernel has the last word.
 *
 * @param status The content of `/proc/self/status`; `""` where that cannot be read.
 * @throws {Error} One is missing; the message says which, and what to do.
 */
export function requireCapabilities(
  command: string,
  needed: readonly Capability[],
  status: string = ownStatus(),
): void {
  const missing = missingCapabilities(needed, status);
  if (missing.length === 0) return;
  throw new Error(
    `netns ${command} needs ${missing.join(" and ")}: run it as root (sudo netns ${command} …), ` +
      `or give the process ${missing.length === 1 ? "this capability" : "these capabilities"}`,
  );
}

/** Which of the capabilities this process lacks, as far as `/proc/self/status` says. */
export function missingCapabilities(needed: readonly Capability[], status: string = ownStatus()): Capability[] {
  const effective = effectiveCapabilities(status);
  return effective === undefined ? [] : needed.filter((name) => (effective >> CAPABILITIES[name] & 1n) === 0n);
}

/** The effective capabilities as a bit set; undefined if `status` does not say. See proc_pid_status(5). */
export function effectiveCapabilities(status: string): bigint | undefined {
  const hex = status.match(/^CapEff:\s*([0-9a-f]+)$/m)?.[1];
  return hex === undefined ? undefined : BigInt(`0x${hex}`);
}

function ownStatus(): string {
  try {
    return readText("/proc/self/status");
  } catch {
    return ""; // no /proc
  }
}
