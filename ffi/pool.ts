/** The runtime's pool of threads. */
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
