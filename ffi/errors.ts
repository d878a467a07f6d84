/** The error of a failed system call, and the check of results. */
import { constants } from "node:os";
import { libc } from "./library.ts";
import { remedyFor } from "./remedies.ts";
import { printable } from "./text.ts";

/** Second names of values. The man pages of the calls made here use the first. */
const SECOND_NAMES: ReadonlySet<string> = new Set(["EWOULDBLOCK", "ENOTSUP"]);

/** Names of the errno values, as the headers spell them: `1` is `"EPERM"`. */
const NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(constants.errno)
    .filter(([name]) => !SECOND_NAMES.has(name))
    .map(([name, value]): [number, string] => [value, name]),
);

/** The name of an errno value, or its number as text where it has none. */
export function errnoName(errno: number): string {
  return NAMES.get(errno) ?? String(errno);
}

/** The C library's text for an errno value. */
export function errnoText(errno: number): string {
  const text = libc().functions.strerror(errno);
  return text === null ? `error ${errno}` : Deno.UnsafePointerView.getCString(text);
}

/** Options of {@linkcode SyscallError}. */
export interface SyscallErrorOptions extends ErrorOptions {
  /** The path that the call was given. */
  readonly path?: string | undefined;
  /** What to do about it. @default {what is known for the call and the errno} */
  readonly remedy?: string | undefined;
}

/**
 * A system call failed. The message names the call, its path and the reason, and says what to do where the cause is
 * known: `setns: Operation not permitted (EPERM); run as root (sudo), or …`.
 *
 * See errno(3) for the codes.
 */
export class SyscallError extends Error {
  /** Always `"SyscallError"`. */
  override readonly name = "SyscallError";
  /** The call that failed, as its man page is named: `"setns"`. */
  readonly syscall: string;
  /** The number of the error: `1`. */
  readonly errno: number;
  /** The name of the error: `"EPERM"`. */
  readonly code: string;
  /** What happened, without what to do about it: `"setns: Operation not permitted (EPERM)"`. */
  readonly reason: string;
  /** The path that the call was given, if it was given one. */
  readonly path?: string;
  /** What to do about it, if that is known; the message ends with it. */
  readonly remedy?: string;

  /** Describes the failure of `syscall` with `errno`. */
  constructor(syscall: string, errno: number, options: SyscallErrorOptions = {}) {
    const code = errnoName(errno);
    const { path, remedy = remedyFor(syscall, code, path) } = options;
    const reason = `${syscall}${path === undefined ? "" : ` ${printable(path)}`}: ${errnoText(errno)} (${code})`;
    super(
      remedy === undefined ? reason : `${reason}; ${remedy}`,
      options.cause === undefined ? undefined : { cause: options.cause },
    );
    this.reason = reason;
    this.syscall = syscall;
    this.errno = errno;
    this.code = code;
    if (path !== undefined) this.path = path;
    if (remedy !== undefined) this.remedy = remedy;
  }
}

/**
 * The result of a call, or its error: `checked("rmdir", functions.rmdir(name), errno[0], path)`. The caller reads
 * `errno` right after the call; see {@linkcode Libc.errno}.
 *
 * @throws {SyscallError} The result is -1.
 */
export function checked(syscall: string, result: number, errno: number | undefined, path?: string): number {
  if (result === -1) throw new SyscallError(syscall, errno ?? 0, { path });
  return result;
}

/** {@linkcode checked} for calls that block: one that a signal interrupted (EINTR) is made again. */
export function checkedRetry(syscall: string, call: () => number, path?: string): number {
  const { errno } = libc();
  for (;;) {
    const value = call();
    const why = errno[0];
    if (value !== -1) return value;
    throwUnlessInterrupted(syscall, why, path);
  }
}

/** The check of {@linkcode checkedRetry}, for calls that are too frequent to pass a function. */
export function throwUnlessInterrupted(syscall: string, errno: number | undefined, path?: string): void {
  if (errno !== constants.errno.EINTR) throw new SyscallError(syscall, errno ?? 0, { path });
}
