/** What follows from the bits of an address: its network, and what it is for. */
import { formatAddress } from "./format.ts";
import { type IpAddress, ipAddress } from "./address.ts";
import { type IpPrefix, ipPrefix } from "./prefix.ts";

/** The network that `prefix` lies in: the same, with no bit set beyond the prefix. */
export function networkOf({ address, length }: IpPrefix): IpPrefix {
  return ipPrefix(ipAddress(address.bytes.map((byte, i) => byte & ~hostBits(i, length))), length);
}

/** The bytes of the last address of the network that `prefix` lies in: of IPv4, its broadcast address. */
export function lastOf({ address, length }: IpPrefix): readonly number[] {
  return address.bytes.map((byte, i) => byte | hostBits(i, length));
}

/** The bits of the byte at `index` that lie beyond a prefix of `length` bits. */
export function hostBits(index: number, length: number): number {
  return 0xff >> Math.min(8, Math.max(0, length - 8 * index));
}

/** The canonical text of the address of IPv4 that is this number of 32 bits. */
export function addressOf32(value: number): string {
  return formatAddress([24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256));
}

/** True for 0.0.0.0 and ::. */
export function isUnspecified({ bytes }: IpAddress): boolean {
  return bytes.every((byte) => byte === 0);
}

/** True for an address of a group rather than a host: 224.0.0.0/4, ff00::/8. */
export function isMulticast({ family, bytes }: IpAddress): boolean {
  const first = bytes[0] ?? 0;
  return family === 4 ? first >= 224 && first < 240 : first === 0xff;
}

/** True for the canonical text of an address in fe80::/10, which the kernel gives to IPv6 links itself. */
export function isLinkLocal6(text: string): boolean {
  return /^fe[89ab][\da-f]:/.test(text);
}

/**
 * The link-local address that the kernel makes of a hardware address, in canonical text. See RFC 4291, appendix A.
 *
 * @param hardwareAddress Six bytes: `"02:00:00:00:00:01"`.
 */
export function linkLocalOf(hardwareAddress: string): string {
  const [first = 0, ...others] = hardwareAddress.split(":").map((byte) => Number.parseInt(byte, 16));
  const [b = 0, c = 0, d = 0, e = 0, f = 0] = others;
  return formatAddress([0xfe, 0x80, 0, 0, 0, 0, 0, 0, first ^ 0x02, b, c, 0xff, 0xfe, d, e, f]);
}
