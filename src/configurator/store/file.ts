/** States in files: replaced as a whole, locked, and believed only if this user alone can have written them. */
import { readDirectory } from "../../../ffi/mod.ts";
import { ConfigError, isErrno } from "../../errors.ts";
import { type ConfigurationState, readState, stateText } from "../ownership/state.ts";
import { lockFile } from "./lock.ts";
import { makeStateDirectory, readStateFile, removeStateFile, replaceStateFile, UNFINISHED } from "./state_file.ts";
import type { LockOptions, StateStore } from "./store.ts";

/** Where states are kept; gone with a reboot, as the namespaces are. */
export const STATE_DIR = "/run/netns-apply";
/** The name of the lock. States end in `.json`. */
const LOCK = ".lock";
const SUFFIX = ".json";
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
    makeStateDirectory(this.directory);
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
    makeStateDirectory(this.directory);
    replaceStateFile(path, stateText(state));
  }

  /**
   * As {@linkcode StateStore.remove}.
   *
   * @throws {SyscallError} The file cannot be removed.
   */
  // deno-lint-ignore require-await -- as above
  async remove(name: string): Promise<void> {
    removeStateFile(this.#path(name));
  }

  /** Removes what a process did not finish that ended while it wrote: whoever writes has the lock. */
  #sweep(): void {
    for (const file of this.#files()) if (file.endsWith(UNFINISHED)) removeStateFile(`${this.directory}/${file}`);
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
