/** The capabilities of this process. See capabilities(7). */
import { readText } from "../../ffi/mod.ts";

/** The capabilities that this library needs, and their bits. See linux/capability.h. */
const CAPABILITIES = { CAP_NET_ADMIN: 12n, CAP_NET_RAW: 13n, CAP_SYS_PTRACE: 19n, CAP_SYS_ADMIN: 21n } as const;

/** A capability that this library needs. */
export type Capability = keyof typeof CAPABILITIES;

/** A set of capabilities, as `/proc/PID/status` has it. */
export type CapabilitySet = "CapEff" | "CapPrm" | "CapBnd";

/**
 * A set of capabilities as bits; undefined if `status` has none. See proc_pid_status(5).
 *
 * @param status The content of `/proc/PID/status`.
 * @param set Which set; the effective one decides what the kernel allows.
 */
export function capabilities(status: string, set: CapabilitySet = "CapEff"): bigint | undefined {
  const hex = status.match(new RegExp(`^${set}:\\s*([0-9a-f]+)$`, "m"))?.[1];
  return hex === undefined ? undefined : BigInt(`0x${hex}`);
}

/** True if `capability` is among the bits of a set. */
export function hasCapability(set: bigint, capability: Capability): boolean {
  return (set >> CAPABILITIES[capability] & 1n) === 1n;
}

/** The content of `/proc/self/status`; `""` where that cannot be read. */
export function ownStatus(): string {
  try {
    return readText("/proc/self/status");
  } catch {
    return ""; // no /proc
  }
}
