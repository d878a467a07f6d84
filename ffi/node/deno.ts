/**
 * `Deno` for Node: what the build puts in its place there. `@deno/shim-deno` gives what it has; `dlopen` and
 * the pointer view are made over koffi, in the shape of Deno's own.
 */
import { Deno as shim } from "@deno/shim-deno";
import koffi from "koffi";

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

/** Opens a library, as `Deno.dlopen` does. */
function dlopen(filename: string, symbols: Deno.ForeignLibraryInterface): { symbols: Record<string, unknown> } {
  const library = koffi.load(filename);
  return {
    symbols: Object.fromEntries(
      Object.entries(symbols).map(([key, symbol]) => {
        if (!("parameters" in symbol)) throw new TypeError(`${key} of the symbol table is not a function`);
        const name = symbol.name ?? key;
        return [key, library.func(name, typeOf(symbol.result), symbol.parameters.map(typeOf))];
      }),
    ),
  };
}

/** A pointer to C memory, as `Deno.UnsafePointerView` reads it. */
class UnsafePointerView {
  readonly #pointer: unknown;

  constructor(pointer: unknown) {
    this.#pointer = pointer;
  }

  getInt32(): number {
    return koffi.decode.int32(this.#pointer);
  }

  static getCString(pointer: unknown): string {
    return koffi.decode.string(pointer);
  }
}

const injected: Record<string, unknown> = { ...shim, dlopen, UnsafePointerView };
export { injected as Deno };
