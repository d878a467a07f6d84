/** Sockets of TCP and UDP, and raw ones: struct inet_diag_req_v2, struct inet_diag_msg. See sock_diag(7). */
import { AF_INET, AF_INET6 } from "../../../ffi/mod.ts";
import { filteredFamily } from "../family_filter.ts";
import { formatAddress } from "../../ip/format.ts";
import {
  SOCK_DIAG_BY_FAMILY,
  SOCKET_STATES,
  SOCKET_TIMERS,
  type SocketState,
  type SocketTimer,
  TCPDIAG_GETSOCK,
} from "../constants/sockdiag.ts";
import { type MessageCodec, messageCodec } from "../wire/codec.ts";
import { pad, struct } from "../wire/struct.ts";
import type { NetlinkRequest } from "../wire/framing.ts";
import { MalformedMessageError } from "../wire/malformed.ts";
import { nameOf } from "../wire/named_numbers.ts";
import { u32, u8 } from "../wire/numbers.ts";
import { withTcpInfo } from "./tcp_info.ts";
import type { DatagramSocketState, TcpSocket } from "./types.ts";

/** Protocols of the Internet whose sockets can be listed. */
export type InetProtocol = "tcp" | "udp" | "raw";

/** IPPROTO_… */
const PROTOCOLS: Readonly<Record<InetProtocol, number>> = { tcp: 6, udp: 17, raw: 255 };

/** What TCP says if it is asked: INET_DIAG_INFO and INET_DIAG_CONG, each a bit less than its number. */
const EXTENSIONS = 1 << 2 - 1 | 1 << 4 - 1;

/** struct inet_diag_req_v2 */
const requestCodec: MessageCodec<{
  readonly family: number;
  readonly protocol: number;
  readonly extensions: number;
  readonly states: number;
}> = messageCodec(struct({ family: u8, protocol: u8, extensions: u8, pad: pad(1), states: u32, id: pad(48) }));

/** struct inet_diag_req */
const olderCodec: MessageCodec<{ readonly extensions: number; readonly states: number }> = messageCodec(
  struct({ head: pad(3), extensions: u8, id: pad(48), states: u32, tables: pad(4) }),
);

/**
 * The requests for the sockets of one protocol, of a family or both.
 *
 * For each request the kernel goes through its whole table of TCP's connections, which takes about as long as 5000 of
 * them. The older request asks for both families at once.
 */
export function listInetRequests(
  protocol: InetProtocol,
  family: number | undefined,
  states: number,
  withTcpInfo: boolean,
): NetlinkRequest[] {
  const extensions = protocol === "tcp" && withTcpInfo ? EXTENSIONS : 0;
  if (protocol === "tcp" && family === undefined) {
    const body = olderCodec.encode({ extensions, states });
    return [{ type: TCPDIAG_GETSOCK, flags: 0, body, label: "TCPDIAG_GETSOCK" }];
  }
  const families = family === undefined ? [AF_INET, AF_INET6] : [filteredFamily(family)];
  return families.map((family) => ({
    type: SOCK_DIAG_BY_FAMILY,
    flags: 0,
    body: requestCodec.encode({ family, protocol: PROTOCOLS[protocol], extensions, states }),
    label: `SOCK_DIAG_BY_FAMILY ${protocol}`,
  }));
}

/** The length of struct inet_diag_msg. */
const HEADER = 72;
const NLA_HEADER = 4;
const TYPE_MASK = 0x3fff;

/** What not every socket has: it is added to the others. */
interface Added {
  readonly protocol: InetProtocol;
  linkIndex?: number;
  timer?: SocketTimer | number;
  timerExpires?: number;
  timerRetransmits?: number;
  shutdown?: number;
  mark?: number;
  cgroupId?: bigint;
  v6Only?: boolean;
  congestion?: string;
}

const STATE_NAMES: readonly (SocketState | undefined)[] = Array.from(
  { length: 14 },
  (_, number) => (Object.keys(SOCKET_STATES) as SocketState[]).find((name) => SOCKET_STATES[name] === number),
);

