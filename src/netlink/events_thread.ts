/** The thread that waits for events of rtnetlink. It enters the namespace and ends there. */
import { parentPort, workerData } from "node:worker_threads";
import { setns, SyscallError } from "../../ffi/mod.ts";
import { MulticastSocket } from "./multicast.ts";

/** What the thread is given. */
export interface EventsTask {
  /** A descriptor of the namespace, open until the first message. */
  readonly namespace: number;
  /** RTNLGRP_… */
  readonly groups: readonly number[];
  /** SO_RCVBUF, in bytes; absent: that of the system. */
  readonly receiveBuffer: number | undefined;
  /** Not 0: end. */
  readonly stop: Int32Array;
}

/** A message of the thread. */
export type EventsMessage =
  | { readonly kind: "ready" }
  | { readonly kind: "received"; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly kind: "overrun" }
  | { readonly kind: "failed"; readonly syscall: string; readonly errno: number };

/** How long the thread waits until it looks at `stop` again, in milliseconds. */
const PATIENCE = 50;
/** An event is one message; the longest are those of links, of some thousand bytes. */
const BUFFER = 64 * 1024;

const post = (message: EventsMessage): void => parentPort?.postMessage(message);

function follow({ namespace, groups, receiveBuffer, stop }: EventsTask): void {
  setns(namespace); // this thread has no other work and never comes back
  using socket = MulticastSocket.open(groups, { receiveBuffer, timeout: PATIENCE });
  post({ kind: "ready" });
  const buffer = new Uint8Array(BUFFER);
  while (Atomics.load(stop, 0) === 0) {
    const received = socket.receive(buffer);
    if (received === "overrun") post({ kind: "overrun" });
    else if (received !== undefined) post({ kind: "received", bytes: buffer.slice(0, received) });
  }
}

try {
  follow(workerData as EventsTask); // what events.ts gives its worker
} catch (error) {
  if (!(error instanceof SyscallError)) throw error;
  post({ kind: "failed", syscall: error.syscall, errno: error.errno });
}
