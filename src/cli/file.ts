/** Reading the FILE of a command. */
import { readFileSync } from "node:fs";
import { errnoText, printable } from "../../ffi/mod.ts";
import { reasonOf } from "../errors.ts";
import { type NetworkConfig, parseConfig } from "../models/config.ts";
import { UsageError } from "./errors.ts";
import type { Io } from "./io.ts";

/**
 * The checked configuration in `file`; `-` is standard input.
 *
 * @throws {UsageError} The file cannot be read, or is not text.
 * @throws {ConfigError} It has faults.
 */
export async function readConfig(file: string, io: Io): Promise<NetworkConfig> {
  // Standard input has no name to be remembered under, so it is no source either.
  if (file === "-") return parseConfig(textOf(await io.readInput(), "standard input"));
  return parseConfig(textOf(bytesOf(file), file), { source: file });
}

function bytesOf(file: string): Uint8Array {
  try {
    return readFileSync(file); // at once: FileStateStore says why
  } catch (error) {
    throw new UsageError(`Cannot read ${printable(file)}: ${readFailure(error)}`, { cause: error });
  }
}

/** Without the path that Node puts into the message, which the caller names. */
function readFailure(error: unknown): string {
  return error instanceof Error && "errno" in error && typeof error.errno === "number"
    ? errnoText(Math.abs(error.errno)).toLowerCase()
    : reasonOf(error);
}

function textOf(bytes: Uint8Array, source: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    throw new UsageError(`Cannot read ${printable(source)}: it is not UTF-8 text`, { cause: error });
  }
}
