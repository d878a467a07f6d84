/** Which addresses are in a network, and which two networks share. */
import { type IpAddress, parseIp } from "./address.ts";
import { hostBits } from "./arithmetic.ts";
import { type IpPrefix, parseIpOrPrefix, parseIpPrefix } from "./prefix.ts";

/** True if an address is in a network: `covers("10.0.0.1/24", "10.0.0.9")`. The network may be any address of it. */
export function covers(network: string, ip: string): boolean {
  const prefix = parseIpPrefix(network);
  const address = prefix && parseIp(ip);
  return prefix !== undefined && address !== undefined && isAlike(prefix.address, address, prefix.length);
}

/** True of two networks, or hosts, that share addresses. */
export function overlap(a: string, b: string): boolean {
  const [one, other] = [parseIpOrPrefix(a), parseIpOrPrefix(b)];
  return one !== undefined && other !== undefined && areOverlapping(one, other);
}

/** {@linkcode overlap} of what was read. */
export const areOverlapping = (a: IpPrefix, b: IpPrefix): boolean =>
  isAlike(a.address, b.address, Math.min(a.length, b.length));

/** True of a network, or a host, all of whose addresses are in another network. */
export function isWithin(a: string, b: string): boolean {
  return overlap(a, b) && (parseIpOrPrefix(a)?.length ?? 0) >= (parseIpOrPrefix(b)?.length ?? 0);
}

/** True of addresses of one family whose first `length` bits are the same. */
function isAlike(a: IpAddress, b: IpAddress, length: number): boolean {
  if (a.family !== b.family) return false;
  return a.bytes.every((byte, i) => ((byte ^ (b.bytes[i] ?? 0)) & ~hostBits(i, length)) === 0);
}
