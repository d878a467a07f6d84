/** An ICMP echo of our own, for machines on which ping(8) is not installed. */
import {
  AF_INET,
  AF_INET6,
  close,
  connect,
  IPPROTO_ICMP,
  IPPROTO_ICMPV6,
  recv,
  send,
  setsockopt,
  SO_RCVTIMEO,
  SOCK_RAW,
  socket,
  SOL_SOCKET,
} from "../../../ffi/mod.ts";
import { isErrno, shown } from "../../errors.ts";
import { parseIp } from "../../ip/address.ts";

/** The types of ICMP messages (RFC 792) and ICMPv6 messages (RFC 4443), and how the kernel hands them on. */
const FAMILIES = {
  // The kernel puts the IP header before what a raw IPv4 socket receives, and leaves the checksum to us.
  4: { domain: AF_INET, protocol: IPPROTO_ICMP, request: 8, reply: 0, ownChecksum: true },
  6: { domain: AF_INET6, protocol: IPPROTO_ICMPV6, request: 128, reply: 129, ownChecksum: false },
} as const;

/**
 * Asks `address` for an echo, from the namespace in which the calling thread is, and waits for it. Needs
 * CAP_NET_RAW. See icmp(7), raw(7).
 *
 * @param address An IPv4 or IPv6 address.
 * @param timeout How long to wait, in milliseconds, at least 1.
 * @returns How long the answer took, in milliseconds; undefined if none came in time.
 * @throws {TypeError} `address` is not an IP address.
 * @throws {SyscallError} There is no way to the address (`ENETUNREACH`), or no CAP_NET_RAW (`EPERM`).
 */
export function echo(address: string, timeout: number): number | undefined {
  const ip = parseIp(address);
  if (ip === undefined) throw new TypeError(`Cannot ping ${shown(address)}: expected an IP address`);
  const family = FAMILIES[ip.family];
  const fd = socket(family.domain, SOCK_RAW, family.protocol);
  try {
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, timeval(timeout));
    connect(fd, socketAddress(family.domain, ip.bytes));
    const request = echoRequest(family.request, Math.floor(Math.random() * 0x10000));
    if (family.ownChecksum) new DataView(request.buffer).setUint16(2, checksum(request));
    const sent = performance.now();
    send(fd, request);
    return receive(fd, family, request, sent + timeout) ? performance.now() - sent : undefined;
  } finally {
    close(fd);
  }
}

/** Reads until the answer to `request` is there or the time is over. */
function receive(fd: number, family: typeof FAMILIES[4 | 6], request: Uint8Array, end: number) {
  const buffer = new Uint8Array(2048);
  while (performance.now() < end) {
    let length: number;
    try {
      length = recv(fd, buffer);
    } catch (error) {
      if (isErrno(error, "EAGAIN")) return false;
      throw error;
    }
    const start = family.ownChecksum ? ((buffer[0] ?? 0) & 15) * 4 : 0;
    const message = buffer.subarray(start, length);
    // From the identifier on, an answer repeats its request.
    if (message[0] === family.reply && message.subarray(4).every((byte, i) => byte === request[4 + i])) return true;
  }
  return false;
}

function echoRequest(type: number, identifier: number): Uint8Array<ArrayBuffer> {
  const message = new Uint8Array(64);
  message[0] = type;
  new DataView(message.buffer).setUint16(4, identifier);
  new DataView(message.buffer).setUint16(6, 1);
  return message;
}

/** The Internet checksum (RFC 1071) of a message whose length is even. */
function checksum(message: Uint8Array<ArrayBuffer>): number {
  const view = new DataView(message.buffer);
  let sum = 0;
  for (let offset = 0; offset < message.length; offset += 2) sum += view.getUint16(offset);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

/** `struct timeval`. */
function timeval(milliseconds: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  view.setBigInt64(0, BigInt(Math.floor(milliseconds / 1000)), true);
  view.setBigInt64(8, BigInt(Math.floor(milliseconds % 1000) * 1000), true);
  return bytes;
}

/** `struct sockaddr_in` or `struct sockaddr_in6`. */
function socketAddress(domain: number, address: readonly number[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(domain === AF_INET ? 16 : 28);
  new DataView(bytes.buffer).setUint16(0, domain, true);
  bytes.set(address, domain === AF_INET ? 4 : 8);
  return bytes;
}
