/** One attempt to connect from a namespace to an address. */
import { once } from "node:events";
import { connect as connectInBun, Socket, type SocketConnectOpts } from "node:net";
import {
  beginConnecting,
  close,
  isWritable,
  runtimeKind,
  SOCK_NONBLOCK,
  SOCK_STREAM,
  socketError,
} from "../../../ffi/mod.ts";
import { poll } from "../../async/poll.ts";
import type { Descriptor } from "../../switch/descriptor.ts";
import { socketFailure } from "./failure.ts";
import {
  bindSocket,
  closedOnFailure,
  hostText,
  openSocket,
  type ScopedAddress,
  shaped,
  socketAddress,
} from "./open.ts";

/** The longest time between two looks at an attempt, in milliseconds. */
const LONGEST_WAIT = 50;

/** One end of a connection, and how to get there. */
export interface Attempt {
  readonly address: ScopedAddress;
  readonly port: number;
  /** The address that the connection comes from. */
  readonly local?: ScopedAddress | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Connects a descriptor, non-blocking, which the caller closes or gives to the runtime.
 *
 * @throws {SocketFailure} As `node:net`. {@linkcode SyscallError}: the namespace cannot be entered.
 */
export async function connectDescriptor(ns: Descriptor, { address, port, local, signal }: Attempt): Promise<number> {
  const fd = openSocket(ns, address.family, SOCK_STREAM | SOCK_NONBLOCK);
  try {
    if (local !== undefined) bindSocket(fd, local, 0, "bind");
    shaped("connect", address, port, () => beginConnecting(fd, socketAddress(fd, address, port)));
    await poll(() => isWritable(fd) || undefined, { longest: LONGEST_WAIT, signal });
    const errno = socketError(fd);
    if (errno !== 0) throw socketFailure("connect", errno, { address: hostText(address), port });
    return fd;
  } catch (error) {
    close(fd);
    throw error;
  }
}

/**
 * Gives the runtime a connected descriptor. One that is not connected yet, the runtimes would connect by themselves, from
 * home.
 */
export async function adopt(fd: number): Promise<Socket> {
  if (runtimeKind() !== "bun") return closedOnFailure(fd, () => new Socket({ fd, readable: true, writable: true }));
  // Bun's `net.connect` takes a descriptor, which the types of Node do not have.
  const options: { fd: number } & Partial<SocketConnectOpts> = { fd };
  const socket = closedOnFailure(fd, () => connectInBun(options as SocketConnectOpts));
  if (socket.connecting) await once(socket, "connect");
  return socket;
}
