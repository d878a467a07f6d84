/**
 * The IPv6 link-local address of a link that is made here. The kernel gives each link one when it comes up, and asks
 * for about a second whether another has it; until then the link neither asks for neighbours nor forwards to new ones.
 * One that is there before, and needs no asking, is kept instead.
 */
import { linkLocalOf } from "../../ip/arithmetic.ts";
import type { NetlinkBatch } from "../../netlink/netlink.ts";

/** RT_SCOPE_LINK of linux/rtnetlink.h. */
const RT_SCOPE_LINK = 253;

/** A hardware address by chance: for one link, and of nobody's making (the two lowest bits of the first byte). */
export function randomHardwareAddress(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(6));
  return Array.from(bytes, (byte, place) => hex(place === 0 ? byte & 0xfc | 0x02 : byte)).join(":");
}

/** Adds to a batch that a link, which is still down, gets its link-local address. A refusal leaves it to the kernel. */
export function addLinkLocal(batch: NetlinkBatch, index: number, hardwareAddress: string): void {
  batch.addAddress({ index }, `${linkLocalOf(hardwareAddress)}/64`, { noDad: true, scope: RT_SCOPE_LINK });
}

const hex = (byte: number): string => byte.toString(16).padStart(2, "0");
