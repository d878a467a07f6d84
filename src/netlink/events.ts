/** Following what changes: the multicast groups of rtnetlink. See rtnetlink(7), linux/rtnetlink.h, ip-monitor(8). */
import { Worker } from "node:worker_threads";
import { close } from "../../ffi/mod.ts";
import { programUrl } from "../async/program.ts";
import { SyscallError } from "../errors.ts";
import { type Address, decodeAddress } from "./address/address.ts";
import {
  RTNLGRP_IPV4_IFADDR,
  RTNLGRP_IPV4_ROUTE,
  RTNLGRP_IPV6_IFADDR,
  RTNLGRP_IPV6_ROUTE,
  RTNLGRP_LINK,
  RTNLGRP_NEIGH,
} from "./constants/groups.ts";
import { RTM_NEWADDR, RTM_NEWLINK, RTM_NEWNEIGH, RTM_NEWROUTE } from "./constants/messages.ts";
import type { EventsTask, EventsWord } from "./events_thread.ts";
import { decodeLink, type Link } from "./link/link.ts";
import { decodeNeighbour, type Neighbour } from "./neighbour/neighbour.ts";
import { answers } from "./wire/framing.ts";
import { decodeRoute, type Route } from "./route/route.ts";

/** What can be followed. */
export type NetlinkGroup = "links" | "addresses" | "neighbours" | "routes";

const GROUPS: Readonly<Record<NetlinkGroup, readonly number[]>> = {
  links: [RTNLGRP_LINK],
  addresses: [RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR],
  neighbours: [RTNLGRP_NEIGH],
  routes: [RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV6_ROUTE],
};

/** Something that is new or changed, or that is gone. */
export type NetlinkChange =
  | { readonly kind: "link"; readonly action: "set" | "deleted"; readonly link: Link }
  | { readonly kind: "address"; readonly action: "set" | "deleted"; readonly address: Address }
  | { readonly kind: "neighbour"; readonly action: "set" | "deleted"; readonly neighbour: Neighbour }
  | { readonly kind: "route"; readonly action: "set" | "deleted"; readonly route: Route };

/**
 * What {@linkcode Netlink.events} tells. After `overrun`, which says that changes were missed, everything that there is
 * follows as `set`, up to `synchronised`: what is not among it is gone.
 */
export type NetlinkEvent = NetlinkChange | { readonly kind: "overrun" | "synchronised" };

/** Options of {@linkcode Netlink.events}. */
export interface NetlinkEventsOptions {
  /** What is followed. @default {all} */
  readonly groups?: readonly NetlinkGroup[] | undefined;
  /** Ends the following, without an error. */
  readonly signal?: AbortSignal | undefined;
  /** How much the kernel keeps for a program that is slow to read, in bytes. @default {that of the system} */
  readonly receiveBuffer?: number | undefined;
}

const AF_BRIDGE = 7;
/** The second of the four types of a family. */
const DELETED = 1;

/** The change that a message tells of; nothing for what is no link, address, neighbour or route of a list. */
export function decodeChange(type: number, body: Uint8Array): NetlinkChange | undefined {
  const action = (type & 3) === DELETED ? "deleted" : "set";
  switch (type & ~3) {
    case RTM_NEWLINK: // those of bridges tell of ports, which their own links tell of, too
      return body[0] === AF_BRIDGE ? undefined : { kind: "link", action, link: decodeLink(body) };
    case RTM_NEWADDR: {
      const address = decodeAddress(body);
      return address && { kind: "address", action, address };
    }
    case RTM_NEWROUTE: {
      const route = decodeRoute(body);
      return route && { kind: "route", action, route };
    }
    case RTM_NEWNEIGH: {
      const neighbour = decodeNeighbour(body);
      return neighbour && { kind: "neighbour", action, neighbour };
    }
    default:
      return undefined;
  }
}

/** Where events come from. */
export interface EventsSource {
  /** Opens the namespace that is followed. */
  openNamespace(): number;
  /** Everything that there is now. */
  listAll(groups: readonly NetlinkGroup[]): Iterable<NetlinkChange>;
}

/** Follows the changes in a namespace. */
export async function* followEvents(
  source: EventsSource,
  { groups = ["links", "addresses", "neighbours", "routes"], signal, receiveBuffer }: NetlinkEventsOptions,
): AsyncGenerator<NetlinkEvent, void, undefined> {
  if (signal?.aborted) return;
  const thread = new EventsThread(source.openNamespace(), groups.flatMap((group) => GROUPS[group]), receiveBuffer);
  const wake = (): void => thread.wake();
  signal?.addEventListener("abort", wake);
  try {
    while (!signal?.aborted) {
      const word = await thread.next();
      if (word === undefined) continue; // woken
      if (word.kind === "failed") throw new SyscallError(word.syscall, word.errno);
      if (word.kind === "received") {
        for (const answer of answers(word.bytes)) {
          const change = answer.kind === "message" ? decodeChange(answer.type, answer.body) : undefined;
          if (change !== undefined) yield change;
        }
      }
      if (word.kind === "overrun") {
        yield { kind: "overrun" };
        yield* source.listAll(groups);
        yield { kind: "synchronised" };
      }
    }
  } finally {
    signal?.removeEventListener("abort", wake);
    await thread.end();
  }
}

/** The thread that waits, and what it said and nobody has taken yet. */
class EventsThread {
  readonly #stop = new Int32Array(new SharedArrayBuffer(4));
  readonly #words: EventsWord[] = [];
  readonly #ended: Promise<void>;
  #error: { readonly reason: unknown } | undefined;
  #wake: (() => void) | undefined;

  /** Starts it; `namespace` is closed as soon as it is there. */
  constructor(namespace: number, groups: readonly number[], receiveBuffer: number | undefined) {
    let worker: Worker;
    try {
      const task: EventsTask = { namespace, groups, receiveBuffer, stop: this.#stop };
      worker = new Worker(programUrl(new URL("./events_thread.ts", import.meta.url)), { workerData: task });
    } catch (error) {
      close(namespace);
      throw error;
    }
    let isOpen = true;
    const arrived = (): void => {
      if (isOpen) close(namespace);
      isOpen = false;
    };
    worker.on("message", (word: EventsWord) => {
      arrived();
      this.#words.push(word);
      this.wake();
    });
    worker.on("error", (reason: unknown) => {
      this.#error ??= { reason };
      this.wake();
    });
    this.#ended = new Promise((resolve) => {
      worker.once("exit", () => {
        arrived();
        this.#error ??= { reason: new Error("The thread that waits for events of netlink ended") };
        this.wake();
        resolve();
      });
    });
  }

  /** The next word, or nothing if {@linkcode EventsThread.wake} was called. */
  async next(): Promise<EventsWord | undefined> {
    if (this.#words.length === 0 && this.#error === undefined) {
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    const word = this.#words.shift();
    if (word === undefined && this.#error !== undefined) throw this.#error.reason;
    return word;
  }

  /** Ends a wait. */
  wake(): void {
    this.#wake?.();
  }

  /** Ends the thread, which looks up from its waiting now and then, and waits for that. */
  async end(): Promise<void> {
    Atomics.store(this.#stop, 0, 1);
    await this.#ended;
  }
}
