/** Which addresses the kernel makes of what a router advertises. */
import { AF_INET6 } from "../../../ffi/mod.ts";
import { IFA_F_PERMANENT, IFA_F_SECONDARY, IFAPROT_KERNEL_RA } from "../constants/address.ts";
import type { Address } from "./types.ts";

/**
 * True of an address of IPv6 that the kernel made by itself: of what a router advertises (RFC 4862), or a temporary one beside
 * another (RFC 8981), for which IPv6 has the bit that is IFA_F_SECONDARY in IPv4.
 */
export function isAdvertised({ family, flags, protocol, managedTemporaries }: Address): boolean {
  if (family !== AF_INET6) return false;
  if ((flags & IFA_F_SECONDARY) !== 0 || protocol === IFAPROT_KERNEL_RA) return true;
  // Before Linux 5.18 nobody says who made it.
  return protocol === undefined && managedTemporaries === true && (flags & IFA_F_PERMANENT) === 0;
}
