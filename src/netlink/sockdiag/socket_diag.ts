/** The socket that lists sockets. See sock_diag(7), ss(8). */
import { Closable } from "../closable.ts";
import { NetlinkError, shown } from "../../errors.ts";
import { NETLINK_SOCK_DIAG } from "../constants/socket.ts";
import { SOCKET_STATES, type SocketState } from "../constants/sockdiag.ts";
import { fieldsOf } from "../../argument_fields.ts";
import { NetlinkSocket } from "../socket.ts";
import type { Decode, NetlinkRequest } from "../wire/framing.ts";
import { numberOf } from "../wire/named_numbers.ts";
import { decodeInetSocket, listInetRequests } from "./inet.ts";
import type {
  DatagramSocketState,
  SocketEntry,
  SocketFilter,
  SocketProtocol,
  TcpSocket,
  UnixSocketState,
} from "./types.ts";
import { decodeUnixSocket, listUnixRequest } from "./unix.ts";

const checkFilter = fieldsOf<SocketFilter>("a filter of sockets", {
  protocol: true,
  states: "list",
  family: true,
  tcpInfo: "boolean",
});

/** All states. */
const EVERY_STATE = 0xffffffff;

/** The protocols in the order in which they are listed, each with the option of the kernel that it needs. */
const PROTOCOLS: Readonly<Record<SocketProtocol, string>> = {
  tcp: "CONFIG_INET_TCP_DIAG (modprobe tcp_diag)",
  udp: "CONFIG_INET_UDP_DIAG (modprobe udp_diag)",
  raw: "CONFIG_INET_RAW_DIAG (modprobe raw_diag)",
  unix: "CONFIG_UNIX_DIAG (modprobe unix_diag)",
};

/**
 * Lists the sockets of a namespace, as ss(8) does. It stays in the namespace in which it was opened. Every call is
 * synchronous. Close it, or declare it with `using`. See sock_diag(7).
 *
 * @example Who listens
 * ```ts
 * import { SocketDiag } from "@netns/netns";
 *
 * using sockets = SocketDiag.open();
 * for (const { localAddress, localPort, inode } of sockets.list({ protocol: "tcp", states: ["listen"] })) {
 *   console.log(localAddress, localPort, inode);
 * }
 * ```
 */
export class SocketDiag extends Closable {
  readonly #socket: NetlinkSocket;

  private constructor(socket: NetlinkSocket) {
    super(socket);
    this.#socket = socket;
  }

  /**
   * Opens a socket in the namespace of the calling thread.
   *
   * @throws {SyscallError} `EMFILE`: no descriptor is left. `EPROTONOSUPPORT`: the kernel lacks sock_diag.
   */
  static open(): SocketDiag {
    return new SocketDiag(NetlinkSocket.open(NETLINK_SOCK_DIAG));
  }

  /**
   * The sockets of TCP that fit.
   *
   * @throws As for every protocol.
   */
  list(filter: SocketFilter & { readonly protocol: "tcp" }): TcpSocket[];
  /**
   * The sockets of UDP, or the raw ones, that fit.
   *
   * @throws As for every protocol.
   */
  list(filter: SocketFilter & { readonly protocol: "udp" | "raw" }): DatagramSocketState[];
  /**
   * The Unix sockets that fit.
   *
   * @throws As for every protocol.
   */
  list(filter: SocketFilter & { readonly protocol: "unix" }): UnixSocketState[];
  /**
   * The sockets that fit: all, or those that `filter` lets through. Of several protocols, those are left out that the
   * kernel cannot list.
   *
   * @throws {NetlinkError} `ENOENT`: the kernel cannot list the sockets of this protocol.
   * @throws {SyscallError} `EBADF`: this socket is closed.
   */
  list(filter?: SocketFilter): SocketEntry[];
  list(filter: SocketFilter = {}): SocketEntry[] {
    checkFilter(filter);
    const { protocol = Object.keys(PROTOCOLS) as SocketProtocol[] } = filter;
    if (typeof protocol === "string") return this.#listOne(protocol, filter);
    if (!Array.isArray(protocol)) { // untyped code may give anything
      throw new TypeError(`Cannot use ${shown(protocol)} as protocol: expected one, or a list of them`);
    }
    return protocol.flatMap((one: SocketProtocol) => {
      try {
        return this.#listOne(one, filter);
      } catch (error) {
        if (error instanceof NetlinkError && error.code === "ENOENT") return [];
        throw error;
      }
    });
  }

  #listOne(protocol: SocketProtocol, filter: SocketFilter): SocketEntry[] {
    if (typeof protocol !== "string" || !Object.hasOwn(PROTOCOLS, protocol)) { // untyped code may give anything
      throw new TypeError(`Cannot use ${shown(protocol)} as protocol: expected ${Object.keys(PROTOCOLS).join(", ")}`);
    }
    const states = statesOf(filter);
    if (protocol === "unix") {
      return filter.family === undefined ? this.#dump(protocol, listUnixRequest(states), decodeUnixSocket) : [];
    }
    const requests = listInetRequests(protocol, filter.family, states, filter.tcpInfo ?? true);
    return requests.flatMap((request) => (
      this.#dump(protocol, request, (body) => decodeInetSocket(protocol, body))
    ));
  }

  #dump<T>(protocol: SocketProtocol, request: NetlinkRequest, decode: Decode<T>): T[] {
    try {
      return this.#socket.dump(request, decode);
    } catch (error) {
      if (!(error instanceof NetlinkError) || error.code !== "ENOENT") throw error;
      const remedy = `the kernel needs ${PROTOCOLS[protocol]}`;
      throw new NetlinkError(error.request, error.errno, error.detail, { remedy });
    }
  }
}

/** The highest number of a state that fits the bits of a request. */
const HIGHEST_STATE = 31;

function stateOf(state: SocketState | number, name: string): number {
  const number = numberOf(SOCKET_STATES, state, name);
  if (Number.isInteger(number) && number >= 0 && number <= HIGHEST_STATE) return number;
  throw new RangeError(
    `Cannot use ${shown(state)} as ${name}: expected a state, or a number from 0 to ${HIGHEST_STATE}`,
  );
}

/** A bit for each state. */
function statesOf({ states }: SocketFilter): number {
  if (states === undefined) return EVERY_STATE;
  return states.reduce<number>((bits, state, i) => (bits | 1 << stateOf(state, `states[${i}]`)) >>> 0, 0);
}
