/** The threads of this process, and in which namespace each of them is. */
import { stat } from "node:fs/promises";
import { occupyPool, readDirectory, readText, startCollector, statusAt } from "../../ffi/mod.ts";
import { isErrno } from "../errors.ts";
import { threadHome } from "./descriptor.ts";

/** One thread of this process. */
export interface ThreadNamespace {
  /** The id of the thread, as in `/proc/self/task`. */
  readonly tid: number;
  /** Its name, as in `/proc/self/task/TID/comm`: at most 15 bytes, by which a runtime says what it does. */
  readonly name: string;
  /** The inode of the network namespace in which it is. */
  readonly inode: bigint;
  /** True if that is the home of the calling thread. */
  readonly home: boolean;
}

/**
 * Lists every thread of this process with its network namespace, those of the runtime included: one that is not at
 * home serves the whole process from a foreign namespace. In Bun the compiler's threads (`JITWorker`) come and go at any
 * time, and one that is born in a section stays there until it ends: they use no network, but keep the namespace alive.
 *
 * @throws {SyscallError} `/proc` cannot be read.
 */
export function auditThreads(): ThreadNamespace[] {
  const home = threadHome().inode;
  return readDirectory("/proc/self/task").flatMap((tid) => {
    const thread = unlessGone(() => ({
      name: readText(`/proc/self/task/${tid}/comm`).trimEnd(),
      inode: statusAt(`/proc/self/task/${tid}/ns/net`).inode,
    }));
    return thread === undefined ? [] : [{ tid: Number(tid), ...thread, home: thread.inode === home }];
  });
}

/** A thread may end while it is looked at. */
function unlessGone<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    if (isErrno(error, "ENOENT", "ESRCH")) return undefined;
    throw error;
  }
}

/** How many threads a pool is made to grow to before the first switch; Node and Bun start fewer and keep them. */
const POOL_THREADS = 16;

/**
 * Lets the runtime start its pool of threads while this thread is at home: threads are born in the namespace of the
 * thread that needs them, and one born in a section would serve the whole process from there.
 */
export async function warmPool(): Promise<void> {
  // Bun has a pool of its own for files; Deno may refuse to look at them.
  await Promise.allSettled(Array.from({ length: POOL_THREADS }, () => stat("/")));
  await occupyPool(POOL_THREADS);
  startCollector();
}
