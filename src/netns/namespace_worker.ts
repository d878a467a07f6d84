/** Threads in a namespace whose functions are called, each with an event loop of its own. */
import { Worker, type WorkerOptions } from "node:worker_threads";
import { runtimeKind, shareLibrary } from "../../ffi/mod.ts";
import { orAborted } from "../async/limit.ts";
import type { Descriptor } from "../switch/descriptor.ts";
import { setNamespace, within } from "../switch/switch.ts";
import { checkCallOptions, checkOptions } from "./checks.ts";
import { importable, withOwnFetch } from "./worker_options.ts";
import {
  type Answer,
  assembled,
  isAnswer,
  type Order,
  partsOf,
  type ProgramData,
  workerProgram,
} from "./worker_program.ts";

/** The arguments of a function; none of what is no function. */
export type ArgumentsOf<F> = F extends (...args: infer A) => unknown ? A : never;

/** What a call of a function gives in the end. */
export type ResultOf<F> = F extends (...args: never[]) => infer R ? Awaited<R> : never;

/** What can be handed over: buffers, ports. */
export type Transferable = NonNullable<Parameters<Worker["postMessage"]>[1]>[number];

/** What goes for the calls that are made with it. */
export interface CallOptions {
  /** Ends the wait for a call with its reason; the function goes on. */
  readonly signal?: AbortSignal | undefined;
  /** What is handed over and not copied: buffers, ports. */
  readonly transfer?: readonly Transferable[] | undefined;
}

/**
 * A thread in a namespace that calls functions of a module, one or many at a time. `M` is the type of the module:
 * `typeof import("./work.ts")`. What the module posts to its `parentPort` by itself reaches nobody.
 */
export interface NamespaceWorker<M> extends AsyncDisposable {
  /**
   * Calls a function that the module exports. Arguments and result are passed by structured clone. An `AbortSignal` among
   * the arguments is one in the thread, too, and its abort rejects the call with its reason.
   *
   * @throws What the function throws, with its message, name, stack, cause and own properties. That the thread has ended.
   */
  call<K extends string & keyof M>(name: K, ...args: ArgumentsOf<M[K]>): Promise<ResultOf<M[K]>>;
  /** The same thread, with options for the calls that are made on what this gives. */
  with(options: CallOptions): NamespaceWorker<M>;
}

/** How a thread is started: the options of `node:worker_threads`, and what ends the start. */
export interface NamespaceWorkerOptions extends Omit<WorkerOptions, "workerData" | "eval"> {
  /** Ends the start with its reason; a thread that has started goes on. */
  readonly signal?: AbortSignal | undefined;
}

/** An open call, and what settles it. */
interface Call {
  /** What the thread was to do: `"ask() was answered"`. */
  readonly goal: string;
  readonly resolve: (value: unknown) => void;
  readonly reject: (reason: unknown) => void;
}

/** How long a thread may take to end by itself, in milliseconds. */
const GRACE = 200;
/** How long it may take to start before it is ended, in milliseconds: some 50, unless the machine is very busy. */
const START_GRACE = 5000;

/** A thread and its open calls. It keeps the process alive while it starts and while a call is open. */
export class WorkerThread implements AsyncDisposable {
  readonly #worker: Worker;
  readonly #calls = new Map<number, Call>();
  readonly #ended: Promise<void>;
  readonly #started: Promise<void>;
  #onStarted: () => void = () => undefined;
  #last = 0;
  #failure: { readonly reason: unknown } | undefined;

