/** What is refused because the kernel has no IPv6, or a link has it switched off. */
import { AF_INET6, isThere } from "../../ffi/mod.ts";
import type { NetlinkError } from "../errors.ts";
import { RTM_NEWADDR, RTM_NEWROUTE } from "./constants/messages.ts";
import type { NetlinkRequest } from "./wire/framing.ts";

/** How a kernel refuses what is of a family that it does not know. */
const UNKNOWN_FAMILY: ReadonlySet<string> = new Set(["EAFNOSUPPORT", "EOPNOTSUPP"]);

/** What to do about a kernel without IPv6. */
export const IPV6_REMEDY = "the kernel has no IPv6: start it without ipv6.disable=1, or load the module ipv6";

/** What to do about the refusal of a request that is about IPv6; undefined where it is refused for another reason. */
export function remedyWithoutIpv6(
  { type, body: [family] }: NetlinkRequest,
  { code }: NetlinkError,
): string | undefined {
  if (family !== AF_INET6) return undefined;
  if (code === "EACCES" && (type === RTM_NEWADDR || type === RTM_NEWROUTE)) {
    return "in this namespace, set net.ipv6.conf.LINK.disable_ipv6 to 0, of `all` or of the link";
  }
  return UNKNOWN_FAMILY.has(code) && lacksIpv6() ? IPV6_REMEDY : undefined;
}

/** True if the kernel has no IPv6; false also where /proc does not say so. */
export function lacksIpv6(): boolean {
  return isThere("/proc/sys/net/ipv4") && !isThere("/proc/sys/net/ipv6");
}
