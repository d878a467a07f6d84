/** koffi, found as Node finds packages: beside the module that asks, or above it. */
import { createRequire } from "node:module";
import type { default as Koffi } from "npm:koffi@3.3.4";

/** koffi, and where it was found. */
export interface FoundKoffi {
  readonly koffi: typeof Koffi;
  /** The file by which another thread of the process can load it; undefined where a bundler has hidden that. */
  readonly file: string | undefined;
}

/** In a CommonJS module, its file: also where a bundler has made one of this, and `import.meta` is empty. */
declare const __filename: string | undefined;

/**
 * Loads koffi. `require` and not `import`: as in Deno, opening a library does not wait; and a bundler, which has no use for
 * a binary, does not see it.
 *
 * @throws {Error} It is not installed, or has no binary for this machine.
 */
export function loadKoffi(): FoundKoffi {
  const require = createRequire(typeof __filename === "string" ? __filename : import.meta.url);
  const file = require.resolve("koffi");
  return { koffi: require(file) as typeof Koffi, file };
}
