/** Notices that somebody changes links, addresses, routes or neighbours in the namespaces of a configuration. */
import { constants } from "node:os";
import {
  AF_NETLINK,
  bind,
  close,
  MSG_DONTWAIT,
  NETLINK_ROUTE,
  readable,
  recv,
  setsockoptInt,
  SOCK_RAW,
  socket,
  SOL_NETLINK,
  SyscallError,
} from "../../ffi/mod.ts";
import type { NsHandle } from "../netns/handle.ts";

const NETLINK_ADD_MEMBERSHIP = 1;
/** RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV6_IFADDR, RTNLGRP_IPV6_ROUTE */
const GROUPS: readonly number[] = [1, 5, 7, 9, 11];
/** RTNLGRP_NEIGH: neighbours come and go with the traffic, so they are listened to only if the file has some. */
const NEIGHBOURS = 3;
/** How often is looked, in milliseconds: one system call for all namespaces together, a thousandth of a processor. */
const EVERY = 250;

/**
 * Listens in any number of namespaces without a thread for each: their sockets are looked at four times a second, all
 * in one call. An open socket keeps its namespace alive, so those that are not wanted any more are closed at once.
 */
export class KernelWatch implements Disposable {
  readonly #sockets = new Map<bigint, { readonly fd: number; readonly neighbours: boolean }>();
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #buffer = new Uint8Array(64 * 1024);

  /** Calls `onChange` when something changed, which may be many things. */
  constructor(onChange: () => void) {
    this.#timer = setInterval(() => this.#look() && onChange(), EVERY);
  }

  /** Listens in these namespaces and no others; the handles stay the caller's. */
  follow(namespaces: readonly NsHandle[], neighbours: boolean): void {
    const wanted = new Map(namespaces.map((ns) => [ns.inode, ns]));
    for (const [inode, { fd, neighbours: has }] of this.#sockets) {
      if (wanted.has(inode) && has === neighbours) continue;
      this.#sockets.delete(inode);
      close(fd);
    }
    for (const [inode, ns] of wanted) {
      if (!this.#sockets.has(inode)) this.#sockets.set(inode, { fd: ns.run(() => listen(neighbours)), neighbours });
    }
  }

  /** Ends listening. */
  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.follow([], false);
  }

  #look(): boolean {
    const ready = readable([...this.#sockets.values()].map(({ fd }) => fd));
    for (const fd of ready) this.#empty(fd);
    return ready.length > 0;
  }

  /** What is said does not matter: the whole is read again, and compared. */
  #empty(fd: number): void {
    for (;;) {
      try {
        recv(fd, this.#buffer, MSG_DONTWAIT);
      } catch (error) {
        if (!(error instanceof SyscallError)) throw error;
        // ENOBUFS: there was more than the socket could keep
        if (error.errno !== constants.errno.ENOBUFS) return;
      }
    }
  }
}

function listen(neighbours: boolean): number {
  const fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
  try {
    const address = new Uint8Array(12); // struct sockaddr_nl
    new DataView(address.buffer).setUint16(0, AF_NETLINK, true);
    bind(fd, address);
    for (const group of neighbours ? [...GROUPS, NEIGHBOURS] : GROUPS) {
      setsockoptInt(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, group);
    }
    return fd;
  } catch (error) {
    close(fd);
    throw error;
  }
}
