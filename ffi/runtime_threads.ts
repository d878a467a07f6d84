/** The threads that the runtime starts for itself. */
import { libc } from "./library.ts";

/** How long each thread is kept, in microseconds: longer than it takes to ask for all of them. */
const KEPT = 5000;

/**
 * Has `threads` threads of the runtime's pool sleep at the same time, so that it starts as many, or all that it ever
 * will: threads are born in the namespace of the thread that asks for them.
 */
export async function occupyPool(threads: number): Promise<void> {
  await Promise.all(Array.from({ length: threads }, () => libc().functions.usleep(KEPT)));
}

/**
 * Has Bun start the threads that help its garbage collector, which it does with the first collection, and keeps them.
 * The others start theirs with the program.
 */
export function startCollector(): void {
  (globalThis as { readonly Bun?: { gc(wait: boolean): void } }).Bun?.gc(true);
}
