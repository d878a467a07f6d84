/** The threads of this process, and in which namespace each of them is. */
import { constants } from "node:os";
import { gettid, readDirectory, statusAt, SyscallError } from "../../ffi/mod.ts";
import { threadHome } from "./handle.ts";

/** One thread of this process. */
export interface ThreadNamespace {
  /** The id of the thread, as in `/proc/self/task`. */
  readonly tid: number;
  /** The inode of the network namespace in which it is. */
  readonly inode: bigint;
  /** True if that is the home of the calling thread. */
  readonly home: boolean;
}

/**
 * Lists every thread of this process with its network namespace, those of the runtime included: one that is not at
 * home serves the whole process from a foreign namespace.
 *
 * @throws {SyscallError} `/proc` cannot be read.
 */
export function auditThreads(): ThreadNamespace[] {
  const home = threadHome().handle.inode;
  return readDirectory("/proc/self/task").flatMap((tid) => {
    const inode = namespaceOf(Number(tid));
    return inode === undefined ? [] : [{ tid: Number(tid), inode, home: inode === home }];
  });
}

/** True if the calling thread is in its home namespace, asked of the kernel. */
export function isThreadHome(): boolean {
  return namespaceOf(gettid()) === threadHome().handle.inode;
}

/** A thread may end while it is looked at. */
function namespaceOf(tid: number): bigint | undefined {
  try {
    return statusAt(`/proc/self/task/${tid}/ns/net`).inode;
  } catch (error) {
    if (error instanceof SyscallError && GONE.has(error.errno)) return undefined;
    throw error;
  }
}

const GONE: ReadonlySet<number> = new Set([constants.errno.ENOENT, constants.errno.ESRCH]);

/** How many threads a pool is made to grow to before the first switch; Node and Bun start fewer and keep them. */
const POOL_THREADS = 16;

/** So much that all the digests are under way before the first is done: an idle thread would take the next. */
const WARM_BYTES = 1024 * 1024;

/**
 * Lets the runtime start its pool of threads while this thread is at home: threads are born in the namespace of the
 * thread that needs them, and one born in a section would serve the whole process from there.
 *
 * Digests are what every runtime does on its pool, without a permission.
 */
export async function warmPool(): Promise<void> {
  const data = new Uint8Array(WARM_BYTES);
  await Promise.all(Array.from({ length: POOL_THREADS }, () => crypto.subtle.digest("SHA-512", data)));
}
