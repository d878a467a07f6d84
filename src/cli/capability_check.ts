/** Checks that a command has the capabilities it needs, before it changes anything. */
import { capabilities, type Capability, hasCapability, ownStatus } from "../proc/capabilities.ts";

/** For a command that enters namespaces. */
export const ENTER_NAMESPACES: readonly Capability[] = ["CAP_SYS_ADMIN"];
/** For a command that changes namespaces and what is in them. */
export const CHANGE_NETWORK: readonly Capability[] = ["CAP_NET_ADMIN", "CAP_SYS_ADMIN"];

/**
 * Throws if this process lacks a capability. The user id does not decide: root in a container may lack one, and another
 * user may have it.
 *
 * @param status The content of `/proc/self/status`; `""` if it cannot be read, and then the kernel decides.
 * @throws {Error} A capability is missing; the message names it and says what to do.
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

/** The capabilities that `status` does not list as effective; none if it lists no set at all. */
export function missingCapabilities(needed: readonly Capability[], status: string = ownStatus()): Capability[] {
  const effective = capabilities(status);
  return effective === undefined ? [] : needed.filter((name) => !hasCapability(effective, name));
}
