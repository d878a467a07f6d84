/** Opens libc at the first call. Every call to it goes through here. */
import { type Functions, SYMBOLS } from "./symbols.ts";

/** libc as this thread sees it. */
export interface Libc {
  /** The name by which it was found: `"libc.so.6"`. */
  readonly file: string;
  readonly functions: Functions;
  /**
   * `errno` of this thread, in the C library's memory. It is read right after the call, with no function call between
   * them: at the start of a function the runtime may do work of its own, whose waits leave EAGAIN here.
   */
  readonly errno: Int32Array;
}

/** The names of the C library: glibc first, then musl (Alpine, Void) under its two names. */
const LIBRARIES: readonly string[] = [
  "libc.so.6",
  "libc.musl-x86_64.so.1",
  "libc.musl-aarch64.so.1",
  "libc.so",
];

let current: Libc | undefined;

/** libc, opened at the first use. */
export function libc(): Libc {
  return current ??= open();
}

function open(): Libc {
  if (Deno.build.os !== "linux") {
    throw new Error(`Network namespaces are a feature of Linux; this is ${Deno.build.os}`);
  }
  const refusals = new Set<string>(); // without FFI, every name fails with one message
  for (const name of LIBRARIES) {
    try {
      // Deno's type wants a bigint for usize; the call takes a number as well.
      const functions = Deno.dlopen(name, SYMBOLS).symbols as Functions;
      return { file: name, functions, errno: errnoOf(functions) };
    } catch (error) {
      // A missing permission is the user's to give, and the same for every name.
      if (error instanceof Error && error.name === "NotCapable") throw error;
      refusals.add(error instanceof Error ? error.message : String(error));
    }
  }
  throw new Error(`Cannot open the C library: ${[...refusals].join("; ")}`);
}

/**
 * Each thread has its own `errno`, and its own copy of this module: a Worker loads it anew. `errno` is read as memory,
 * by a plain load. `getInt32` of a pointer view checks the permission first; if another thread holds the lock of the
 * permissions, the wait for it overwrites `errno` with EAGAIN. `Atomics.load` lets the runtime do work of its own, too.
 */
function errnoOf(functions: Functions): Int32Array {
  const location = functions.__errno_location();
  if (location === null) throw new Error("Cannot read errno: __errno_location returned NULL");
  return new Int32Array(new Deno.UnsafePointerView(location).getArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
}

/**
 * Is called before a thread is started: in Node, its program finds koffi where this one did. Not before, because to say
 * where costs as much as a fifth of a short command.
 */
export function shareLibrary(): void {
  const share: unknown = Reflect.get(Deno, "shareLibrary"); // the one of ffi/node/
  if (typeof share === "function") share();
}

/** What an {@linkcode Interceptor} returns to make a call fail without making it. */
export interface Failure {
  readonly errno: number;
}

/**
 * Sees every call. `proceed` makes the real call and returns its result; the caller gets what the interceptor returns.
 * A {@linkcode Failure} makes the call fail with that `errno`.
 */
export type Interceptor = (
  name: keyof Functions,
  args: readonly unknown[],
  proceed: () => unknown,
) => unknown;

/**
 * Passes every call to `interceptor` until the result is disposed, so that a test can make any call of any layer fail.
 * Without one, a call costs nothing extra.
 */
export function interceptLibc(interceptor: Interceptor): Disposable {
  const inner = libc();
  const { errno } = inner;
  // A copy, as Deno's own object is sealed and a proxy of it could not return other functions.
  const functions = new Proxy({ ...inner.functions }, {
    get: (calls, name) => (...args: unknown[]): unknown => {
      let why: number | undefined;
      const proceed = (): unknown => {
        const result: unknown = Reflect.apply(Reflect.get(calls, name), undefined, args);
        why = errno[0];
        return result;
      };
      const result = interceptor(name as keyof Functions, args, proceed); // every property is a function of the table
      errno[0] = isFailure(result) ? result.errno : why ?? 0;
      return isFailure(result) ? -1 : result;
    },
  });
  const outer: Libc = { file: inner.file, functions, errno };
  current = outer;
  return {
    [Symbol.dispose](): void {
      if (current === outer) current = inner;
    },
  };
}

function isFailure(result: unknown): result is Failure {
  return typeof result === "object" && result !== null && "errno" in result;
}
