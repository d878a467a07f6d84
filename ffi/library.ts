/** Opens libc at the first call, and is the one door through which every call to it goes. */
import { type Functions, SYMBOLS } from "./symbols.ts";

/** libc as this thread sees it. */
export interface Libc {
  /** The name by which it was found: `"libc.so.6"`. */
  readonly file: string;
  readonly functions: Functions;
  /**
   * `errno` of this thread, where the C library has it. It is read right behind the call, with no function called in
   * between: where one begins, the runtime may do work of its own, and what that waits for leaves EAGAIN here.
   */
  readonly errno: Int32Array;
}

/** Where the C library lies: glibc first, then musl (Alpine, Void) under its two names. */
const LIBRARIES: readonly string[] = [
  "libc.so.6",
  "libc.musl-x86_64.so.1",
  "libc.musl-aarch64.so.1",
  "libc.so",
];

let current: Libc | undefined;

/** libc, opened at the first use. Every wrapper of `ffi/` calls through it. */
export function libc(): Libc {
  return current ??= open();
}

function open(): Libc {
  if (Deno.build.os !== "linux") {
    throw new Error(`Network namespaces are a feature of Linux; this is ${Deno.build.os}`);
  }
  const refusals = new Set<string>(); // without FFI at all, every name is refused alike
  for (const name of LIBRARIES) {
    try {
      // Deno's type wants a bigint for usize; what it calls takes a number just as well.
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
 * The location of `errno` is a thread's own, and so is this module: a Worker loads it anew. It is read as memory, with
 * a load and nothing else. `getInt32` of a pointer view asks for the permission first, and where another thread holds
 * the lock of the permissions, waiting for it leaves EAGAIN in the place of what was to be read; `Atomics.load` leaves
 * the runtime time for work of its own, too.
 */
function errnoOf(functions: Functions): Int32Array {
  const location = functions.__errno_location();
  if (location === null) throw new Error("Cannot read errno: __errno_location returned NULL");
  return new Int32Array(new Deno.UnsafePointerView(location).getArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
}

/** What an {@linkcode Interceptor} answers to make a call fail without making it. */
export interface Failure {
  readonly errno: number;
}

/**
 * Stands in the door. `proceed` makes the real call and gives its result; what is returned is what the caller
 * sees. Returning a {@linkcode Failure} makes the call fail with that `errno`.
 */
export type Interceptor = (
  name: keyof Functions,
  args: readonly unknown[],
  proceed: () => unknown,
) => unknown;

/**
 * Puts `interceptor` into the door until the result is disposed, so that a test can make any call of any layer
 * fail. Without it a call costs nothing extra.
 */
export function interceptLibc(interceptor: Interceptor): Disposable {
  const inner = libc();
  const { errno } = inner;
  const functions = Object.fromEntries(
    Object.entries(inner.functions).map(([name, call]) => [name, (...args: unknown[]): unknown => {
      let why: number | undefined;
      const proceed = (): unknown => {
        const result: unknown = Reflect.apply(call, undefined, args);
        why = errno[0];
        return result;
      };
      // The keys of `Functions` are those of the table, which Object.entries widens to string.
      const result = interceptor(name as keyof Functions, args, proceed);
      errno[0] = isFailure(result) ? result.errno : why ?? 0;
      return isFailure(result) ? -1 : result;
    }]),
  ) as unknown as Functions; // the same keys, each with the parameters and the result of its original
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
