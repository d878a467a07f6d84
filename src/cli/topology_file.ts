/** Reads the FILE of a command. */
import { Buffer } from "node:buffer";
import { closeSync, constants as fs, fstatSync, openSync, readFileSync, readSync, realpathSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { errnoText, printable } from "../../ffi/mod.ts";
import { pause } from "../async/pause.ts";
import { reasonOf } from "../errors.ts";
import { type NetworkConfig, parseConfig } from "../models/config.ts";
import type { ConfigOptions } from "../models/config_name.ts";
import { UsageError } from "./errors.ts";
import type { Io } from "./io.ts";

/** The largest FILE, in bytes. */
const SIZE_MAX = 64 * 1024 * 1024;
/** How often a pipe is asked for more, in milliseconds. */
const INTERVAL = 10;
/** How long a pipe that nobody writes to is waited for, in milliseconds. */
const PATIENCE = 1000;
const CHUNK = 64 * 1024;
/** Paths of descriptors: the next process has another file under the same name. */
const DESCRIPTOR = /^\/dev\/(stdin|fd\/\d+)$|^\/proc\/[^/]+\/(task\/[^/]+\/)?fd\/\d+$/;

/** The text of a FILE, and what a configuration in it is called if the text does not say so. */
export interface TopologyText {
  /** The text. */
  readonly text: string;
  /** For the parser. */
  readonly options: ConfigOptions;
}

/**
 * The checked configuration in `file`; `-` is standard input.
 *
 * @param name The name of a file that gives none, from `--name`.
 * @throws {UsageError} The file cannot be read, or is not UTF-8.
 * @throws {ConfigError} The file has faults.
 */
export async function readTopology(file: string, io: Io, name?: string): Promise<NetworkConfig> {
  const { text, options } = await readTopologyText(file, io, name);
  return parseConfig(text, options);
}

/**
 * As {@linkcode readTopology}, for a command that remembers what it does.
 *
 * @throws {UsageError} The configuration has no name.
 */
export async function readNamedTopology(file: string, io: Io, name?: string): Promise<NetworkConfig> {
  const config = await readTopology(file, io, name);
  if (config.name !== undefined) return config;
  throw new UsageError(
    `${file === "-" ? "Standard input" : printable(file)} has no name under which this can be remembered: give it ` +
      'one, with "name: …" in it or with --name',
  );
}

/**
 * The text of `file`, unchecked.
 *
 * @throws {UsageError} It cannot be read, or is not UTF-8.
 */
export async function readTopologyText(file: string, io: Io, name?: string): Promise<TopologyText> {
  if (file === "-") {
    return { text: decoded(await io.readInput(), "standard input"), options: { name, path: null } };
  }
  const fd = naming(file, () => openFile(file));
  let bytes: Uint8Array;
  let path: string | null = null;
  try {
    const status = naming(file, () => fstatSync(fd));
    if (status.size > SIZE_MAX) throw tooLarge(file);
    if (status.isFile()) path = pathOf(file);
    // A regular file at once, as in FileStateStore, which says why.
    bytes = status.isFile() ? naming(file, () => readFileSync(fd)) : await bytesOfPipe(fd, file);
  } finally {
    closeSync(fd);
  }
  return { text: decoded(bytes, file), options: { source: file, name, path } };
}

/** Where `file` is, however its directory is called; null if it is another process's or another time's. */
export function pathOf(file: string): string | null {
  const path = resolve(file);
  if (DESCRIPTOR.test(path)) return null;
  try {
    return join(realpathSync(dirname(path)), basename(path));
  } catch {
    return path; // of a file that is gone, its directory may be gone as well
  }
}

/**
 * Checks that an agent can follow `file`.
 *
 * @throws {UsageError} It is a pipe, or cannot be opened.
 */
export function requireFollowable(file: string): void {
  if (file !== "-" && pathOf(file) !== null && isRegular(file)) return;
  const what = file === "-" ? "standard input" : printable(file);
  throw new UsageError(`netns agent cannot follow ${what}: give it a regular file`);
}

function isRegular(file: string): boolean {
  const fd = naming(file, () => openFile(file));
  try {
    return fstatSync(fd).isFile();
  } finally {
    closeSync(fd);
  }
}

/** O_NONBLOCK: opening a FIFO would wait for a writer, deaf to signals. */
const openFile = (file: string): number => openSync(file, fs.O_RDONLY | fs.O_NONBLOCK);

/** All that is written to a pipe, until it is closed. A signal ends the process: nothing is changed yet. */
async function bytesOfPipe(fd: number, file: string): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  const begin = performance.now();
  while (true) {
    const chunk = new Uint8Array(CHUNK);
    const count = readSome(fd, chunk, file);
    if (count === 0 && (size > 0 || performance.now() - begin > PATIENCE)) return Buffer.concat(chunks);
    if (!count) {
      await pause(INTERVAL);
      continue;
    }
    chunks.push(chunk.subarray(0, count));
    size += count;
    if (size > SIZE_MAX) throw tooLarge(file);
  }
}

/** How many bytes were there; 0 if no writer has the pipe open, undefined if one has and writes nothing. */
function readSome(fd: number, chunk: Uint8Array, file: string): number | undefined {
  try {
    return readSync(fd, chunk);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EAGAIN") return undefined;
    throw new UsageError(`Cannot read ${printable(file)}: ${readFailure(error)}`, { cause: error });
  }
}

const tooLarge = (file: string): UsageError =>
  new UsageError(`Cannot read ${printable(file)}: it has more than ${SIZE_MAX} bytes`);

/** What `work` gives, or the error that says that `file` cannot be read. */
function naming<T>(file: string, work: () => T): T {
  try {
    return work();
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
