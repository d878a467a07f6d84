/** koffi in the built command, which nobody bundles again, and for whose short runs each file counts. */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import type { default as Koffi } from "npm:koffi@3.3.4";
import type { FoundKoffi } from "./koffi.ts";

/** That of CommonJS: esbuild leaves it as it is. */
declare const require: ((name: string) => unknown) & { resolve(name: string): string };
declare const __dirname: string;

/** The version that `package.json` asks for, which the build writes here. */
declare const KOFFI_VERSION: string;

/**
 * Loads koffi.
 *
 * @throws {Error} It is not installed, or has no binary for this machine.
 */
export function loadKoffi(): FoundKoffi {
  if (process.versions.bun !== undefined) return (require("#koffi") as { loadKoffi(): FoundKoffi }).loadKoffi();
  const arch = process.arch === "arm64" ? "arm64" : "x64";
  const binary = `@koromix/koffi-linux-${arch}`;
  const loader = process.arch === "arm64" ? "aarch64" : "x86_64";
  // Where there is no loader of musl, no program needs it, and the package of the binaries does not have to find it out.
  const direct = existsSync(`/lib/ld-musl-${loader}.so.1`) ? undefined : found(`${binary}/linux_${arch}/koffi.node`);
  for (const file of direct === undefined ? [binary] : [direct, binary]) {
    try {
      const koffi = require(file) as typeof Koffi;
      if (koffi.version === KOFFI_VERSION) return { koffi, file: require.resolve(file) };
    } catch {
      // koffi knows why, or where its package manager has put it
    }
  }
  return { koffi: require("koffi") as typeof Koffi, file: require.resolve("koffi") };
}

/** A file of a package in the nearest `node_modules`: to have `require` look for it takes as long again as to load it. */
function found(path: string): string | undefined {
  for (let folder = __dirname;; folder = dirname(folder)) {
    const file = join(folder, "node_modules", path);
    if (existsSync(file)) return file;
    if (folder === dirname(folder)) return undefined;
  }
}
