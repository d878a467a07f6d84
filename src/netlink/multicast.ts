/** Listening to multicast groups of netlink: the one way to join them. See netlink(7). */
import {
  AF_NETLINK,
  bind,
  close,
  MSG_TRUNC,
  setsockopt,
  setsockoptInt,
  SO_RCVBUF,
  SO_RCVTIMEO,
  SOCK_RAW,
  socket,
  SOL_SOCKET,
} from "../../ffi/mod.ts";
import { isErrno } from "../errors.ts";
import { NETLINK_ADD_MEMBERSHIP, NETLINK_ROUTE, SOL_NETLINK } from "./constants/socket.ts";
import { FOREIGN, portZero, receiveFromKernel } from "./sender.ts";

/** How many messages of other programs are passed over at once; who sends more must not hold the receiver. */
const MOST_PASSED_OVER = 1000;

/** Options of {@linkcode MulticastSocket.open}. */
export interface MulticastOptions {
  /** NETLINK_… @default {NETLINK_ROUTE} */
  readonly protocol?: number | undefined;
  /** SO_RCVBUF, in bytes. @default {that of the system} */
  readonly receiveBuffer?: number | undefined;
  /** How long {@linkcode MulticastSocket.receive} waits, in milliseconds. @default {without end} */
  readonly timeout?: number | undefined;
  /** Sets up the descriptor before it joins a group: what is set up here misses no message. */
  readonly prepare?: ((fd: number) => void) | undefined;
}

/** A socket that receives the messages of multicast groups, in the namespace in which it was opened. */
export class MulticastSocket implements Disposable {
  #fd: number;
  #dropped = 0;

  private constructor(fd: number) {
    this.#fd = fd;
  }

  /**
   * Opens a socket where the calling thread is, and joins groups.
   *
   * @param groups RTNLGRP_…, or the groups of another protocol.
   * @throws {SyscallError} `EMFILE`: no descriptor is left. `EPERM`: a group that needs CAP_NET_ADMIN.
   */
  static open(
    groups: readonly number[],
    { protocol = NETLINK_ROUTE, receiveBuffer, timeout, prepare }: MulticastOptions = {},
  ): MulticastSocket {
    const fd = socket(AF_NETLINK, SOCK_RAW, protocol);
    try {
      if (receiveBuffer !== undefined) setsockoptInt(fd, SOL_SOCKET, SO_RCVBUF, receiveBuffer);
      if (timeout !== undefined) setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, timeval(timeout));
      prepare?.(fd);
      bind(fd, portZero());
      for (const group of groups) setsockoptInt(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, group);
      return new MulticastSocket(fd);
    } catch (error) {
      close(fd);
      throw error;
    }
  }

  /** Receives on the open socket of another thread, which closes it. */
  static onDescriptor(fd: number): MulticastSocket {
    return new MulticastSocket(fd);
  }

  /** The descriptor, or -1 once it was closed. */
  get fd(): number {
    return this.#fd;
  }

  /** How many messages of other programs were dropped. */
  get dropped(): number {
    return this.#dropped;
  }

  /**
   * Receives one datagram of the kernel into `buffer`.
   *
   * @param flags MSG_DONTWAIT does not wait.
   * @returns How many bytes were received; `"overrun"` if messages were lost, since the socket's queue or the buffer was
   * too small; undefined if nothing came in time.
   * @throws {SyscallError} recvfrom(2) failed.
   */
  receive(buffer: Uint8Array<ArrayBuffer>, flags = 0): number | "overrun" | undefined {
    try {
      for (let i = 0; i < MOST_PASSED_OVER; i++) {
        const length = receiveFromKernel(this.#fd, buffer, MSG_TRUNC | flags);
        if (length !== FOREIGN) return length !== undefined && length > buffer.length ? "overrun" : length;
        this.#dropped++;
      }
      return undefined;
    } catch (error) {
      if (isErrno(error, "ENOBUFS")) return "overrun";
      throw error;
    }
  }

  /** Closes the socket. Idempotent. */
  close(): void {
    const fd = this.#fd;
    this.#fd = -1;
    if (fd >= 0) close(fd);
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/** struct timeval */
function timeval(milliseconds: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  view.setBigInt64(0, BigInt(Math.trunc(milliseconds / 1000)), true);
  view.setBigInt64(8, BigInt(Math.round(milliseconds % 1000 * 1000)), true);
  return bytes;
}
