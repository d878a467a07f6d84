/** Numbers of sock_diag: linux/sock_diag.h, linux/inet_diag.h, linux/unix_diag.h, linux/tcp.h. */

/** The older request, which asks for TCP of both families at once. */
export const TCPDIAG_GETSOCK = 18;
export const SOCK_DIAG_BY_FAMILY = 20;
export const AF_UNIX = 1;

/** The state of a socket; one of UDP or of a raw socket is `established` if it is connected, otherwise `closed`. */
export type SocketState =
  | "established"
  | "syn-sent"
  | "syn-recv"
  | "fin-wait-1"
  | "fin-wait-2"
  | "time-wait"
  | "closed"
  | "close-wait"
  | "last-ack"
  | "listen"
  | "closing"
  | "new-syn-recv"
  | "bound-inactive";

/** TCP_… of linux/tcp_states.h, of sockets of every protocol. */
export const SOCKET_STATES: Readonly<Record<SocketState, number>> = {
  established: 1,
  "syn-sent": 2,
  "syn-recv": 3,
  "fin-wait-1": 4,
  "fin-wait-2": 5,
  "time-wait": 6,
  closed: 7,
  "close-wait": 8,
  "last-ack": 9,
  listen: 10,
  closing: 11,
  "new-syn-recv": 12,
  "bound-inactive": 13,
};

/** What a timer of a socket is for. */
export type SocketTimer = "retransmit" | "keepalive" | "time-wait" | "persist";

/** `idiag_timer`. */
export const SOCKET_TIMERS: Readonly<Record<SocketTimer, number>> = {
  retransmit: 1,
  keepalive: 2,
  "time-wait": 3,
  persist: 4,
};

/** What a Unix socket sends. */
export type UnixSocketType = "stream" | "dgram" | "seqpacket";

/** SOCK_… */
export const UNIX_SOCKET_TYPES: Readonly<Record<UnixSocketType, number>> = { stream: 1, dgram: 2, seqpacket: 5 };

/** The state of TCP's congestion control. */
export type TcpCongestionState = "open" | "disorder" | "cwr" | "recovery" | "loss";

/** TCP_CA_… */
export const TCP_CONGESTION_STATES: Readonly<Record<TcpCongestionState, number>> = {
  open: 0,
  disorder: 1,
  cwr: 2,
  recovery: 3,
  loss: 4,
};
