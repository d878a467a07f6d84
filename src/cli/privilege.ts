/** Says that a command needs more than it may, before the command touches anything. */
import { capabilities, type Capability, hasCapability, ownStatus } from "../system/capabilities.ts";

export type { Capability };

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
  const effective = capabilities(status);
  return effective === undefined ? [] : needed.filter((name) => !hasCapability(effective, name));
}
