/** Sockets of a namespace, as the kernel reports them. See sock_diag(7), ss(8). */
import type { SocketState, SocketTimer, UnixSocketType } from "../constants/sockdiag.ts";
import type { TcpInfo } from "./tcp_info.ts";

/** What sockets can be listed. */
export type SocketProtocol = "tcp" | "udp" | "raw" | "unix";

/** Which sockets are listed. */
export interface SocketFilter {
  /** Those of this protocol, or of these. @default {all} */
  readonly protocol?: SocketProtocol | readonly SocketProtocol[] | undefined;
  /** Those in one of these states. @default {all} */
  readonly states?: readonly (SocketState | number)[] | undefined;
  /** Those of IPv4 (2 or 4) or IPv6 (10 or 6); Unix sockets are of neither. @default {both} */
  readonly family?: number | undefined;
  /** Whether TCP says what it measured, `rtt` and the like; it takes about as long again. @default {true} */
  readonly tcpInfo?: boolean | undefined;
}

/** What a socket of any protocol has. */
export interface SocketBase {
  /** Its state; a number, if this library has no name for it. */
  readonly state: SocketState | number;
  /** The number by which /proc/PID/fd names it; 0 once no process has it open. */
  readonly inode: number;
  /** Bytes that wait to be read; of one that listens, connections that wait to be accepted. */
  readonly rxQueue: number;
  /** Bytes that are not acknowledged; of one that listens, how many connections may wait. */
  readonly txQueue: number;
  /** The kernel's number of the socket, which is never used twice. */
  readonly cookie: bigint;
}

/** What a socket of an Internet protocol has. */
export interface InetSocketBase extends SocketBase {
  /** AF_INET (2) or AF_INET6 (10). */
  readonly family: number;
  /** Its own address; `"0.0.0.0"` or `"::"` for any. */
  readonly localAddress: string;
  /** Its own port; of a raw socket its protocol. */
  readonly localPort: number;
  /** The address of the other end. */
  readonly remoteAddress: string;
  /** The port of the other end; 0 for none. */
  readonly remotePort: number;
  /** The index of the link that it is bound to. */
  readonly linkIndex?: number;
  /** The user whose it is. */
  readonly uid: number;
  /** What its timer is for, if one runs. */
  readonly timer?: SocketTimer | number;
  /** When that timer ends, in milliseconds. */
  readonly timerExpires?: number;
  /** How often what waits was sent again. */
  readonly timerRetransmits?: number;
  /** Which directions are shut down: 1 receives no more, 2 sends no more, 3 neither. */
  readonly shutdown?: number;
  /** Its mark; the kernel gives it with CAP_NET_ADMIN. */
  readonly mark?: number;
  /** The number of its control group. */
  readonly cgroupId?: bigint;
  /** One of IPv6 does not take IPv4. */
  readonly v6Only?: boolean;
}

/** A socket of TCP, with what TCP measured: `rtt` and the like. */
export interface TcpSocket extends InetSocketBase, Partial<TcpInfo> {
  /** The tag of the union. */
  readonly protocol: "tcp";
  /** The name of its congestion control. */
  readonly congestion?: string;
}

/** A socket of UDP, or a raw socket. */
export interface DatagramSocketState extends InetSocketBase {
  /** The tag of the union. */
  readonly protocol: "udp" | "raw";
}

/** A Unix socket. */
export interface UnixSocketState extends SocketBase {
  /** The tag of the union. */
  readonly protocol: "unix";
  /** What it sends. */
  readonly type: UnixSocketType | number;
  /** Its path; one that is no file begins with `@`. */
  readonly path?: string;
  /** The inode of the other end. */
  readonly peerInode?: number;
  /** The file that its path is. */
  readonly file?: { readonly inode: number; readonly device: number };
  /** The user whose it is; since Linux 5.3. */
  readonly uid?: number;
  /** Which directions are shut down: 1 receives no more, 2 sends no more, 3 neither. */
  readonly shutdown?: number;
}

/** A socket: its `protocol` says what else it has. */
export type SocketEntry = TcpSocket | DatagramSocketState | UnixSocketState;
