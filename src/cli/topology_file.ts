/** Reads the configuration in the FILE of a command. */
import { printable, statusAt } from "../../ffi/mod.ts";
import { isErrno } from "../errors.ts";
import { type NetworkConfig, parseConfig } from "../models/config.ts";
import type { ConfigOptions } from "../models/config_name.ts";
import { UsageError } from "./errors.ts";
import { decoded, readFileText } from "./file_text.ts";
import type { Io } from "./io.ts";

/** The FILE of a command that is given none. */
const USUAL_FILE = "netns.yaml";

/**
 * `file`, or `netns.yaml` if that is in the working directory.
 *
 * @throws {UsageError} None is given, and there is no `netns.yaml`.
 */
export function fileOrUsual(file: string | undefined, command: string): string {
  if (file !== undefined) return file;
  if (isThere(USUAL_FILE)) return USUAL_FILE;
  const name = command === "destroy" ? ", or --name" : "";
  throw new UsageError(`Give a FILE${name}: there is no ${USUAL_FILE} here; see netns ${command} --help`);
}

/** False if there is no such file. One that cannot be looked at is there: whoever reads it says why it cannot be read. */
function isThere(path: string): boolean {
  try {
    statusAt(path);
    return true;
  } catch (error) {
    return !isErrno(error, "ENOENT");
  }
}

/** The text of a FILE, and the options with which it is parsed. */
export interface TopologyText {
  /** The text. */
  readonly text: string;
  /** Where the text and its name come from. */
  readonly options: ConfigOptions;
}

/**
 * The checked configuration in `file`; `-` is standard input.
 *
 * @param name The name of a configuration that has none in its file, from `--name`.
 * @throws {UsageError} The file cannot be read, or is not UTF-8.
 * @throws {ConfigError} The file has faults.
 */
export async function readTopology(file: string, io: Io, name?: string): Promise<NetworkConfig> {
  const { text, options } = await readTopologyText(file, io, name);
  return parseConfig(text, options);
}

/**
 * {@linkcode readTopology} for a command that stores a state under the name of the configuration.
 *
 * @throws {UsageError} The configuration has no name.
 */
export async function readNamedTopology(file: string, io: Io, name?: string): Promise<NetworkConfig> {
  return withName(await readTopology(file, io, name), file);
}

/**
 * `config`, if it has a name.
 *
 * @throws {UsageError} It has none.
 */
export function withName(config: NetworkConfig, file: string): NetworkConfig {
  if (config.name !== undefined) return config;
  throw new UsageError(
    `${file === "-" ? "Standard input" : printable(file)} has no name under which this can be remembered: give it ` +
      'one, with "name: …" in it or with --name',
  );
}

/**
 * The text in `file`, not parsed yet.
 *
 * @throws {UsageError} The file cannot be read, or is not UTF-8.
 */
export async function readTopologyText(file: string, io: Io, name?: string): Promise<TopologyText> {
  if (file === "-") {
    return { text: decoded(await io.readInput(), "standard input"), options: { name, path: null } };
  }
  const { text, path } = await readFileText(file);
  return { text, options: { source: file, name, path } };
}
