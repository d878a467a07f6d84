/** Notices that somebody changes links, addresses, routes or neighbours in the namespaces of a configuration. */
import { constants } from "node:os";
import process from "node:process";
import { isMainThread } from "node:worker_threads";
import { Debounce } from "../../async/debounce.ts";
import { MSG_DONTWAIT, readable, signalInput, SyscallError } from "../../../ffi/mod.ts";
import {
  RTNLGRP_IPV4_IFADDR,
  RTNLGRP_IPV4_ROUTE,
  RTNLGRP_IPV6_IFADDR,
  RTNLGRP_IPV6_ROUTE,
  RTNLGRP_LINK,
  RTNLGRP_NEIGH,
} from "../../netlink/constants/groups.ts";
import { MulticastSocket } from "../../netlink/multicast.ts";
import type { NsHandle } from "../../netns/handle.ts";

const GROUPS: readonly number[] = [
  RTNLGRP_LINK,
  RTNLGRP_IPV4_IFADDR,
  RTNLGRP_IPV4_ROUTE,
  RTNLGRP_IPV6_IFADDR,
  RTNLGRP_IPV6_ROUTE,
];
/** Neighbours come and go with the traffic, so their group is joined only if the file describes some. */
const WITH_NEIGHBOURS: readonly number[] = [...GROUPS, RTNLGRP_NEIGH];
/** The shortest time between two looks, in milliseconds. */
const INTERVAL = 250;
/** It also polls every 10 s in case a signal is lost. The timer keeps the process running, too. */
const POLL_INTERVAL = 10_000;
/** By default this signal does nothing, so one that comes late, when nothing handles it any more, does no harm. */
const SIGNAL = "SIGURG";

/**
 * Listens in any number of namespaces without a thread for each: the kernel sends a signal when one of the sockets has
 * something, and one call tells which. A worker thread of Node gets no signals, so it polls four times a second. An
 * open socket keeps its namespace alive, so the socket of a namespace that is no longer followed is closed at once.
 */
export class KernelWatch implements Disposable {
  readonly #sockets = new Map<bigint, { readonly socket: MulticastSocket; readonly neighbours: boolean }>();
  readonly #buffer = new Uint8Array(64 * 1024);
  readonly #onChange: () => void;
  readonly #poll: ReturnType<typeof setInterval>;
  // The first signal is answered at once, those that follow soon together: changes rarely come alone.
  readonly #signals = new Debounce(() => INTERVAL);
  readonly #ended = new AbortController();

  /** Calls `onChange` when something changed, which may be many things. */
  constructor(onChange: () => void) {
    this.#onChange = onChange;
    this.#poll = setInterval(this.#signals.wake, isMainThread ? POLL_INTERVAL : INTERVAL);
    process.on(SIGNAL, this.#signals.wake);
    void this.#run();
  }

  /** Listens in these namespaces and no others; the caller keeps and closes the handles. */
  follow(namespaces: readonly NsHandle[], neighbours: boolean): void {
    const wanted = new Map(namespaces.map((ns) => [ns.inode, ns]));
    for (const [inode, { socket, neighbours: has }] of this.#sockets) {
      if (wanted.has(inode) && has === neighbours) continue;
      this.#sockets.delete(inode);
      socket.close();
    }
    for (const [inode, ns] of wanted) {
      if (this.#sockets.has(inode)) continue;
      this.#sockets.set(inode, { socket: ns.run(() => listen(neighbours)), neighbours });
    }
  }

  /** Ends listening. */
  [Symbol.dispose](): void {
    process.off(SIGNAL, this.#signals.wake);
    clearInterval(this.#poll);
    this.#ended.abort();
    this.follow([], false);
  }

  async #run(): Promise<void> {
    for await (const _ of this.#signals.wakeUps(this.#ended.signal)) this.#look();
  }

  #look(): void {
    const sockets = [...this.#sockets.values()].map(({ socket }) => socket);
    const ready = new Set(readable(sockets.map(({ fd }) => fd)));
    let changed = false;
    for (const socket of sockets) if (ready.has(socket.fd) && this.#empty(socket)) changed = true;
    if (changed) this.#onChange();
  }

  /** Drops the messages: apply reads everything again, and compares. True if one was the kernel's, or an error. */
  #empty(socket: MulticastSocket): boolean {
    let changed = false;
    try {
      while (socket.receive(this.#buffer, MSG_DONTWAIT) !== undefined) changed = true;
    } catch (error) {
      if (!(error instanceof SyscallError)) throw error;
      return true;
    }
    return changed;
  }
}

function listen(neighbours: boolean): MulticastSocket {
  return MulticastSocket.open(neighbours ? WITH_NEIGHBOURS : GROUPS, {
    prepare: (fd) => signalInput(fd, constants.signals[SIGNAL]),
  });
}
