/**
 * The IPv6 link-local address of a link that is made here. The kernel gives each link one when it comes up, and asks
 * for about a second whether another has it; until then the link neither asks for neighbours nor forwards to new ones.
 * One that is there before, and needs no asking, is kept instead.
 */
import type { NetlinkBatch } from "../../netlink/netlink.ts";

/** RT_SCOPE_LINK of linux/rtnetlink.h. */
const RT_SCOPE_LINK = 253;

/** A hardware address by chance: for one link, and of nobody's making (the two lowest bits of the first byte). */
export function randomHardwareAddress(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(6));
  return Array.from(bytes, (byte, place) => hex(place === 0 ? byte & 0xfc | 0x02 : byte)).join(":");
}

/** The address that the kernel makes of a hardware address: RFC 4291, appendix A. */
export function linkLocalOf(hardwareAddress: string): string {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = hardwareAddress.split(":").map((byte) =>
    Number.parseInt(byte, 16)
  );
  const words = [(a ^ 0x02) << 8 | b, c << 8 | 0xff, 0xfe << 8 | d, e << 8 | f];
  return `fe80::${words.map((word) => word.toString(16)).join(":")}/64`;
}

/** Adds to a batch that a link, which is still down, gets its link-local address. A refusal leaves it to the kernel. */
export function addLinkLocal(batch: NetlinkBatch, index: number, hardwareAddress: string): void {
  batch.addAddress({ index }, linkLocalOf(hardwareAddress), { noDad: true, scope: RT_SCOPE_LINK });
}

const hex = (byte: number): string => byte.toString(16).padStart(2, "0");
