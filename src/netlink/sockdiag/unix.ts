/** Unix sockets: struct unix_diag_req, struct unix_diag_msg. See sock_diag(7), unix(7). */
import { defined } from "../../collections.ts";
import { AF_UNIX, SOCK_DIAG_BY_FAMILY, UNIX_SOCKET_TYPES } from "../constants/sockdiag.ts";
import { attributesOf } from "../wire/attributes.ts";
import { message, type MessageCodec, messageCodec } from "../wire/codec.ts";
import { pad, struct } from "../wire/struct.ts";
import type { NetlinkRequest } from "../wire/framing.ts";
import { bytes } from "../wire/bytes.ts";
import { nameOf } from "../wire/named_numbers.ts";
import { u32, u64, u8 } from "../wire/numbers.ts";
import { stateOf } from "./inet.ts";
import type { UnixSocketState } from "./types.ts";

/** What is asked for: UDIAG_SHOW_NAME, UDIAG_SHOW_VFS, UDIAG_SHOW_PEER, UDIAG_SHOW_RQLEN, UDIAG_SHOW_UID. */
const SHOW = 0x01 | 0x02 | 0x04 | 0x10 | 0x40;

const requestCodec: MessageCodec<{
  readonly family: number;
  readonly states: number;
  readonly inode: number;
  readonly show: number;
}> = messageCodec(struct({ family: u8, protocol: pad(3), states: u32, inode: u32, show: u32, cookie: pad(8) }));

/** The request for the Unix sockets. */
export function listUnixRequest(states: number): NetlinkRequest {
  const body = requestCodec.encode({ family: AF_UNIX, states, inode: 0, show: SHOW });
  return { type: SOCK_DIAG_BY_FAMILY, flags: 0, body, label: "SOCK_DIAG_BY_FAMILY unix" };
}

/** struct unix_diag_msg */
export interface UnixHeader {
  readonly family: number;
  readonly type: number;
  readonly state: number;
  readonly inode: number;
  readonly cookie: bigint;
}

/** UNIX_DIAG_… */
export interface UnixAttributes {
  readonly name?: Uint8Array<ArrayBuffer> | undefined;
  readonly file?: { readonly inode: number; readonly device: number } | undefined;
  readonly peer?: number | undefined;
  readonly queues?: { readonly rx: number; readonly tx: number } | undefined;
  readonly shutdown?: number | undefined;
  readonly uid?: number | undefined;
}

/** The codec of the messages of Unix sockets. */
export const unixMessage: MessageCodec<UnixHeader & { readonly attributes: UnixAttributes }> = message(
  struct({ family: u8, type: u8, state: u8, pad: pad(1), inode: u32, cookie: u64 }),
  attributesOf<UnixAttributes>({
    name: [0, bytes], // UNIX_DIAG_NAME
    file: [1, struct({ inode: u32, device: u32 })], // UNIX_DIAG_VFS
    peer: [2, u32], // UNIX_DIAG_PEER
    queues: [4, struct({ rx: u32, tx: u32 })], // UNIX_DIAG_RQLEN
    shutdown: [6, u8], // UNIX_DIAG_SHUTDOWN
    uid: [7, u32], // UNIX_DIAG_UID
  }),
);

const decoder = new TextDecoder();

/** The socket that a message of the kernel is about. */
export function decodeUnixSocket(body: Uint8Array): UnixSocketState {
  const { type, state, inode, cookie, attributes: a } = unixMessage.decodeKnown(body);
  return defined({
    protocol: "unix" as const,
    type: nameOf(UNIX_SOCKET_TYPES, type),
    state: stateOf(state),
    path: a.name === undefined ? undefined : pathOf(a.name),
    inode,
    peerInode: a.peer,
    file: a.file,
    rxQueue: a.queues?.rx ?? 0,
    txQueue: a.queues?.tx ?? 0,
    uid: a.uid,
    shutdown: a.shutdown,
    cookie,
  });
}

/** The path of a name: `@` stands for the NUL of one that is no file, and for those within it, as in ss(8). */
function pathOf(name: Uint8Array): string {
  if (name[0] === 0) return decoder.decode(name).replaceAll("\0", "@");
  const end = name.indexOf(0);
  return decoder.decode(end === -1 ? name : name.subarray(0, end));
}
