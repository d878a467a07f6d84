/** Reads the text of the FILE of a command: a regular file, a pipe, or another process's descriptor. */
import { Buffer } from "node:buffer";
import { closeSync, constants as fs, fstatSync, openSync, readFileSync, readSync, realpathSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { errnoText, printable } from "../../ffi/mod.ts";
import { pause } from "../async/pause.ts";
import { reasonOf } from "../errors.ts";
import { UsageError } from "./errors.ts";

/** The largest FILE, in bytes. */
const MAX_SIZE = 64 * 1024 * 1024;
/** The time between two reads of an empty pipe, in milliseconds. */
const READ_INTERVAL = 10;
/** How long it waits for the first writer of a pipe, in milliseconds. */
const WRITER_TIMEOUT = 1000;
const CHUNK_SIZE = 64 * 1024;
/** Paths of descriptors: in another process they are another file. */
const DESCRIPTOR = /^\/dev\/(stdin|fd\/\d+)$|^\/proc\/[^/]+\/(task\/[^/]+\/)?fd\/\d+$/;

/** The text of a file, and its {@linkcode pathOf} if it is a regular file. */
export interface FileText {
  readonly text: string;
  readonly path: string | null;
}

/**
 * Reads `file` to its end.
 *
 * @throws {UsageError} The file cannot be read, is too large, or is not UTF-8.
 */
export async function readFileText(file: string): Promise<FileText> {
  const fd = withReason(file, () => openFile(file));
  try {
    const status = withReason(file, () => fstatSync(fd));
    if (status.size > MAX_SIZE) throw tooLarge(file);
    const isRegular = status.isFile();
    // A regular file is read synchronously, as in FileStateStore, which says why.
    const bytes = isRegular ? withReason(file, () => readFileSync(fd)) : await readPipe(fd, file);
    return { text: decoded(bytes, file), path: isRegular ? pathOf(file) : null };
  } finally {
    closeSync(fd);
  }
}

/**
 * The text of `bytes`.
 *
 * @throws {UsageError} They are not UTF-8.
 */
export function decoded(bytes: Uint8Array, source: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    throw new UsageError(`Cannot read ${printable(source)}: it is not UTF-8 text`, { cause: error });
  }
}

/** The absolute path of `file` without symbolic links to its directory; null for a descriptor. */
export function pathOf(file: string): string | null {
  const path = resolve(file);
  if (DESCRIPTOR.test(path)) return null;
  try {
    return join(realpathSync(dirname(path)), basename(path));
  } catch {
    return path; // the directory does not exist
  }
}

/**
 * Checks that an agent can follow `file`.
 *
 * @throws {UsageError} The file is not a regular file, or cannot be opened.
 */
export function requireFollowable(file: string): void {
  if (file !== "-" && pathOf(file) !== null && isRegularFile(file)) return;
  const source = file === "-" ? "standard input" : printable(file);
  throw new UsageError(`netns agent cannot follow ${source}: give it a regular file`);
}

function isRegularFile(file: string): boolean {
  const fd = withReason(file, () => openFile(file));
  try {
    return fstatSync(fd).isFile();
  } finally {
    closeSync(fd);
  }
}

/** Opens without waiting: a blocking open of a FIFO waits for a writer, and no signal is handled meanwhile. */
const openFile = (file: string): number => openSync(file, fs.O_RDONLY | fs.O_NONBLOCK);

/** Reads a pipe until its writers close it. A signal ends the process, which has changed nothing yet. */
async function readPipe(fd: number, file: string): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  const start = performance.now();
  while (true) {
    const chunk = new Uint8Array(CHUNK_SIZE);
    const count = readAvailable(fd, chunk, file);
    if (count === 0 && (size > 0 || performance.now() - start > WRITER_TIMEOUT)) return Buffer.concat(chunks);
    if (!count) {
      await pause(READ_INTERVAL);
      continue;
    }
    chunks.push(chunk.subarray(0, count));
    size += count;
    if (size > MAX_SIZE) throw tooLarge(file);
  }
}

/** The number of bytes read; 0 if the pipe has no writer, undefined if its writer has written nothing yet. */
function readAvailable(fd: number, chunk: Uint8Array, file: string): number | undefined {
  return withReason(file, () => {
    try {
      return readSync(fd, chunk);
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "EAGAIN") return undefined;
      throw error;
    }
  });
}

const tooLarge = (file: string): UsageError =>
  new UsageError(`Cannot read ${printable(file)}: it has more than ${MAX_SIZE} bytes`);

/** The result of `read`; its error becomes one that names `file`. */
function withReason<T>(file: string, read: () => T): T {
  try {
    return read();
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
