/**
 * The IPv6 link-local address of a new link. When a link comes up, the kernel gives it one and checks for about a second
 * whether another host has it (duplicate address detection); until then the link neither asks for neighbours nor
 * forwards to new ones. An address that was added before, without that check, is kept instead.
 */
import { linkLocalOf } from "../../ip/arithmetic.ts";
import { ROUTE_SCOPES } from "../../netlink/constants/route.ts";
import type { NetlinkBatch } from "../../netlink/batch.ts";

/** A random hardware address: unicast and locally administered (the two lowest bits of the first byte). */
export function randomHardwareAddress(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(6));
  return Array.from(bytes, (byte, index) => hex(index === 0 ? byte & 0xfc | 0x02 : byte)).join(":");
}

/** Adds its link-local address to a link that is still down. If that is refused, the kernel makes one later. */
export function addLinkLocal(batch: NetlinkBatch, index: number, hardwareAddress: string): void {
  batch.addAddress({ index }, `${linkLocalOf(hardwareAddress)}/64`, { noDad: true, scope: ROUTE_SCOPES.link });
}

const hex = (byte: number): string => byte.toString(16).padStart(2, "0");
