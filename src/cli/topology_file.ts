/** Reads the FILE of a command. */
import { readFileSync } from "node:fs";
import { errnoText, printable } from "../../ffi/mod.ts";
import { reasonOf } from "../errors.ts";
import { type NetworkConfig, parseConfig } from "../models/config.ts";
import { UsageError } from "./errors.ts";
import type { Io } from "./io.ts";

/**
 * The checked configuration in `file`; `-` is standard input.
 *
 * @throws {UsageError} The file cannot be read, or is not UTF-8.
 * @throws {ConfigError} The file has faults.
 */
export async function readTopology(file: string, io: Io): Promise<NetworkConfig> {
  // Standard input has no base name to store the applied state under, so it is no source.
  if (file === "-") return parseConfig(decoded(await io.readInput(), "standard input"));
  return parseConfig(decoded(bytesOf(file), file), { source: file });
}

function bytesOf(file: string): Uint8Array {
  try {
    return readFileSync(file); // synchronous, as in FileStateStore, which says why
  } catch (error) {
    throw new UsageError(`Cannot read ${printable(file)}: ${readFailure(error)}`, { cause: error });
  }
}

/** Why a read failed, without the path that Node adds to its message. */
function readFailure(error: unknown): string {
  return error instanceof Error && "errno" in error && typeof error.errno === "number"
    ? errnoText(Math.abs(error.errno)).toLowerCase()
    : reasonOf(error);
}

function decoded(bytes: Uint8Array, source: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    throw new UsageError(`Cannot read ${printable(source)}: it is not UTF-8 text`, { cause: error });
  }
}
