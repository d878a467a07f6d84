/** Addresses with the length of a prefix: `10.0.0.1/24`. */
import { type IpAddress, parseIp } from "./address.ts";

/** An address and the length of its network's prefix, in bits. */
export interface IpPrefix {
  /** The address, which may have bits beyond the prefix. */
  readonly address: IpAddress;
  /** How many leading bits name the network: 0 to 32, or to 128. */
  readonly length: number;
  /** The canonical text: `"10.0.0.1/24"`. */
  readonly text: string;
}

/** Reads an address with a prefix: `10.0.0.1/24`, `fd00::1/64`. */
export function parseIpPrefix(text: string): IpPrefix | undefined {
  return text.includes("/") ? parseIpOrPrefix(text) : undefined;
}

/** {@linkcode parseIpPrefix}, which takes an address alone as the prefix of one host: /32 or /128. */
export function parseIpOrPrefix(text: string): IpPrefix | undefined {
  const slash = text.indexOf("/");
  const address = parseIp(slash < 0 ? text : text.slice(0, slash));
  if (address === undefined) return undefined;
  const most = address.bytes.length * 8;
  if (slash < 0) return ipPrefix(address, most);
  const digits = text.slice(slash + 1);
  const length = Number(digits);
  return /^(0|[1-9]\d{0,2})$/.test(digits) && length <= most ? ipPrefix(address, length) : undefined;
}

/** `address` with a prefix of `length` bits. */
export function ipPrefix(address: IpAddress, length: number): IpPrefix {
  return { address, length, text: `${address.text}/${length}` };
}
