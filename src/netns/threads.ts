/** The threads of this process, and in which namespace each of them is. */
import { stat } from "node:fs/promises";
import { fillThreadPool, readDirectory, readText, startCollectorThreads, statusAt } from "../../ffi/mod.ts";
import { isErrno } from "../errors.ts";
import { threadHome } from "../switch/descriptor.ts";

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
  /** True if it only computes or watches files, by its name: wherever it is, it uses no network. */
  readonly computes: boolean;
}

/** Threads of compilers and garbage collectors, of WebAssembly, and that watch files: of Bun, of Node, of Deno. */
const COMPUTING = /^(JITWorker|JSCWarmUp|HeapHelper|.*ollector Thread|mi-scavenger|Wasm.*|fs\.watch|notify-rs.*)$/;

/**
 * Lists every thread of this process, those of the runtime included, with its network namespace. A thread that is not
 * at home and does more than compute serves the whole process from a foreign namespace. Bun starts and ends threads of its compiler (`JITWorker`)
 * at any time; one that is born in a section stays there until it ends. It uses no network, but keeps the namespace
 * alive.
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
    return thread === undefined ? [] : [
      { tid: Number(tid), ...thread, home: thread.inode === home, computes: COMPUTING.test(thread.name) },
    ];
  });
}

/** A thread may end while it is inspected. */
function unlessGone<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (isErrno(error, "ENOENT", "ESRCH")) return undefined;
    throw error;
  }
}

/** How many threads the pool gets before the first switch. Node and Bun start fewer, and keep them. */
const POOL_THREADS = 16;

/**
 * Has the runtime start the threads of its pool while this thread is at home. A thread is born in the namespace of the
 * thread that starts it, and one that is born in a section would serve the whole process from there.
 */
export async function startRuntimeThreads(): Promise<void> {
  // Bun has a pool of its own for files. Without --allow-read, Deno rejects these calls.
  await Promise.allSettled(Array.from({ length: POOL_THREADS }, () => stat("/")));
  await fillThreadPool(POOL_THREADS);
  startCollectorThreads();
}
