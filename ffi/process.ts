/** Replacing this process by another program. */
import process from "node:process";
import { F_SETFD, PATH_MAX, RLIMIT_NOFILE, SIG_DFL, SIG_SETMASK, SIGPIPE, SIGXFSZ } from "./constants.ts";
import { checked } from "./errors.ts";
import { libc } from "./library.ts";
import { cstring } from "./text.ts";

/**
 * Replaces this process by `command`, looked up in `PATH`: the same process id, the same standard input, output
 * and error, the namespaces of the calling thread. Does not return; every other thread ends, and nothing of the
 * runtime runs any more. See execvp(3).
 *
 * What the runtime has changed for itself is as the command would have found it: the signals that it ignores and those
 * that it blocks, and the limit of open files.
 *
 * @throws {SyscallError} The command could not be started: `ENOENT`, `EACCES`, `E2BIG`.
 */
export function execute(command: string, args: readonly string[]): never {
  const argv = pointers([command, ...args]);
  const { functions, errno } = libc();
  lowerFileLimit();
  // An ignored signal stays ignored after exec: `command | head` would not end.
  for (const signal of [SIGPIPE, SIGXFSZ]) functions.signal(signal, SIG_DFL);
  functions.sigprocmask(SIG_SETMASK, new Uint8Array(SIGSET_SIZE), null);
  // Node marks even these to be closed on exec. One that is not open is none of the command's either.
  for (const fd of [0, 1, 2]) functions.fcntl(fd, F_SETFD, 0);
  checked("execvp", functions.execvp(cstring(command), argv), errno[0], command.slice(0, PATH_MAX));
  throw new Error("execvp returned without an error"); // which it never does
}

/**
 * Gives the limit of open files back that the parent has, where that is lower. Deno and Node raise their own to what they
 * may have, and programs that close or select every descriptor there could be get slow or fail. See prlimit(2).
 */
function lowerFileLimit(): void {
  const { prlimit } = libc().functions;
  const limits = new Uint8Array(16); // struct rlimit: the soft one, then the hard one
  const view = new DataView(limits.buffer);
  // A parent that may not be asked, as another user's, is no reason not to run the command.
  if (prlimit(process.ppid, RLIMIT_NOFILE, null, limits) === -1) return;
  const parents = view.getBigUint64(0, true);
  if (prlimit(0, RLIMIT_NOFILE, null, limits) === -1 || view.getBigUint64(0, true) <= parents) return;
  view.setBigUint64(0, parents, true);
  prlimit(0, RLIMIT_NOFILE, limits, null);
}

/** The C library's sigset_t: 1024 bits in glibc and in musl. */
const SIGSET_SIZE = 128;

/** A NULL-terminated array of C strings; they are never freed, as what replaces the process has no use for them. */
function pointers(texts: readonly string[]): Uint8Array<ArrayBuffer> {
  const array = new BigUint64Array(texts.length + 1);
  for (const [index, text] of texts.entries()) array[index] = BigInt(libc().functions.strdup(cstring(text)));
  return new Uint8Array(array.buffer);
}
