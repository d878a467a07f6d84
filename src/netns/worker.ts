/** Asynchronous work in a namespace: a thread that is born there and has an event loop of its own. */
import { Worker, type WorkerOptions } from "node:worker_threads";
import type { Namespace } from "../namespace.ts";
import { NsHandle } from "./handle.ts";
import { resolve } from "./resolve.ts";

export type { Worker, WorkerOptions };

/**
 * Starts a worker of `node:worker_threads` in a namespace: its thread is born there, and all that it does happens there,
 * after every `await` too. In the worker, this is the default namespace of the library.
 *
 * In Node, DNS look-ups and file calls of a worker use the pool of the process, which is at home. In Deno, a worker from
 * a file needs `--allow-read` for it.
 *
 * @param ns The namespace, or an open handle of it, which may be closed once this returns.
 * @param url The module, as an absolute URL: `new URL("./server.ts", import.meta.url)`.
 * @param options Those of `node:worker_threads`.
 * @throws As {@linkcode NsHandle.run}; {@linkcode UnavailableMicroserviceError} for a container's label, which only
 * a handler knows.
 */
export function createWorker(ns: NsHandle | Namespace, url: string | URL, options: WorkerOptions = {}): Worker {
  const module = new URL(url);
  if (ns instanceof NsHandle) return ns.run(() => new Worker(module, options));
  using handle = resolve(ns);
  return handle.run(() => new Worker(module, options));
}

/** The message of the worker: the result, or the parts of the error, because a clone loses its class. */
type Answer = { readonly value: unknown } | { readonly error: ErrorParts };

interface ErrorParts {
  readonly name: string;
  readonly message: string;
  readonly stack?: string;
  readonly properties: Readonly<Record<string, unknown>>;
  readonly cause?: ErrorParts;
}

/** The program of the worker. It is text and not a file, so it needs no permission to be read and no entry in a bundle. */
const BOOTSTRAP = `
import { parentPort, workerData } from "node:worker_threads";
const cloneable = (value) => { try { structuredClone(value); return true; } catch { return false; } };
const parts = (error) => {
  if (!(error instanceof Error)) return { name: "Error", message: String(error), properties: {} };
  const own = Object.entries(error).filter(([key, value]) => key !== "cause" && key !== "name" && cloneable(value));
  return {
    name: error.name,
    message: error.message,
    stack: error.stack,
    properties: Object.fromEntries(own),
    ...(error.cause === undefined ? {} : { cause: parts(error.cause) }),
  };
};
try {
  const { url, name, args } = workerData;
  const module = await import(url);
  if (typeof module[name] !== "function") throw new TypeError(url.slice(0, 200) + " exports no function " + name);
  parentPort.postMessage({ value: await module[name](...args) });
} catch (error) {
  parentPort.postMessage({ error: parts(error) });
}
`;

/**
 * Calls a function of a module on a thread in a namespace, and waits for its result; the function may be
 * asynchronous. The thread has ended when the promise settles.
 *
 * @param ns The namespace, or an open handle of it.
 * @param moduleUrl The module, as an absolute URL. In Deno, importing a file needs `--allow-read` for it.
 * @param exportName The name of the exported function.
 * @param args Its arguments. They and the result are passed by structured clone. An `AbortSignal` as the last argument
 * is not passed: its abort ends the thread, whatever that does.
 * @returns What the function returns.
 * @throws What the function throws, with its message, name, stack and own properties; the signal's reason; and what
 * {@linkcode createWorker} throws.
 *
 * @example Resolve a name as the namespace sees it
 * ```ts ignore
 * const lookup = new URL("./lookup.ts", import.meta.url);
 * const address = await runInNamespace(namedNs("blue"), lookup, "resolve", "db.example", AbortSignal.timeout(1000));
 * ```
 */
export async function runInNamespace(
  ns: NsHandle | Namespace,
  moduleUrl: string | URL,
  exportName: string,
  ...args: readonly unknown[]
): Promise<unknown> {
  const last = args.at(-1);
  const signal = last instanceof AbortSignal ? last : undefined;
  signal?.throwIfAborted();
  const worker = createWorker(ns, bootstrapUrl(), {
    workerData: { url: String(new URL(moduleUrl)), name: exportName, args: signal ? args.slice(0, -1) : args },
  });
  try {
    const answer = await answerOf(worker, signal);
    if ("error" in answer) throw assembled(answer.error);
    return answer.value;
  } finally {
    await ended(worker, signal?.aborted ? 0 : GRACE);
  }
}

const bootstrapUrl = (): string => `data:text/javascript,${encodeURIComponent(BOOTSTRAP)}`;

/** A text of the runtime's without the address of the bootstrap, which is its whole source. */
const readable = (text: string): string => text.replaceAll(bootstrapUrl(), "runInNamespace()");

/** How long a worker may take to end by itself after its result, in milliseconds. */
const GRACE = 200;

/** Lets the worker finish first: Deno keeps two descriptors of a worker that is terminated. */
async function ended(worker: Worker, grace: number): Promise<void> {
  if (grace > 0 && worker.threadId > 0) {
    let timer: ReturnType<typeof setTimeout> | undefined;
    await new Promise<void>((resolve) => {
      worker.once("exit", () => resolve());
      timer = setTimeout(resolve, grace);
    });
    clearTimeout(timer);
  }
  await worker.terminate();
}

async function answerOf(worker: Worker, signal: AbortSignal | undefined): Promise<Answer> {
  const settled = new AbortController(); // removes the listener from a signal that lives longer
  try {
    return await new Promise<Answer>((resolve, reject) => {
      signal?.addEventListener("abort", () => reject(signal.reason), { signal: settled.signal });
      worker.once("message", resolve);
      worker.once("error", reject);
      worker.once("exit", (code) => reject(new Error(`The worker ended with status ${code} before it answered`)));
    });
  } finally {
    settled.abort();
  }
}

function assembled({ name, message, stack, properties, cause }: ErrorParts): Error {
  const error = new Error(readable(message), cause === undefined ? undefined : { cause: assembled(cause) });
  Object.assign(error, properties);
  Object.defineProperty(error, "name", { value: name, configurable: true, writable: true });
  if (stack !== undefined) {
    Object.defineProperty(error, "stack", { value: readable(stack), configurable: true, writable: true });
  }
  return error;
}
