/** Replacing this process by another program. */
import process from "node:process";
import { F_SETFD, PATH_MAX, RLIMIT_NOFILE, SIG_DFL, SIG_SETMASK, SIGPIPE, SIGXFSZ } from "./constants.ts";
import { checked } from "./errors.ts";
import { libc } from "./library.ts";
import { cstring } from "./text.ts";

/**
 * Replaces this process by `command`, looked up in `PATH`. The process id, standard input, output and error and the
 * namespaces of the calling thread stay. It does not return: every other thread ends, and the runtime with them. See
 * execvp(3).
 *
 * It undoes what the runtime changed for itself: ignored and blocked signals, and the limit of open files.
 *
 * @throws {SyscallError} The command could not be started: `ENOENT`, `EACCES`, `E2BIG`.
 */
export function execute(command: string, args: readonly string[]): never {
  const argv = pointers([command, ...args]);
  const { functions, errno } = libc();
  lowerFileLimit();
  // An ignored signal stays ignored after exec: without SIGPIPE, `command | head` would not end.
  for (const signal of [SIGPIPE, SIGXFSZ]) functions.signal(signal, SIG_DFL);
  functions.sigprocmask(SIG_SETMASK, new Uint8Array(SIGSET_SIZE), null);
  // Node marks these close-on-exec. One that is not open stays so.
  for (const fd of [0, 1, 2]) functions.fcntl(fd, F_SETFD, 0);
  checked("execvp", functions.execvp(cstring(command), argv), errno[0], command.slice(0, PATH_MAX));
  throw new Error("execvp returned without an error"); // which it never does
}

/**
 * Lowers the soft limit of open files to that of the parent. Deno and Node raise their own to the hard limit, which
 * slows or breaks programs that close or select every possible descriptor. See prlimit(2).
 */
function lowerFileLimit(): void {
  const { prlimit } = libc().functions;
  const limits = new Uint8Array(16); // struct rlimit: the soft one, then the hard one
  const view = new DataView(limits.buffer);
  // The parent may be another user's process, whose limits cannot be read: the command runs all the same.
  if (prlimit(process.ppid, RLIMIT_NOFILE, null, limits) === -1) return;
  const parents = view.getBigUint64(0, true);
  if (prlimit(0, RLIMIT_NOFILE, null, limits) === -1 || view.getBigUint64(0, true) <= parents) return;
  view.setBigUint64(0, parents, true);
  prlimit(0, RLIMIT_NOFILE, limits, null);
}

/** The C library's sigset_t: 1024 bits in glibc and in musl. */
const SIGSET_SIZE = 128;

/** A NULL-terminated array of C strings. They are never freed: exec replaces the memory of the process. */
function pointers(texts: readonly string[]): Uint8Array<ArrayBuffer> {
  const array = new BigUint64Array(texts.length + 1);
  for (const [index, text] of texts.entries()) array[index] = BigInt(libc().functions.strdup(cstring(text)));
  return new Uint8Array(array.buffer);
}
