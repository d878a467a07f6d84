/** Notices that somebody changes links, addresses, routes or neighbours in the namespaces of a configuration. */
import { constants } from "node:os";
import process from "node:process";
import { isMainThread } from "node:worker_threads";
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
/** Neighbours come and go with the traffic, so they are listened to only if the file has some. */
const WITH_NEIGHBOURS: readonly number[] = [...GROUPS, RTNLGRP_NEIGH];
/** How often is looked at most, in milliseconds. */
const EVERY = 250;
/**
 * How often is looked in any case where signals are heard: never needed, and cheaper than to be wrong about that. It
 * also keeps the process running.
 */
const UNASKED = 10_000;
/** By default nothing happens on this signal, so that one that comes late, when nobody hears it any more, does no harm. */
const SIGNAL = "SIGURG";

/**
 * Listens in any number of namespaces without a thread for each, and without asking them: the kernel sends a signal
 * when one of the sockets has something, and then all are looked at in one call. Where signals are not heard, which is
 * on a thread of Node's other than the first, they are looked at four times a second. An open socket keeps its
 * namespace alive, so those that are not wanted any more are closed at once.
 */
export class KernelWatch implements Disposable {
  readonly #sockets = new Map<bigint, { readonly socket: MulticastSocket; readonly neighbours: boolean }>();
  readonly #buffer = new Uint8Array(64 * 1024);
  readonly #onChange: () => void;
  readonly #unasked: ReturnType<typeof setInterval>;
  #next: ReturnType<typeof setTimeout> | undefined;
  #last = -Infinity;

  /** Calls `onChange` when something changed, which may be many things. */
  constructor(onChange: () => void) {
    this.#onChange = onChange;
    this.#unasked = setInterval(() => this.#look(), isMainThread ? UNASKED : EVERY);
    process.on(SIGNAL, this.#heard);
  }

  /** Listens in these namespaces and no others; the handles stay the caller's. */
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
    process.off(SIGNAL, this.#heard);
    clearInterval(this.#unasked);
    clearTimeout(this.#next);
    this.follow([], false);
  }

  /** Looks at once after a pause; what comes soon after a look waits, as it rarely comes alone. */
  readonly #heard = (): void => {
    const wait = this.#last + EVERY - performance.now();
    if (wait <= 0) this.#look();
    else this.#next ??= setTimeout(() => this.#look(), wait);
  };

  #look(): void {
    clearTimeout(this.#next);
    this.#next = undefined;
    this.#last = performance.now();
    const sockets = [...this.#sockets.values()].map(({ socket }) => socket);
    const ready = new Set(readable(sockets.map(({ fd }) => fd)));
    for (const socket of sockets) if (ready.has(socket.fd)) this.#empty(socket);
    if (ready.size > 0) this.#onChange();
  }

  /** Drops what was received: all is read again and compared. */
  #empty(socket: MulticastSocket): void {
    try {
      while (socket.receive(this.#buffer, MSG_DONTWAIT) !== undefined);
    } catch (error) {
      if (!(error instanceof SyscallError)) throw error;
    }
  }
}

function listen(neighbours: boolean): MulticastSocket {
  return MulticastSocket.open(neighbours ? WITH_NEIGHBOURS : GROUPS, {
    prepare: (fd) => signalInput(fd, constants.signals[SIGNAL]),
  });
}
