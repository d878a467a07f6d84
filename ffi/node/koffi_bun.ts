/**
 * koffi in Bun. Its binaries are named one by one: `bun build --compile` puts those into the program that it sees, and koffi
 * itself looks for one by a name that is put together when it runs.
 */
import process from "node:process";
import type { default as Koffi } from "npm:koffi@3.3.4";
import type { FoundKoffi } from "./koffi.ts";

/** What Bun's bundler looks for: the build leaves it as it is. */
declare const require: ((name: string) => typeof Koffi) & {
  readonly cache: Readonly<Record<string, unknown>>;
};

/**
 * Loads koffi.
 *
 * @throws {Error} It is not installed, or has no binary for this machine.
 */
export function loadKoffi(): FoundKoffi {
  const koffi = binary();
  return { koffi, file: Object.keys(require.cache).find((name) => /[/]koffi[^/]*\.node$/.test(name)) };
}

/** The binary itself, which is all of koffi but what is deprecated; koffi where no package manager has put it at hand. */
function binary(): typeof Koffi {
  try {
    return process.arch === "arm64"
      ? require("@koromix/koffi-linux-arm64/linux_arm64/koffi.node")
      : require("@koromix/koffi-linux-x64/linux_x64/koffi.node");
  } catch {
    // not installed, or this is musl
  }
  try {
    return process.arch === "arm64"
      ? require("@koromix/koffi-linux-arm64/musl_arm64/koffi.node")
      : require("@koromix/koffi-linux-x64/musl_x64/koffi.node");
  } catch {
    return require("koffi");
  }
}