  private constructor(worker: Worker) {
    this.#worker = worker;
    this.#started = new Promise((resolve) => void (this.#onStarted = resolve));
    worker.on("message", (message: unknown) => {
      if (isAnswer(message)) this.#settle(message);
    });
    worker.on("error", (reason: unknown) => this.#fail(reason));
    this.#ended = new Promise((resolve) => {
      worker.once("exit", (code) => {
        this.#end(`The worker ended with status ${code}`);
        resolve();
      });
    });
  }

  /**
   * Starts a thread in a namespace and has it import a module.
   *
   * @throws What the module throws; that the namespace cannot be entered; the reason of the signal.
   */
  static async start(
    ns: Descriptor,
    url: string | URL,
    options: WorkerOptions = {},
    signal?: AbortSignal,
  ): Promise<WorkerThread> {
    const workerData: ProgramData = { url: importable(new URL(url)) };
    shareLibrary();
    const worker = within(ns, setNamespace, () => new Worker(workerProgram, withOwnFetch({ ...options, workerData })));
    const thread = new WorkerThread(worker);
    try {
      const goal = "its module was imported";
      await orAborted(new Promise((resolve, reject) => thread.#calls.set(0, { goal, resolve, reject })), signal);
      worker.unref();
      return thread;
    } catch (error) {
      await thread.end(signal?.aborted);
      throw error;
    }
  }

  /** Calls a function of the module. */
  async call(name: string, args: readonly unknown[], { signal, transfer }: CallOptions = {}): Promise<unknown> {
    signal?.throwIfAborted();
    const signals = args.flatMap((one, index) => one instanceof AbortSignal ? { signal: one, index } : []);
    for (const { signal } of signals) signal.throwIfAborted();
    if (this.#failure !== undefined) throw this.#failure.reason;
    const id = ++this.#last;
    const settled = new AbortController(); // removes the listeners from signals that live longer
    try {
      return await new Promise((resolve, reject) => {
        if (this.#calls.size === 0) this.#worker.ref();
        this.#calls.set(id, { goal: answered(name), resolve, reject });
        const listen = (one: AbortSignal, index?: number): void =>
          one.addEventListener("abort", () => {
            reject(one.reason);
            if (index !== undefined) this.#post({ kind: "abort", id, index, reason: partsOf(one.reason) });
          }, { signal: settled.signal });
        for (const { signal, index } of signals) listen(signal, index);
        if (signal !== undefined) listen(signal);
        const plain = args.map((one) => one instanceof AbortSignal ? undefined : one);
        this.#post({ kind: "call", id, name, args: plain, signals: signals.map(({ index }) => index) }, transfer);
      });
    } finally {
      settled.abort();
      this.#calls.delete(id);
      // The end of the thread is waited for: without a hold on the process, Node would end before it.
      if (this.#calls.size === 0 && this.#failure === undefined) this.#worker.unref();
    }
  }

  /** Ends the thread. Open calls are rejected at once. */
  async end(atOnce: boolean = this.#calls.size > 0): Promise<void> {
    this.#end("The worker was ended");
    this.#worker.ref();
    // Deno keeps two descriptors of a thread that does not end by itself, or is ended while it starts.
    if ((!atOnce || runtimeKind() === "deno") && this.#worker.threadId > 0) {
      await atMost(START_GRACE, Promise.race([this.#started, this.#ended]));
      this.#post({ kind: "end" });
      await atMost(GRACE, this.#ended);
    }
    await this.#worker.terminate();
  }

  /** As {@linkcode WorkerThread.end}. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.end();
  }

  #post(order: Order, transfer: readonly Transferable[] = []): void {
    this.#worker.postMessage(order, [...transfer]);
  }

  #settle(answer: Answer): void {
    if ("started" in answer) return this.#onStarted();
    const call = this.#calls.get(answer.id);
    this.#calls.delete(answer.id);
    if ("error" in answer) call?.reject(assembled(answer.error));
    else call?.resolve("value" in answer ? answer.value : undefined);
  }

  /** The thread has ended, which is the reason for all calls from now on; each open one says which it was. */
  #end(how: string): void {
    this.#fail(new Error(how), (goal) => new Error(`${how} before ${goal}`));
  }

  /** No call is answered any more. */
  #fail(reason: unknown, reasonOf: (goal: string) => unknown = () => reason): void {
    this.#failure ??= { reason };
    for (const { goal, reject } of this.#calls.values()) reject(reasonOf(goal));
    this.#calls.clear();
  }
}

/** What a call of the function `name` waits for. */
export const answered = (name: string): string => `${name}() was answered`;

/** Waits for something, for so many milliseconds at most. */
async function atMost(ms: number, awaited: Promise<void>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  await Promise.race([awaited, new Promise<void>((resolve) => void (timer = setTimeout(resolve, ms)))]);
  clearTimeout(timer);
}

/**
 * Starts a thread in a namespace, whose functions are called until it is disposed.
 *
 * @param ended Ends the start with its reason, too.
 */
export async function startWorker<M>(
  ns: Descriptor,
  url: string | URL,
  options: NamespaceWorkerOptions = {},
  ended?: AbortSignal,
): Promise<NamespaceWorker<M>> {
  checkOptions(options);
  const { signal: given, ...own } = options;
  const signal = given === undefined || ended === undefined ? given ?? ended : AbortSignal.any([given, ended]);
  signal?.throwIfAborted();
  ns.checkOpen();
  return faceOf(await WorkerThread.start(ns, url, own, signal), {});
}

/** What is given of a thread, with options for its calls. */
function faceOf<M>(thread: WorkerThread, options: CallOptions): NamespaceWorker<M> {
  return {
    call: async <K extends string & keyof M>(name: K, ...args: ArgumentsOf<M[K]>): Promise<ResultOf<M[K]>> => (
      await thread.call(name, args, options) as ResultOf<M[K]> // M says what the function returns
    ),
    with: (more) => {
      checkCallOptions(more);
      return faceOf(thread, { ...options, ...more });
    },
    [Symbol.asyncDispose]: () => thread.end(),
  };
}
