/** Threads that the runtime starts for itself. */
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

/** Has Bun start the threads of its garbage collector, which it otherwise starts with the first collection. */
export function startCollectorThreads(): void {
  (globalThis as { readonly Bun?: { gc(wait: boolean): void } }).Bun?.gc(true);
}
