/** The thread on which events of rtnetlink are waited for. It goes into the namespace, and ends there. */
import { constants } from "node:os";
import { parentPort, workerData } from "node:worker_threads";
import {
  AF_NETLINK,
  bind,
  close,
  MSG_TRUNC,
  NETLINK_ROUTE,
  recv,
  setns,
  setsockopt,
  setsockoptInt,
  SO_RCVBUF,
  SO_RCVTIMEO,
  SOCK_RAW,
  socket,
  SOL_NETLINK,
  SOL_SOCKET,
  SyscallError,
} from "../../ffi/mod.ts";

/** What the thread is given. */
export interface EventsTask {
  /** A descriptor of the namespace, open until the first word. */
  readonly namespace: number;
  /** RTNLGRP_… */
  readonly groups: readonly number[];
  /** SO_RCVBUF, in bytes; without it, the system's. */
  readonly receiveBuffer: number | undefined;
  /** Not 0: end. */
  readonly stop: Int32Array;
}

/** What the thread says. */
export type EventsWord =
  | { readonly kind: "ready" }
  | { readonly kind: "received"; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly kind: "overrun" }
  | { readonly kind: "failed"; readonly syscall: string; readonly errno: number };

const NETLINK_ADD_MEMBERSHIP = 1;
/** How long the thread waits before it asks whether it is to end, in microseconds. */
const PATIENCE = 50_000n;
/** An event is one message; those of links are the longest, with some thousand bytes. */
const BUFFER = 64 * 1024;

const say = (word: EventsWord): void => parentPort?.postMessage(word);

function open({ namespace, groups, receiveBuffer }: EventsTask): number {
  setns(namespace); // this thread has nothing else to do, and never comes back
  const fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
  try {
    const address = new Uint8Array(12);
    new DataView(address.buffer).setUint16(0, AF_NETLINK, true);
    bind(fd, address);
    const timeout = new Uint8Array(16);
    new DataView(timeout.buffer).setBigInt64(8, PATIENCE, true);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, timeout);
    if (receiveBuffer !== undefined) setsockoptInt(fd, SOL_SOCKET, SO_RCVBUF, receiveBuffer);
    for (const group of groups) setsockoptInt(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, group);
    return fd;
  } catch (error) {
    close(fd);
    throw error;
  }
}

function receive(fd: number, buffer: Uint8Array<ArrayBuffer>): EventsWord | undefined {
  try {
    const length = recv(fd, buffer, MSG_TRUNC);
    return length > buffer.length ? { kind: "overrun" } : { kind: "received", bytes: buffer.slice(0, length) };
  } catch (error) {
    if (!(error instanceof SyscallError)) throw error;
    if (error.errno === constants.errno.EAGAIN) return undefined;
    if (error.errno === constants.errno.ENOBUFS) return { kind: "overrun" };
    throw error;
  }
}

function follow(task: EventsTask): void {
  const fd = open(task);
  try {
    say({ kind: "ready" });
    const buffer = new Uint8Array(BUFFER);
    while (Atomics.load(task.stop, 0) === 0) {
      const word = receive(fd, buffer);
      if (word !== undefined) say(word);
    }
  } finally {
    close(fd);
  }
}

try {
  follow(workerData as EventsTask); // what events.ts gives to its worker
} catch (error) {
  if (!(error instanceof SyscallError)) throw error;
  say({ kind: "failed", syscall: error.syscall, errno: error.errno });
}
