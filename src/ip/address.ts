/** IP addresses and networks as text: read strictly, and written in the one form that compares. */
import ipaddr from "npm:ipaddr.js@2.5.0";

/** An IP address. */
export interface IpAddress {
  /** The version of the protocol. */
  readonly family: 4 | 6;
  /** 4 or 16 bytes, in network order. */
  readonly bytes: readonly number[];
  /** The canonical text: RFC 5952 for IPv6. */
  readonly text: string;
}

/** An address and the length of its network's prefix, in bits. */
export interface IpPrefix {
  /** The address, which may have bits beyond the prefix. */
  readonly address: IpAddress;
  /** How many leading bits name the network: 0 to 32, or to 128. */
  readonly length: number;
  /** The canonical text: `"10.0.0.1/24"`. */
  readonly text: string;
}

const [ZERO, NINE, DOT] = [0x30, 0x39, 0x2e];

/**
 * The bytes of an IPv4 address: four decimal numbers, as everybody reads them. (ipaddr.js also takes "10.1" and octal
 * numbers.) Undefined: it is none. A large file has ten thousands, so no texts are made of its parts.
 */
export function ipv4Bytes(text: string): readonly number[] | undefined {
  const bytes: number[] = [];
  let byte: number | undefined; // of which the digits are being read
  for (let i = 0; i < text.length; i++) {
    const sign = text.charCodeAt(i);
    if (sign >= ZERO && sign <= NINE) {
      if (byte === 0) return undefined; // C's inet_aton reads what begins with 0 as octal
      byte = (byte ?? 0) * 10 + sign - ZERO;
      if (byte > 255) return undefined;
    } else if (sign === DOT && byte !== undefined && bytes.length < 3) {
      bytes.push(byte);
      byte = undefined;
    } else return undefined;
  }
  if (byte === undefined || bytes.length !== 3) return undefined;
  bytes.push(byte);
  return bytes;
}

/** Reads an address in the usual notation: four decimal numbers, or RFC 4291 without a zone. */
export function parseIp(text: string): IpAddress | undefined {
  const ipv4 = ipv4Bytes(text);
  if (ipv4 !== undefined) return { family: 4, bytes: ipv4, text }; // there is no other way to write it
  // ipaddr.js takes a zone, reads ::1.2.3.4 as ::ffff:1.2.3.4, and allows octal in the last four bytes.
  const dotted = text.includes(".") ? text.slice(text.lastIndexOf(":") + 1) : undefined;
  if (text.includes("%") || /^::\d+\./.test(text)) return undefined;
  if (dotted !== undefined && ipv4Bytes(dotted) === undefined) return undefined;
  if (!text.includes(":") || !ipaddr.IPv6.isValid(text)) return undefined;
  return ipAddress(ipaddr.IPv6.parse(text).toByteArray());
}

/** The address with these 4 or 16 bytes. */
function ipAddress(bytes: readonly number[]): IpAddress {
  return bytes.length === 4
    ? { family: 4, bytes, text: bytes.join(".") }
    : { family: 6, bytes, text: ipaddr.fromByteArray([...bytes]).toString() };
}

/** Reads an address with a prefix: `10.0.0.1/24`, `fd00::1/64`. */
export function parseIpPrefix(text: string): IpPrefix | undefined {
  const slash = text.indexOf("/");
  const digits = text.slice(slash + 1);
  if (slash < 0 || !/^(0|[1-9]\d{0,2})$/.test(digits)) return undefined;
  const address = parseIp(text.slice(0, slash));
  const length = Number(digits);
  if (address === undefined || length > address.bytes.length * 8) return undefined;
  return ipPrefix(address, length);
}

/** `address` with a prefix of `length` bits. */
export function ipPrefix(address: IpAddress, length: number): IpPrefix {
  return { address, length, text: `${address.text}/${length}` };
}

/** The network that `prefix` lies in: the same, with no bit set beyond the prefix. */
export function networkOf({ address, length }: IpPrefix): IpPrefix {
  const bytes = address.bytes.map((byte, index) => {
    const bits = Math.min(8, Math.max(0, length - index * 8));
    return byte & (0xff << (8 - bits)) & 0xff;
  });
  return ipPrefix(ipAddress(bytes), length);
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
