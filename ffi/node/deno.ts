/**
 * `Deno` for Node: what the build puts in its place there. `@deno/shim-deno` gives what it has; `dlopen` and
 * the pointer view are made over koffi, in the shape of Deno's own.
 */
import { createRequire } from "node:module";
import process from "node:process";
import { getEnvironmentData, setEnvironmentData } from "node:worker_threads";
import { Deno as shim } from "npm:@deno/shim-deno@0.19.2";
import type { default as Koffi } from "npm:koffi@3.3.4";
import { loadKoffi } from "./koffi.ts";

/** koffi's names for the native types that the symbol table uses. */
const TYPES: Readonly<Record<string, string>> = {
  buffer: "void *",
  pointer: "void *",
  i32: "int32_t",
  u32: "uint32_t",
  isize: "intptr_t",
  usize: "uintptr_t",
};

function typeOf(type: Deno.NativeResultType): string {
  const name = typeof type === "string" ? TYPES[type] : undefined;
  if (name === undefined) throw new TypeError(`koffi has no type for ${JSON.stringify(type)} of the symbol table`);
  return name;
}

/** Under this name the threads of the process share the file from which koffi was loaded. */
const SHARED = "npm:koffi@3.3.4";

let loaded: typeof Koffi | undefined;
let loadedFrom: string | undefined;

/** koffi, loaded with the first library: whoever only parses or prints does not wait for a native module. */
function koffi(): typeof Koffi {
  if (loaded !== undefined) return loaded;
  try {
    // A thread whose program is text has no folder to look for packages in. What is of CommonJS is in a file.
    const known = import.meta.url === undefined ? undefined : getEnvironmentData(SHARED);
    if (typeof known === "string") return loaded = createRequire("/")(known) as typeof Koffi;
    const { koffi, file } = loadKoffi();
    loadedFrom = file;
    return loaded = koffi;
  } catch (cause) {
    throw new Error(
      `There is no FFI binary for Node on ${platform()}: ${
        cause instanceof Error ? cause.message.split("\n")[0] : cause
      }` +
        "; there are some for linux-x64 and linux-arm64, with glibc or musl: install the package on the machine " +
        "on which it runs, with its optional dependencies",
      { cause },
    );
  }
}

/** Has threads that are started from now on load koffi from where it was found. */
function shareLibrary(): void {
  if (loadedFrom !== undefined) setEnvironmentData(SHARED, loadedFrom);
}

/** What decides which binary fits, as npm names it: `"linux-x64 (glibc 2.36)"`. */
function platform(): string {
  // @types/node calls the report a plain object; its header is described in the documentation of `process.report`.
  const report = process.report?.getReport() as { header?: { glibcVersionRuntime?: string } } | undefined;
  const glibc = report?.header?.glibcVersionRuntime;
  return `${process.platform}-${process.arch} (${glibc === undefined ? "musl" : `glibc ${glibc}`})`;
}

/** Opens a library, as `Deno.dlopen` does. */
function dlopen(filename: string, symbols: Deno.ForeignLibraryInterface): { symbols: Record<string, unknown> } {
  const library = koffi().load(filename);
  return {
    symbols: Object.fromEntries(
      Object.entries(symbols).map(([key, symbol]) => {
        if (!("parameters" in symbol)) throw new TypeError(`${key} of the symbol table is not a function`);
        const name = symbol.name ?? key;
        const call = library.func(name, typeOf(symbol.result), symbol.parameters.map(typeOf));
        return [key, symbol.nonblocking ? asynchronous(call) : call];
      }),
    ),
  };
}

/** A function of a library. */
type KoffiFunction = ReturnType<ReturnType<typeof Koffi.load>["func"]>;

/** A call on a thread of the pool. `promisify` does the same, but the module that has it loads a dozen others. */
const asynchronous = (call: Pick<KoffiFunction, "async">) => (...args: unknown[]): Promise<unknown> =>
  new Promise((resolve, reject) => {
    call.async(...args, (error: unknown, result: unknown) => error ? reject(error) : resolve(result));
  });

/** A pointer to C memory, as `Deno.UnsafePointerView` reads it. */
class UnsafePointerView {
  readonly #pointer: unknown;

  constructor(pointer: unknown) {
    this.#pointer = pointer;
  }

  getArrayBuffer(byteLength: number): ArrayBuffer {
    return koffi().view(this.#pointer, byteLength);
  }

  static getCString(pointer: unknown): string {
    return koffi().decode.string(pointer);
  }
}

/** A pointer as a number, as `Deno.UnsafePointer` has it. */
const UnsafePointer = { value: (pointer: unknown): bigint => BigInt(koffi().address(pointer)) };

/** Deno runs this bundle too, as `npm:@netns/netns`: there it is Deno's own. */
const { Deno: own } = globalThis as { Deno?: Record<string, unknown> };

const injected: Record<string, unknown> = own?.["dlopen"] === undefined
  ? { ...shim, dlopen, shareLibrary, UnsafePointer, UnsafePointerView }
  : own;
export { injected as Deno };