/** The state of a number; a number stays one that has no name. */
export function stateOf(number: number): SocketState | number {
  return STATE_NAMES[number] ?? number;
}

/**
 * The socket that a message of the kernel is about: struct inet_diag_msg. Field by field, as a list has thousands of
 * them.
 */
export function decodeInetSocket(protocol: InetProtocol, body: Uint8Array): TcpSocket | DatagramSocketState {
  if (body.length < HEADER) throw new MalformedMessageError(`${HEADER} bytes expected, ${body.length} left`, 0);
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  const family = view.getUint8(0);
  const size = family === AF_INET ? 4 : 16;
  const link = view.getUint32(40, true);
  const timer = view.getUint8(2);
  const base = {
    protocol,
    family,
    state: stateOf(view.getUint8(1)),
    localAddress: addressAt(body, view, 8, size),
    localPort: view.getUint16(4),
    remoteAddress: addressAt(body, view, 24, size),
    remotePort: view.getUint16(6),
    rxQueue: view.getUint32(56, true),
    txQueue: view.getUint32(60, true),
    uid: view.getUint32(64, true),
    inode: view.getUint32(68, true),
    cookie: view.getBigUint64(44, true),
  };
  let socket: Added = base;
  const rest: number[] = [];
  for (let at = HEADER; body.length - at >= NLA_HEADER;) {
    const length = view.getUint16(at, true);
    if (length < NLA_HEADER || length > body.length - at) {
      throw new MalformedMessageError(`an attribute of ${length} bytes, ${body.length - at} left`, at);
    }
    const [from, content] = [at + NLA_HEADER, length - NLA_HEADER];
    const type = view.getUint16(at + 2, true) & TYPE_MASK;
    // What TCP measured makes another object: all else is put into that.
    if (type === INFO && protocol === "tcp") socket = withTcpInfo(base, view, from, content);
    else rest.push(type, from, content);
    at = (at + length + 3) & ~3;
  }
  for (let i = 0; i < rest.length; i += 3) take(socket, rest[i] ?? 0, view, rest[i + 1] ?? 0, rest[i + 2] ?? 0);
  if (link !== 0) socket.linkIndex = link;
  if (timer !== 0) {
    socket.timer = nameOf(SOCKET_TIMERS, timer);
    socket.timerExpires = view.getUint32(52, true);
    socket.timerRetransmits = view.getUint8(3);
  }
  return socket as Added & (TcpSocket | DatagramSocketState); // it has the keys of `base`, whose protocol is the tag
}

// INET_DIAG_…
const INFO = 2;
const CONG = 4;
const SHUTDOWN = 8;
const SKV6ONLY = 11;
const MARK = 15;
const CGROUP_ID = 21;

/** Reads an attribute, if it is one of those above and has its length. */
function take(listed: Added, type: number, view: DataView, at: number, length: number): void {
  if (type === SHUTDOWN && length >= 1) listed.shutdown = view.getUint8(at);
  else if (type === SKV6ONLY && length >= 1) listed.v6Only = view.getUint8(at) !== 0;
  else if (type === MARK && length >= 4) listed.mark = view.getUint32(at, true);
  else if (type === CGROUP_ID && length >= 8) listed.cgroupId = view.getBigUint64(at, true);
  else if (type === CONG) listed.congestion = asciiAt(view, at, length);
}

function asciiAt(view: DataView, at: number, length: number): string {
  let text = "";
  for (let i = at; i < at + length; i++) {
    const byte = view.getUint8(i);
    if (byte === 0) break;
    text += String.fromCharCode(byte);
  }
  return text;
}

/** Texts of the IPv4 addresses that were met: most sockets have one of few. */
const texts: Map<number, string> = new Map();
const MOST_TEXTS = 4096;

function addressAt(body: Uint8Array, view: DataView, at: number, size: number): string {
  if (size !== 4) return formatAddress(body.subarray(at, at + size));
  const number = view.getUint32(at);
  const known = texts.get(number);
  if (known !== undefined) return known;
  if (texts.size >= MOST_TEXTS) texts.clear();
  const text = formatAddress(body.subarray(at, at + size));
  texts.set(number, text);
  return text;
}
