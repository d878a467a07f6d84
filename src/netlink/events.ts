/** Following what changes in a namespace, as ip-monitor(8) does. */
import { Worker } from "node:worker_threads";
import { shareLibrary } from "../../ffi/mod.ts";
import { interruptible } from "../async/interruptible.ts";
import { programUrl } from "../async/program.ts";
import { shown, SyscallError } from "../errors.ts";
import { Descriptor } from "../switch/descriptor.ts";
import { setNamespace, within } from "../switch/switch.ts";
import { decodeChange, NETLINK_GROUPS, type NetlinkChange, type NetlinkGroup } from "./reported_changes.ts";
import { type EventsMessage, type EventsTask, LOST, STOP, WAITING } from "./events_task.ts";
import { fieldsOf } from "../argument_fields.ts";
import { wholeNumber } from "../whole_number.ts";
import { MulticastSocket } from "./multicast.ts";
import { answers } from "./wire/framing.ts";

/**
 * An event of {@linkcode Netlink.events}. `overrun` says that changes were lost; then everything that exists follows as
 * `set`, up to `synchronised`: what is not among it is gone.
 */
export type NetlinkEvent = NetlinkChange | { readonly kind: "overrun" | "synchronised" };

/** Options of {@linkcode Netlink.events}. */
export interface NetlinkEventsOptions {
  /** What is followed. @default {links, addresses, neighbours and routes} */
  readonly groups?: readonly NetlinkGroup[] | undefined;
  /** Begins with everything that exists, as `set`, and then `synchronised`: nothing falls between a list and the first event. */
  readonly initial?: boolean | undefined;
  /** Ends the iteration, without an error. */
  readonly signal?: AbortSignal | undefined;
  /**
   * How many changes may wait for a program that reads slowly, or whose thread is blocked. Past it they are dropped, and
   * there is an `overrun`.
   *
   * @default {4096}
   */
  readonly queue?: number | undefined;
  /** How much the kernel queues for the thread that receives, in bytes. @default {that of the system} */
  readonly receiveBuffer?: number | undefined;
}

/** Where events come from. */
export interface EventsSource {
  /** Opens the namespace that is followed. */
  openNamespace(): number;
  /** Everything that exists now. */
  listAll(groups: readonly NetlinkGroup[]): Iterable<NetlinkChange>;
  /** Counts the messages of other programs that were dropped. */
  readonly dropped: Int32Array;
}

const checkOptions = fieldsOf<NetlinkEventsOptions>("the options of events", {
  groups: "list",
  initial: "boolean",
  signal: "signal",
  queue: true,
  receiveBuffer: true,
});

const ALL = Object.keys(NETLINK_GROUPS) as readonly NetlinkGroup[]; // its keys are those of the type
const DEFAULT_GROUPS: readonly NetlinkGroup[] = ["links", "addresses", "neighbours", "routes"];
const DEFAULT_QUEUE = 4096;
/** What setsockopt(2) takes. */
const MOST_BUFFER = 0x7fffffff;
/** How long the thread waits until it looks whether it is to end, in milliseconds. */
const PATIENCE = 50;

/** Follows the changes in a namespace. */
export function followEvents(
  source: EventsSource,
  options: NetlinkEventsOptions,
): AsyncGenerator<NetlinkEvent, void, undefined> {
  checkOptions(options);
  const { groups = DEFAULT_GROUPS, queue = DEFAULT_QUEUE } = options;
  const unknown = groups.find((group) => !ALL.includes(group));
  if (unknown !== undefined) {
    throw new TypeError(`Cannot use ${shown(unknown)} as a group of events: expected ${ALL.join(", ")}`);
  }
  if (options.receiveBuffer !== undefined) wholeNumber(options.receiveBuffer, "receiveBuffer", 0, MOST_BUFFER);
  if (!Number.isInteger(queue) || queue < 1) {
    throw new RangeError(`Cannot use ${shown(queue)} as queue: expected a whole number from 1`);
  }
  return interruptible((signal) => follow(source, { ...options, groups, queue, signal }), options.signal);
}

