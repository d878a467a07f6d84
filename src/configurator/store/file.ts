/** States in files: replaced as a whole, locked, and checked when they are read. */
import { closeSync, mkdirSync, openSync, renameSync, writeFileSync } from "node:fs";
import process from "node:process";
import * as v from "npm:valibot@1.5.0";
import {
  close,
  O_RDONLY,
  oDirectory,
  open as openFile,
  readDirectory,
  readText,
  SyscallError,
  tryLockExclusive,
  unlink,
} from "../../../ffi/mod.ts";
import { ConfigError, isErrno } from "../../errors.ts";
import { readConfig } from "../../models/config.ts";
import { isMapping } from "../../models/fields.ts";
import { pause } from "../../async/pause.ts";
import type { AppliedState, StateStore } from "./store.ts";

/** Where states are kept; gone with a reboot, as the namespaces are. */
export const STATE_DIR = "/run/netns-apply";
/** How often it tries to get a lock that another process holds, in milliseconds. */
const LOCK_INTERVAL = 20;
/** The suffix of a file that is being written; that of a state is `.json`. */
const UNFINISHED = ".tmp";
/** How many times this process has saved. With its id, it makes a file name that nobody else uses. */
let saves = 0;
/** The version of the format of state files. */
const VERSION = 1;

/**
 * Keeps states in files, `NAME.json` in one directory. A file is replaced as a whole, so that a crash leaves the old
 * one or the new one. Needs to read and write there (in Deno: `--allow-read --allow-write`).
 *
 * Files are small, and are read and written synchronously. Asynchronous calls would be at risk: Deno 2.9 closes the
 * descriptor of a unix socket twice if it connected the socket itself (the container client avoids that), and the
 * second time it may close a file that one of Deno's own threads has just opened.
 */
export class FileStateStore implements StateStore {
  /** The directory, made at the first save. */
  readonly directory: string;

  /** Keeps states in `directory`. @default {"/run/netns-apply"} */
  constructor(directory: string = STATE_DIR) {
    this.directory = directory;
  }

  /**
   * As {@linkcode StateStore.lock}. It locks the whole directory, because two configurations may share a namespace; a
   * missing directory is made. The lock ends with the process that holds it, and the next one that gets it removes what
   * was left half written. See flock(2).
   *
   * @throws {SyscallError} The directory cannot be made, opened or read.
   * @throws The reason of the signal, if that ends the waiting.
   */
  async lock(signal?: AbortSignal): Promise<Disposable> {
    this.#makeDirectory();
    const fd = openFile(this.directory, O_RDONLY | oDirectory());
    try {
      // A call that waits could wait for this very thread.
      while (!tryLockExclusive(fd, this.directory)) {
        signal?.throwIfAborted();
        await pause(LOCK_INTERVAL, signal);
      }
      this.#sweep();
    } catch (error) {
      close(fd);
      throw error;
    }
    return { [Symbol.dispose]: () => close(fd) };
  }

  /**
   * As {@linkcode StateStore.load}.
   *
   * @throws {ConfigError} The file is not what `save` wrote.
   * @throws {SyscallError} It cannot be read.
   */
  // deno-lint-ignore require-await -- as the interface has it; what is thrown is a rejection
  async load(name: string): Promise<AppliedState | undefined> {
    const path = this.#path(name);
    let text: string;
    try {
      text = readText(path);
    } catch (error) {
      if (isErrno(error, "ENOENT")) return undefined;
      throw error;
    }
    return readState(text, path);
  }

  /**
   * As {@linkcode StateStore.save}; the caller holds the lock.
   *
   * @throws {SyscallError} The file cannot be written (`ENOSPC`, `EROFS`): the one before is still there.
   */
  // deno-lint-ignore require-await -- as above
  async save(name: string, { config, earlier, made }: AppliedState): Promise<void> {
    const path = this.#path(name);
    const temporary = `${path}.${process.pid}.${++saves}${UNFINISHED}`;
    this.#makeDirectory();
    try {
      naming(temporary, () => {
        const file = openSync(temporary, "w", 0o600);
        try {
          writeFileSync(file, `${JSON.stringify({ version: VERSION, config, earlier, made })}\n`);
        } finally {
          closeSync(file);
        }
      });
      naming(path, () => renameSync(temporary, path));
    } catch (error) {
      try {
        remove(temporary);
      } catch {
        // The first failure is reported; the next holder of the lock removes the file.
      }
      throw error;
    }
  }

  /**
   * As {@linkcode StateStore.remove}.
   *
   * @throws {SyscallError} The file cannot be removed.
   */
  // deno-lint-ignore require-await -- as above
  async remove(name: string): Promise<void> {
    remove(this.#path(name));
  }

  #makeDirectory(): void {
    naming(this.directory, () => mkdirSync(this.directory, { recursive: true, mode: 0o755 }));
  }

  /** Removes what a process left that ended while it wrote. Only the holder of the lock writes. */
  #sweep(): void {
    for (const file of readDirectory(this.directory)) {
      if (file.endsWith(UNFINISHED)) remove(`${this.directory}/${file}`);
    }
  }

  #path(name: string): string {
    // A configuration that a caller made in code was not checked by the parser.
    if (name === "" || name === "." || name === ".." || /[/\0]/.test(name)) {
      throw new ConfigError([{ path: "name", value: name, expected: 'a name without "/", not empty, "." or ".."' }]);
    }
    return `${this.directory}/${name}.json`;
  }
}

/** Removes a file, and only a file: Deno's own call removes an empty directory as well. */
function remove(path: string): void {
  try {
    unlink(path);
  } catch (error) {
    if (!isErrno(error, "ENOENT")) throw error; // gone already
  }
}

/** Calls `work`, and names the file in its error. The runtime's own errors do not always (a full disk, for example). */
function naming<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof Error && "errno" in error && typeof error.errno === "number")) throw error;
    const syscall = "syscall" in error ? String(error.syscall) : "open";
    throw new SyscallError(syscall, Math.abs(error.errno), { path, cause: error });
  }
}

const stateSchema = v.object({
  version: v.literal(VERSION),
  config: v.unknown(),
  earlier: v.array(v.unknown()),
  made: v.array(v.string()),
});

function readState(text: string, path: string): AppliedState {
  const damaged = (value: unknown, cause?: unknown): ConfigError =>
    new ConfigError(
      [{ path: "", value, expected: "what an earlier apply wrote; remove the file to go on without it" }],
      path,
      { cause },
    );
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    throw damaged(text, error);
  }
  const state = v.safeParse(stateSchema, document);
  if (!state.success) throw damaged(isMapping(document) ? Object.keys(document) : document);
  const { config, earlier, made } = state.output;
  return {
    config: readConfig(config, { source: path }),
    earlier: earlier.map((one) => readConfig(one, { source: path })),
    made,
  };
}
