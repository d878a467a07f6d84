/** Threads that the runtime starts for itself. */
import { createRequire } from "node:module";
import process from "node:process";
import { EFD_SEMAPHORE, O_CLOEXEC } from "./constants.ts";
import { checkedRetry } from "./errors.ts";
import { libc } from "./library.ts";

/** How long each call sleeps, in microseconds: longer than it takes to make all of them. */
const SLEEP = 5000;

/**
 * Has the runtime start up to `threads` threads of its pool: that many calls sleep in it at the same time. A thread is
 * born in the namespace of the thread that starts it.
 */
export async function fillThreadPool(threads: number): Promise<void> {
  await Promise.all(Array.from({ length: threads }, () => libc().functions.usleep(SLEEP)));
}

/**
 * Has the runtime start its pool of threads, if it starts all of it with the first task, as Node does. In Node the task is a
 * call of libc, because `crypto`, which serves elsewhere, takes it ten milliseconds to load.
 */
export function startThreadPool(): void {
  const { deno, bun } = process.versions;
  if (deno === undefined && bun === undefined) void libc().functions.usleep(0);
  else void crypto.subtle.digest("SHA-256", new Uint8Array(1));
}

/** Has Bun start the threads of its garbage collector, which it otherwise starts with the first collection. */
export function startCollectorThreads(): void {
  (globalThis as { readonly Bun?: { gc(wait: boolean): void } }).Bun?.gc(true);
}

/** How many threads Deno's pool has at most. */
const DENO_POOL = 32;
/** A thread of Deno's pool ends when it had nothing to do for 10 seconds. After so many milliseconds it gets something. */
const POOL_PATIENCE = 4000;

/** When Deno's pool was filled last: by the clock, which is faster to read than the time since the start. */
let filled = -Infinity;
const isDeno = process.versions.deno !== undefined;

/**
 * Before a thread leaves home: has Deno start all threads of its pool here, unless it did so a moment ago. One that is born
 * in another namespace would stay there and do file calls and look-ups of names for the whole process.
 *
 * So many reads wait at the same time, each on a thread, until one write lets all of them go on. It takes a millisecond.
 *
 * @throws {SyscallError} The write failed: the threads of the pool wait until something else is written.
 */
export function fillPoolBeforeLeaving(): void {
  if (!isDeno) return;
  const now = Date.now();
  if (Math.abs(now - filled) < POOL_PATIENCE) return;
  filled = now;
  const { functions } = libc();
  const fd = functions.eventfd(0, EFD_SEMAPHORE | O_CLOEXEC);
  if (fd === -1) return; // no descriptor is left: the section will say so, if it needs one
  const taken = new Uint8Array(8);
  const parked = Array.from({ length: DENO_POOL }, () => functions.parkOnRead(fd, taken, taken.length));
  void Promise.allSettled(parked).then(() => functions.closeParking(fd));
  const permits = new Uint8Array(new BigUint64Array([BigInt(DENO_POOL)]).buffer);
  checkedRetry("write", () => functions.unparkByWrite(fd, permits, permits.length));
}

/** What starts the threads of Bun that it has once for the process. */
interface BunFetch {
  (url: string, options: { readonly unix: string }): Promise<unknown>;
}

/**
 * Has Bun start, at home, the threads that it starts once for the process and that it would otherwise start in the first
 * section that needs them: `HTTP Client`, `JS Signal Sender`, `fs.watch`. It takes some milliseconds, once.
 */
export function startProcessThreads(): void {
  if (process.versions.bun === undefined) return;
  const load = createRequire("/");
  const { watch } = load("node:fs") as typeof import("node:fs");
  const { runInThisContext } = load("node:vm") as typeof import("node:vm");
  const bunFetch: unknown = globalThis.fetch;
  void (bunFetch as BunFetch)("http://localhost/", { unix: "/proc/self/none" }).catch(() => undefined);
  runInThisContext("0", { timeout: 1000 });
  watch("/proc/self").close();
}