/** Options with their defaults. */
type Followed = NetlinkEventsOptions & Required<Pick<EventsTask, "queue">> & {
  readonly groups: readonly NetlinkGroup[];
  readonly signal: AbortSignal;
};

async function* follow(
  source: EventsSource,
  { groups, initial, signal, queue, receiveBuffer }: Followed,
): AsyncGenerator<NetlinkEvent, void, undefined> {
  if (signal.aborted) return;
  // No await comes before: what changes after the first next() was called is received.
  const socket = openSocket(source, groups, receiveBuffer);
  const thread = new EventsThread(socket, queue, source.dropped);
  const wake = (): void => thread.wake();
  signal.addEventListener("abort", wake);
  try {
    if (initial) yield* everything(source, groups);
    while (!signal.aborted) {
      const message = await thread.next();
      if (message === undefined) continue; // woken
      if (message.kind === "failed") throw new SyscallError(message.syscall, message.errno);
      if (message.kind === "received") {
        for (const answer of answers(message.bytes)) {
          const change = answer.kind === "message" ? decodeChange(answer.type, answer.body) : undefined;
          if (change !== undefined) yield change;
        }
      } else {
        yield { kind: "overrun" };
        thread.keepAgain();
        yield* everything(source, groups);
      }
    }
  } finally {
    signal.removeEventListener("abort", wake);
    await thread.end();
  }
}

function* everything(source: EventsSource, groups: readonly NetlinkGroup[]): Generator<NetlinkEvent> {
  yield* source.listAll(groups);
  yield { kind: "synchronised" };
}

function openSocket(
  source: EventsSource,
  groups: readonly NetlinkGroup[],
  receiveBuffer: number | undefined,
): MulticastSocket {
  const namespace = new Descriptor(source.openNamespace(), "the namespace of a netlink socket");
  try {
    const all = groups.flatMap((group) => NETLINK_GROUPS[group]);
    return within(
      namespace,
      setNamespace,
      () => MulticastSocket.open(all, { receiveBuffer, timeout: PATIENCE }),
    );
  } finally {
    namespace.close();
  }
}

/** The thread that receives events, and its messages that nobody has taken yet. */
class EventsThread {
  readonly #control = new Int32Array(new SharedArrayBuffer(3 * 4));
  readonly #messages: EventsMessage[] = [];
  readonly #ended: Promise<void>;
  #error: { readonly reason: unknown } | undefined;
  #wake: (() => void) | undefined;

  /** Starts the thread; the socket is closed when it has ended. */
  constructor(socket: MulticastSocket, queue: number, dropped: Int32Array) {
    let worker: Worker;
    try {
      const task: EventsTask = { fd: socket.fd, queue, control: this.#control, dropped };
      shareLibrary();
      worker = new Worker(programUrl(new URL("./events_thread.ts", import.meta.url)), { workerData: task });
    } catch (error) {
      socket.close();
      throw error;
    }
    worker.on("message", (message: EventsMessage) => {
      this.#messages.push(message);
      this.wake();
    });
    worker.on("error", (reason: unknown) => {
      this.#error ??= { reason };
      this.wake();
    });
    this.#ended = new Promise((resolve) => {
      worker.once("exit", () => {
        socket.close();
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
    if (message?.kind === "received") Atomics.sub(this.#control, WAITING, 1);
    return message;
  }

  /** Has the thread keep changes again, after it lost some: everything is read now. */
  keepAgain(): void {
    Atomics.store(this.#control, LOST, 0);
  }

  /** Ends a wait. */
  wake(): void {
    this.#wake?.();
  }

  /** Ends the thread, and waits until it has ended. */
  async end(): Promise<void> {
    Atomics.store(this.#control, STOP, 1);
    await this.#ended;
  }
}
