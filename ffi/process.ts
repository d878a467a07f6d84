/** Replacing this process by another program. */
import process from "node:process";
import {
  F_SETFD,
  PATH_MAX,
  PR_SET_PDEATHSIG,
  RLIMIT_NOFILE,
  SIG_DFL,
  SIG_IGN,
  SIG_SETMASK,
  SIGKILL,
  SIGPIPE,
  SIGXFSZ,
} from "./constants.ts";
import { checked } from "./errors.ts";
import { libc } from "./library.ts";
import { nameOfBytes } from "./raw_names.ts";
import { cstring } from "./text.ts";

/** What a process was given when it started, before its runtime changed any of it. */
export interface Inherited {
  /** The soft limit of open files. */
  readonly fileLimit: bigint;
  /** The ignored signals, as the bits of SigIgn in proc_pid_status(5). */
  readonly ignored: bigint;
  /** The blocked signals, likewise. */
  readonly blocked: bigint;
  /** The open descriptors. */
  readonly descriptors: ReadonlySet<number>;
}

/**
 * Replaces this process by `command`, looked up in `PATH`. The process id, the descriptors that it was given and the
 * namespaces of the calling thread stay. It does not return: every other thread ends, and the runtime with them. See
 * execvp(3).
 *
 * It undoes what the runtime changed for itself: ignored and blocked signals, the limit of open files, descriptors.
 *
 * @param command The program, as text or as bytes.
 * @param inherited What this process was given. Without it, signals get their defaults, the limit is that of the parent if
 * that is lower, and only standard input, output and error stay for certain.
 * @throws {SyscallError} The command could not be started: `ENOENT`, `EACCES`, `E2BIG`.
 */
export function execute(command: Word, args: readonly Word[], inherited?: Inherited): never {
  const argv = pointers([command, ...args]);
  const { functions, errno } = libc();
  if (inherited === undefined) lowerFileLimit();
  else setFileLimit(inherited.fileLimit);
  // An ignored signal stays ignored after exec: without SIGPIPE, `command | head` would not end.
  for (const signal of [SIGPIPE, SIGXFSZ]) functions.signal(signal, SIG_DFL);
  for (const signal of signalsOf(inherited?.ignored ?? 0n)) functions.signal(signal, SIG_IGN);
  functions.sigprocmask(SIG_SETMASK, sigset(inherited?.blocked ?? 0n), null);
  keepDescriptors(inherited?.descriptors ?? STANDARD);
  checked("execvp", functions.execvp(cstringOf(command), argv), errno[0], textOf(command).slice(0, PATH_MAX));
  throw new Error("execvp returned without an error"); // which it never does
}

/** An argument of a program. */
export type Word = string | Uint8Array<ArrayBuffer>;

/** Standard input, output and error. */
const STANDARD: ReadonlySet<number> = new Set([0, 1, 2]);

/**
 * Has a program that is started get these descriptors: the runtime marked them close-on-exec. One that is not open stays so.
 * If standard input, output or error was closed, it is closed again: the runtime opened /dev/null there.
 */
export function keepDescriptors(descriptors: ReadonlySet<number>): void {
  const { fcntl, close } = libc().functions;
  for (const fd of descriptors) fcntl(fd, F_SETFD, 0);
  for (const fd of STANDARD) if (!descriptors.has(fd)) close(fd);
}

/** The numbers of the signals of a set, without those that cannot be ignored. */
function signalsOf(set: bigint): number[] {
  return Array.from({ length: SIGNALS }, (_, index) => index + 1).filter((signal) => (set >> BigInt(signal - 1)) & 1n);
}

/** How many signals Linux has. */
const SIGNALS = 64;

function sigset(set: bigint): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(SIGSET_SIZE);
  new DataView(bytes.buffer).setBigUint64(0, set, true);
  return bytes;
}

/** Has the kernel kill this process when its parent ends, whatever program it becomes. See PR_SET_PDEATHSIG(2const). */
export function dieWithParent(): void {
  const { functions, errno } = libc();
  checked("prctl", functions.prctl(PR_SET_PDEATHSIG, SIGKILL), errno[0]);
}

/**
 * Lowers the soft limit of open files to that of the parent. Deno and Node raise their own to the hard limit, which
 * slows or breaks programs that close or select every possible descriptor. See prlimit(2).
 */
function lowerFileLimit(): void {
  const limits = new Uint8Array(16); // struct rlimit: the soft one, then the hard one
  // The parent may be another user's process, whose limits cannot be read: the command runs all the same.
  if (libc().functions.prlimit(process.ppid, RLIMIT_NOFILE, null, limits) === -1) return;
  setFileLimit(new DataView(limits.buffer).getBigUint64(0, true));
}

/** Sets the soft limit of open files, if it is higher now. */
export function setFileLimit(soft: bigint): void {
  const { prlimit } = libc().functions;
  const limits = new Uint8Array(16);
  const view = new DataView(limits.buffer);
  if (prlimit(0, RLIMIT_NOFILE, null, limits) === -1 || view.getBigUint64(0, true) <= soft) return;
  view.setBigUint64(0, soft, true);
  prlimit(0, RLIMIT_NOFILE, limits, null);
}

/** The C library's sigset_t: 1024 bits in glibc and in musl. */
const SIGSET_SIZE = 128;

/** A NULL-terminated array of C strings. They are never freed: exec replaces the memory of the process. */
function pointers(words: readonly Word[]): Uint8Array<ArrayBuffer> {
  const array = new BigUint64Array(words.length + 1);
  for (const [index, word] of words.entries()) array[index] = BigInt(libc().functions.strdup(cstringOf(word)));
  return new Uint8Array(array.buffer);
}

/** A word as a C string; bytes end where C ends them. */
const cstringOf = (word: Word): Uint8Array<ArrayBuffer> =>
  typeof word === "string" ? cstring(word) : Uint8Array.of(...word, 0);

const textOf = (word: Word): string => typeof word === "string" ? word : nameOfBytes(word);
