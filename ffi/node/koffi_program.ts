/** koffi in the built command, which nobody bundles again, and for whose short runs each file counts. */
import process from "node:process";
import type { default as Koffi } from "npm:koffi@3.3.4";
import type { FoundKoffi } from "./koffi.ts";

/** That of CommonJS: esbuild leaves it as it is. */
declare const require: ((name: string) => unknown) & { resolve(name: string): string };

/** The version that `package.json` asks for, which the build writes here. */
declare const KOFFI_VERSION: string;

/**
 * Loads koffi.
 *
 * @throws {Error} It is not installed, or has no binary for this machine.
 */
export function loadKoffi(): FoundKoffi {
  if (process.versions.bun !== undefined) return (require("#koffi") as { loadKoffi(): FoundKoffi }).loadKoffi();
  const binary = process.arch === "arm64" ? "@koromix/koffi-linux-arm64" : "@koromix/koffi-linux-x64";
  try {
    const koffi = require(binary) as typeof Koffi;
    if (koffi.version === KOFFI_VERSION) return { koffi, file: require.resolve(binary) };
  } catch {
    // koffi knows why, or where its package manager has put it
  }
  return { koffi: require("koffi") as typeof Koffi, file: require.resolve("koffi") };
}
