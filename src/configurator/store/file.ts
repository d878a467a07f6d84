/** States in files: replaced as a whole, locked, and believed only if this user alone can have written them. */
import { chmodSync, closeSync, constants as fs, mkdirSync, openSync, renameSync, writeFileSync } from "node:fs";
import process from "node:process";
import {
  close,
  geteuid,
  O_NONBLOCK,
  O_RDONLY,
  oNofollow,
  open as openFile,
  readDirectory,
  readTextOf,
  S_IFDIR,
  S_IFMT,
  S_IFREG,
  statusAt,
  statusOf,
  SyscallError,
  unlink,
} from "../../../ffi/mod.ts";
import { ConfigError, isErrno, StateFileError } from "../../errors.ts";
import { type ConfigurationState, readState, stateText } from "../ownership/state.ts";
import { lockFile } from "./lock.ts";
import type { LockOptions, StateStore } from "./store.ts";

/** Where states are kept; gone with a reboot, as the namespaces are. */
export const STATE_DIR = "/run/netns-apply";
/** Owner alone may look: a state names what root will delete. */
const DIRECTORY_MODE = 0o700;
const FILE_MODE = 0o600;
/** The largest state file that is read, in bytes. */
const SIZE_MAX = 64 * 1024 * 1024;
/** The name of the lock. States end in `.json`. */
const LOCK = ".lock";
const SUFFIX = ".json";
/** How the name of a file ends that is not whole yet. */
const UNFINISHED = ".tmp";
/** How many times this process has saved; with its id, the name of a file that no other writes. */
let saves = 0;

/**
 * Keeps states in files, `NAME.json` in one directory of mode 0700. A file is replaced as a whole, so that a crash leaves
 * the old one or the new one. It is read only if it is a regular file of this user (or root), not a symbolic link, and
 * has at most 64 MiB. Needs to read and write there (in Deno: `--allow-read --allow-write`).
 *
 * Files are small, and are read and written at once, on this thread. Deno 2.9 closes the descriptor of a unix socket
 * twice when that ends: of an endpoint of the container runtime. The second time, the number may be that of a file that
 * one of Deno's own threads has just opened.
 */
export class FileStateStore implements StateStore {
  /** The directory, made at the first save. */
  readonly directory: string;

  /** Keeps states in `directory`. @default {"/run/netns-apply"} */
  constructor(directory: string = STATE_DIR) {
    this.directory = directory;
  }

  /**
   * As {@linkcode StateStore.lock}, of the whole directory, which is made if it is missing: two configurations may share
   * a namespace. The lock ends with the process that holds it; what that left half written is removed by the next that
   * gets it. See flock(2).
   *
   * @throws {SyscallError} The directory cannot be made, opened or read.
   * @throws {StateFileError} It belongs to another user.
   * @throws The reason of the signal, if that ends the wait.
   */
  async lock(options: LockOptions = {}): Promise<Disposable> {
    this.#makeDirectory();
    const lock = await lockFile(`${this.directory}/${LOCK}`, options);
    try {
      this.#sweep();
      return lock;
    } catch (error) {
      lock[Symbol.dispose]();
      throw error;
    }
  }

  /**
   * As {@linkcode StateStore.names}.
   *
   * @throws {SyscallError} The directory cannot be read.
   */
  // deno-lint-ignore require-await -- as the interface has it; what is thrown is a rejection
  async names(): Promise<readonly string[]> {
    return this.#files().filter((file) => file.endsWith(SUFFIX)).map((file) => file.slice(0, -SUFFIX.length)).sort();
  }

  /**
   * As {@linkcode StateStore.load}.
   *
   * @throws {StateFileError} The file is not one that `save` can have written.
   * @throws {SyscallError} It cannot be read.
   */
  // deno-lint-ignore require-await -- as above
  async load(name: string): Promise<ConfigurationState | undefined> {
    const path = this.#path(name);
    const text = readStateFile(path);
    return text === undefined ? undefined : readState(text, path);
  }

