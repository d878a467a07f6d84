/** Asynchronous work in a namespace: a thread that is born there and has an event loop of its own. */
import { Worker, type WorkerOptions } from "node:worker_threads";
import { shareLibrary } from "../../ffi/mod.ts";
import { orAborted } from "../async/limit.ts";
import type { Namespace } from "../namespace.ts";
import { NsHandle } from "./handle.ts";
import { WorkerThread } from "./namespace_worker.ts";
import { withOwnFetch } from "./worker_options.ts";
import { resolve } from "./resolve.ts";

export type { Worker, WorkerOptions };

/**
 * Starts a worker of `node:worker_threads` in a namespace: its thread is born there, and all that it does happens there,
 * after every `await` too. In the worker, this is the default namespace of the library.
 *
 * In Node, DNS look-ups and file calls of a worker use the pool of the process, which is at home. In Deno, a worker from
 * a file needs `--allow-read` for it, and two descriptors stay of one that `terminate()` ends while its module awaits
 * something at the top; {@linkcode NsHandle.worker} leaves none. In Bun, the global `fetch` of the worker is that of
 * {@linkcode NsHandle.fetch}, because Bun's own, which is `Bun.fetch` too, runs on one thread of the process.
 *
 * @param ns The namespace, or an open handle of it, which may be closed once this returns.
 * @param url The module, as an absolute URL: `new URL("./server.ts", import.meta.url)`.
 * @param options Those of `node:worker_threads`.
 * @throws As {@linkcode NsHandle.run}; {@linkcode UnavailableMicroserviceError} for a container's label, which only
 * a handler knows.
 */
export function createWorker(ns: NsHandle | Namespace, url: string | URL, options: WorkerOptions = {}): Worker {
  const [module, own] = [new URL(url), withOwnFetch(options)];
  const start = (): Worker => {
    shareLibrary();
    return new Worker(module, own);
  };
  if (ns instanceof NsHandle) return ns.run(start);
  using handle = resolve(ns);
  return handle.run(start);
}

/**
 * Calls a function of a module on a thread in a namespace, and waits for its result; the function may be
 * asynchronous. The thread has ended when the promise settles.
 *
 * @param ns The namespace, or an open handle of it.
 * @param moduleUrl The module, as an absolute URL. In Deno, importing a file needs `--allow-read` for it.
 * @param exportName The name of the exported function.
 * @param args Its arguments. They and the result are passed by structured clone. An `AbortSignal` as the last argument
 * is not passed: its abort ends the thread, whatever that does; in Deno, one that computes or waits without
 * an `await` ends when it is done, and its descriptors go then.
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
  const thread = await started(ns, moduleUrl, signal);
  try {
    return await orAborted(thread.call(exportName, signal ? args.slice(0, -1) : args), signal);
  } finally {
    await thread.end(signal?.aborted);
  }
}

async function started(
  ns: NsHandle | Namespace,
  url: string | URL,
  signal: AbortSignal | undefined,
): Promise<WorkerThread> {
  if (ns instanceof NsHandle) return await WorkerThread.start(ns.descriptor, url, {}, signal);
  using handle = resolve(ns);
  return await WorkerThread.start(handle.descriptor, url, {}, signal);
}
