/** An ICMP echo, for machines without ping(8). */
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

/** How an echo differs between the protocols. */
interface Protocol {
  readonly domain: number;
  readonly protocol: number;
  /** The type of an echo request: RFC 792, RFC 4443. */
  readonly request: number;
  /** The type of an echo reply. */
  readonly reply: number;
  /** True if a raw socket receives the IP header and leaves the checksum to the sender. See raw(7). */
  readonly hasIpHeader: boolean;
}

const PROTOCOLS: Readonly<Record<4 | 6, Protocol>> = {
  4: { domain: AF_INET, protocol: IPPROTO_ICMP, request: 8, reply: 0, hasIpHeader: true },
  6: { domain: AF_INET6, protocol: IPPROTO_ICMPV6, request: 128, reply: 129, hasIpHeader: false },
};

/**
 * Sends an echo request to `address` from the calling thread's namespace, and waits for the reply. Needs CAP_NET_RAW.
 * See icmp(7), raw(7).
 *
 * @param address An IPv4 or IPv6 address.
 * @param timeout How long to wait, in milliseconds, at least 1.
 * @returns The round-trip time in milliseconds; undefined if there was no reply in time.
 * @throws {TypeError} `address` is not an IP address.
 * @throws {SyscallError} `ENETUNREACH`: there is no route. `EPERM`: no CAP_NET_RAW.
 */
export function echo(address: string, timeout: number): number | undefined {
  const parsed = parseIp(address);
  if (parsed === undefined) throw new TypeError(`Cannot ping ${shown(address)}: expected an IP address`);
  const protocol = PROTOCOLS[parsed.family];
  const fd = socket(protocol.domain, SOCK_RAW, protocol.protocol);
  try {
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, timeval(timeout));
    connect(fd, socketAddress(protocol.domain, parsed.bytes));
    const request = echoRequest(protocol.request, Math.floor(Math.random() * 0x10000));
    if (protocol.hasIpHeader) new DataView(request.buffer).setUint16(2, checksum(request));
    const sent = performance.now();
    send(fd, request);
    return receiveReply(fd, protocol, request, sent + timeout) ? performance.now() - sent : undefined;
  } finally {
    close(fd);
  }
}

/** Receives until the reply to `request` has come, or `deadline` has passed. */
function receiveReply(fd: number, { reply, hasIpHeader }: Protocol, request: Uint8Array, deadline: number): boolean {
  const buffer = new Uint8Array(2048);
  while (performance.now() < deadline) {
    let length: number;
    try {
      length = recv(fd, buffer);
    } catch (error) {
      if (isErrno(error, "EAGAIN")) return false;
      throw error;
    }
    const start = hasIpHeader ? ((buffer[0] ?? 0) & 15) * 4 : 0;
    const message = buffer.subarray(start, length);
    // From the identifier on, a reply repeats its request.
    if (message[0] === reply && message.subarray(4).every((byte, i) => byte === request[4 + i])) return true;
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

/** The Internet checksum (RFC 1071) of a message of even length. */
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