  /**
   * As {@linkcode StateStore.save}; who saves holds the lock.
   *
   * @throws {SyscallError} The file cannot be written (`ENOSPC`, `EROFS`): the one before is still there.
   */
  // deno-lint-ignore require-await -- as above
  async save(name: string, state: ConfigurationState): Promise<void> {
    const path = this.#path(name);
    const temporary = `${path}.${process.pid}.${++saves}${UNFINISHED}`;
    this.#makeDirectory();
    try {
      naming(temporary, () => {
        // O_EXCL: whatever lies there, a symbolic link say, is not written to.
        const file = openSync(temporary, fs.O_WRONLY | fs.O_CREAT | fs.O_EXCL, FILE_MODE);
        try {
          writeFileSync(file, stateText(state));
        } finally {
          closeSync(file);
        }
      });
      naming(path, () => renameSync(temporary, path));
    } catch (error) {
      try {
        remove(temporary);
      } catch {
        // The first failure is the one to report; whoever has the lock next removes what is left.
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
    naming(this.directory, () => mkdirSync(this.directory, { recursive: true, mode: DIRECTORY_MODE }));
    const { mode, uid } = statusAt(this.directory);
    if ((mode & S_IFMT) !== S_IFDIR || !isTrusted(uid)) {
      throw new StateFileError(this.directory, "it is not a directory of this user");
    }
    // An earlier version made it readable for everybody.
    if ((mode & 0o077) !== 0 && uid === geteuid()) {
      naming(this.directory, () => chmodSync(this.directory, DIRECTORY_MODE));
    }
  }

  /** Removes what a process did not finish that ended while it wrote: whoever writes has the lock. */
  #sweep(): void {
    for (const file of this.#files()) if (file.endsWith(UNFINISHED)) remove(`${this.directory}/${file}`);
  }

  #files(): string[] {
    try {
      return readDirectory(this.directory);
    } catch (error) {
      if (isErrno(error, "ENOENT")) return [];
      throw error;
    }
  }

  #path(name: string): string {
    // The names of configurations are checked when they are read; those of callers' own making are checked here.
    if (name === "" || name === "." || name === ".." || /[/\0]/.test(name)) {
      throw new ConfigError([{ path: "name", value: name, expected: 'a name without "/", not empty, "." or ".."' }]);
    }
    return `${this.directory}/${name}${SUFFIX}`;
  }
}

/** A file that this user or root made. */
const isTrusted = (uid: number): boolean => uid === 0 || uid === geteuid();

/** The text of a state file; undefined if there is none. */
function readStateFile(path: string): string | undefined {
  let fd: number;
  try {
    fd = openFile(path, O_RDONLY | O_NONBLOCK | oNofollow());
  } catch (error) {
    if (isErrno(error, "ENOENT")) return undefined;
    if (isErrno(error, "ELOOP")) throw new StateFileError(path, "it is a symbolic link", { cause: error });
    if (isErrno(error, "ENXIO")) throw new StateFileError(path, "it is not a regular file", { cause: error });
    throw error;
  }
  try {
    const { mode, uid, size } = statusOf(fd);
    if ((mode & S_IFMT) !== S_IFREG) throw new StateFileError(path, "it is not a regular file");
    if (!isTrusted(uid)) throw new StateFileError(path, `it belongs to the user ${uid}`);
    if (size > SIZE_MAX) throw new StateFileError(path, `it has ${size} bytes; the most is ${SIZE_MAX}`);
    return readTextOf(fd, path, SIZE_MAX);
  } finally {
    close(fd);
  }
}

/** Removes a file, and only a file: what Deno has for it removes an empty directory as well. */
function remove(path: string): void {
  try {
    unlink(path);
  } catch (error) {
    if (!isErrno(error, "ENOENT")) throw error; // gone already
  }
}

/**
 * What `work` with the file at `path` gives. The runtime's own errors name the call, and not always the file: not that
 * of a disk that is full, say.
 */
function naming<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof Error && "errno" in error && typeof error.errno === "number")) throw error;
    const syscall = "syscall" in error ? String(error.syscall) : "open";
    throw new SyscallError(syscall, Math.abs(error.errno), { path, cause: error });
  }
}
