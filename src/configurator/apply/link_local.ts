/**
 * The IPv6 link-local address of a new link. When a link comes up, the kernel gives it one and checks for about a second
 * whether another host has it (duplicate address detection); until then the link neither asks for neighbours nor
 * forwards to new ones. An address that was added before, without that check, is kept instead.
 */
import { fillRandom } from "../../../ffi/mod.ts";
import { linkLocalOf } from "../../ip/arithmetic.ts";
import { ROUTE_SCOPES } from "../../netlink/constants/route.ts";
import type { NetlinkBatch } from "../../netlink/batch.ts";

/** A random hardware address: unicast and locally administered (the two lowest bits of the first byte). */
export function randomHardwareAddress(): string {
  if (used + MAC_LENGTH > random.length) {
    fillRandom(random);
    used = 0;
  }
  let address = hex((random[used] ?? 0) & 0xfc | 0x02);
  for (let i = 1; i < MAC_LENGTH; i++) address += `:${hex(random[used + i] ?? 0)}`;
  used += MAC_LENGTH;
  return address;
}

const MAC_LENGTH = 6;
/** Random bytes, asked for in one go, and how many of them are used. */
const random = new Uint8Array(100 * MAC_LENGTH);
let used = random.length;

/** Adds its link-local address to a link that is still down. If that is refused, the kernel makes one later. */
export function addLinkLocal(batch: NetlinkBatch, index: number, hardwareAddress: string): void {
  batch.addAddress({ index }, `${linkLocalOf(hardwareAddress)}/64`, { noDad: true, scope: ROUTE_SCOPES.link });
}

const HEX: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));
const hex = (byte: number): string => HEX[byte] ?? "";
