/** Notices that somebody changes links, addresses, routes, neighbours or tables of nf_tables in the namespaces of a configuration. */
import { Debounce } from "../../async/debounce.ts";
import { InputSignal } from "../../async/input_signal.ts";
import { isErrno } from "../../errors.ts";
import { MSG_DONTWAIT, readable, SyscallError } from "../../../ffi/mod.ts";
import {
  RTNLGRP_IPV4_IFADDR,
  RTNLGRP_IPV4_ROUTE,
  RTNLGRP_IPV4_RULE,
  RTNLGRP_IPV6_IFADDR,
  RTNLGRP_IPV6_ROUTE,
  RTNLGRP_IPV6_RULE,
  RTNLGRP_LINK,
  RTNLGRP_NEIGH,
  RTNLGRP_TC,
} from "../../netlink/constants/groups.ts";
import { NETLINK_NETFILTER } from "../../netlink/constants/socket.ts";
import { MulticastSocket } from "../../netlink/multicast.ts";
import type { NsHandle } from "../../netns/handle.ts";

const GROUPS: readonly number[] = [
  RTNLGRP_LINK,
  RTNLGRP_IPV4_IFADDR,
  RTNLGRP_IPV4_ROUTE,
  RTNLGRP_IPV6_IFADDR,
  RTNLGRP_IPV6_ROUTE,
];
/** NFNLGRP_NFTABLES */
const NFTABLES_GROUP = 7;
/** The shortest time between two looks, in milliseconds. */
const INTERVAL = 250;

/** What is followed besides links, addresses and routes. */
export interface WatchOptions {
  /** Neighbours: they come and go with the traffic, so it is true only if the file describes some. */
  readonly neighbours?: boolean | undefined;
  /** Qdiscs, classes and filters. */
  readonly qdiscs?: boolean | undefined;
  /** Tables of nf_tables. */
  readonly tables?: boolean | undefined;
  /** Rules. */
  readonly rules?: boolean | undefined;
}

/** The sockets in a namespace, and what they are for. */
interface Listener {
  readonly sockets: readonly MulticastSocket[];
  readonly options: WatchOptions;
}

/**
 * Listens in any number of namespaces without a thread for each: the kernel sends a signal when one of the sockets has
 * something, and one call says which. An open socket keeps its namespace alive, so the socket of a namespace that is no
 * longer followed is closed at once.
 */
export class KernelWatch implements Disposable {
  readonly #listeners = new Map<bigint, Listener>();
  readonly #buffer = new Uint8Array(64 * 1024);
  readonly #onChange: (inode: bigint) => void;
  // The first signal is answered at once, those that follow soon together: changes rarely come alone.
  readonly #signals = new Debounce(() => INTERVAL);
  readonly #input = new InputSignal(this.#signals.wake);
  readonly #ended = new AbortController();

  /** Calls `onChange` with each namespace in which something changed, which may be many things. */
  constructor(onChange: (inode: bigint) => void) {
    this.#onChange = onChange;
    void this.#run();
  }

  /** Listens in these namespaces and no others; the caller keeps and closes the handles. */
  follow(namespaces: readonly NsHandle[], options: WatchOptions = {}): void {
    const wanted = new Map(namespaces.map((ns) => [ns.inode, ns]));
    for (const [inode, { sockets, options: { neighbours, qdiscs, tables, rules } }] of this.#listeners) {
      const isSame = neighbours === options.neighbours && qdiscs === options.qdiscs && tables === options.tables &&
        rules === options.rules;
      if (wanted.has(inode) && isSame) continue;
      this.#listeners.delete(inode);
      for (const socket of sockets) socket.close();
    }
    for (const [inode, ns] of wanted) {
      if (this.#listeners.has(inode)) continue;
      this.#listeners.set(inode, { sockets: ns.run(() => listen(options, this.#input)), options });
    }
  }

  /** Ends listening. */
  [Symbol.dispose](): void {
    this.#input[Symbol.dispose]();
    this.#ended.abort();
    this.follow([]);
  }

  async #run(): Promise<void> {
    for await (const _ of this.#signals.wakeUps(this.#ended.signal)) this.#look();
  }

  #look(): void {
    const sockets = [...this.#listeners.values()].flatMap(({ sockets }) => sockets);
    const ready = new Set(readable(sockets.map(({ fd }) => fd)));
    for (const [inode, { sockets }] of [...this.#listeners]) {
      let changed = false;
      for (const socket of sockets) if (ready.has(socket.fd) && this.#empty(socket)) changed = true;
      if (changed) this.#onChange(inode);
    }
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

function listen(
  { neighbours = false, qdiscs = false, tables = false, rules = false }: WatchOptions,
  input: InputSignal,
): MulticastSocket[] {
  const prepare = (fd: number): void => input.follow(fd);
  const groups = [
    ...GROUPS,
    ...neighbours ? [RTNLGRP_NEIGH] : [],
    ...qdiscs ? [RTNLGRP_TC] : [],
    ...rules ? [RTNLGRP_IPV4_RULE, RTNLGRP_IPV6_RULE] : [],
  ];
  const first = MulticastSocket.open(groups, { prepare });
  if (!tables) return [first];
  try {
    return [first, MulticastSocket.open([NFTABLES_GROUP], { protocol: NETLINK_NETFILTER, prepare })];
  } catch (error) {
    if (isErrno(error, "EPROTONOSUPPORT")) return [first]; // the apply says so
    first.close();
    throw error;
  }
}
