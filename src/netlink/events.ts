/** Following what changes in a namespace, as ip-monitor(8) does. */
import { Worker } from "node:worker_threads";
import { close } from "../../ffi/mod.ts";
import { programUrl } from "../async/program.ts";
import { SyscallError } from "../errors.ts";
import { decodeChange, NETLINK_GROUPS, type NetlinkChange, type NetlinkGroup } from "./changes.ts";
import type { EventsMessage, EventsTask } from "./events_thread.ts";
import { answers } from "./wire/framing.ts";

/**
 * An event of {@linkcode Netlink.events}. `overrun` says that changes were lost; then everything that exists follows as
 * `set`, up to `synchronised`: what is not among it is gone.
 */
export type NetlinkEvent = NetlinkChange | { readonly kind: "overrun" | "synchronised" };

/** Options of {@linkcode Netlink.events}. */
export interface NetlinkEventsOptions {
  /** What is followed. @default {all} */
  readonly groups?: readonly NetlinkGroup[] | undefined;
  /** Ends the iteration, without an error. */
  readonly signal?: AbortSignal | undefined;
  /** How much the kernel queues for a program that reads slowly, in bytes. @default {that of the system} */
  readonly receiveBuffer?: number | undefined;
}

/** Where events come from. */
export interface EventsSource {
  /** Opens the namespace that is followed. */
  openNamespace(): number;
  /** Everything that exists now. */
  listAll(groups: readonly NetlinkGroup[]): Iterable<NetlinkChange>;
}

/** Follows the changes in a namespace. */
export async function* followEvents(
  source: EventsSource,
  { groups = ["links", "addresses", "neighbours", "routes"], signal, receiveBuffer }: NetlinkEventsOptions,
): AsyncGenerator<NetlinkEvent, void, undefined> {
  if (signal?.aborted) return;
  const thread = new EventsThread(
    source.openNamespace(),
    groups.flatMap((group) => NETLINK_GROUPS[group]),
    receiveBuffer,
  );
  const wake = (): void => thread.wake();
  signal?.addEventListener("abort", wake);
  try {
    while (!signal?.aborted) {
      const message = await thread.next();
      if (message === undefined) continue; // woken
      if (message.kind === "failed") throw new SyscallError(message.syscall, message.errno);
      if (message.kind === "received") {
        for (const answer of answers(message.bytes)) {
          const change = answer.kind === "message" ? decodeChange(answer.type, answer.body) : undefined;
          if (change !== undefined) yield change;
        }
      }
      if (message.kind === "overrun") {
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

/** The thread that waits for events, and its messages that nobody has taken yet. */
class EventsThread {
  readonly #stop = new Int32Array(new SharedArrayBuffer(4));
  readonly #messages: EventsMessage[] = [];
  readonly #ended: Promise<void>;
  #error: { readonly reason: unknown } | undefined;
  #wake: (() => void) | undefined;

  /** Starts the thread; `namespace` is closed as soon as the thread is in it. */
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
    worker.on("message", (message: EventsMessage) => {
      arrived();
      this.#messages.push(message);
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

  /** The next message, or undefined if {@linkcode EventsThread.wake} was called. */
  async next(): Promise<EventsMessage | undefined> {
    if (this.#messages.length === 0 && this.#error === undefined) {
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    const message = this.#messages.shift();
    if (message === undefined && this.#error !== undefined) throw this.#error.reason;
    return message;
  }

  /** Ends a wait. */
  wake(): void {
    this.#wake?.();
  }

  /** Ends the thread, and waits until it has seen that. */
  async end(): Promise<void> {
    Atomics.store(this.#stop, 0, 1);
    await this.#ended;
  }
}
