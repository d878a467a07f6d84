/** An open network namespace as the switches see it: its file descriptor, how the thread enters it, and who needs it. */
import { constants } from "node:os";
import {
  close,
  isNetworkNamespace,
  networkNamespaceInode,
  setns,
  startProcessThreads,
  startThreadPool,
  statusOf,
  SyscallError,
} from "../../ffi/mod.ts";
import { isErrno } from "../errors.ts";
import { explain, openExplained, openUnchecked, THREAD_NAMESPACE } from "./namespace_file.ts";

/**
 * The open file of a network namespace. Its owner closes it; a switch that is in the namespace, or returns to it,
 * holds it, and then the file stays open until the last switch releases it.
 */
export class Descriptor {
  #fd: number;
  #inode: bigint | undefined;
  /** What was opened, for explanations. */
  readonly #path: string;
  #holders = 0;
  #closing = false;
  #isHere = false;
  readonly #atClose: (() => void)[] = [];
  /** The name by which it was opened: the files of `/etc/netns/<name>` are meant for it. */
  name: string | undefined;

  /** Takes over `fd`, which was opened at `path`. */
  constructor(fd: number, path: string) {
    this.#fd = fd;
    this.#path = path;
  }

  /**
   * Where a thread is that never switches, such as one that was born in a namespace for its work there: nothing is opened
   * and nothing is to be closed.
   */
  static here(): Descriptor {
    const here = new Descriptor(-1, THREAD_NAMESPACE);
    here.#isHere = true;
    return here;
  }

  /**
   * Opens a file and makes sure that it is a network namespace.
   *
   * @param remedy What to do if there is no such file.
   * @throws {SyscallError} It cannot be opened.
   * @throws {InvalidNamespaceError} It is a file of another kind.
   */
  static open(path: string, remedy?: string): Descriptor {
    const descriptor = new Descriptor(openExplained(path, remedy), path);
    try {
      descriptor.check();
      return descriptor;
    } catch (error) {
      descriptor.close();
      throw error;
    }
  }

  /**
   * Opens a file without a check, which saves two system calls where a switch follows: {@linkcode Descriptor.enter}
   * explains what is no network namespace.
   *
   * @throws {SyscallError} It cannot be opened.
   */
  static openUnchecked(path: string, remedy?: string): Descriptor {
    return new Descriptor(openUnchecked(path, remedy), path);
  }

  /** The file descriptor, closed on exec; -1 once the owner has closed it. */
  get fd(): number {
    return this.#closing ? -1 : this.#fd;
  }

  /**
   * The number of the namespace's inode.
   *
   * @throws {SyscallError} `EBADF`: it was closed before this was first asked for.
   */
  get inode(): bigint {
    return this.#inode ??= statusOf(this.#fd).inode;
  }

  /** @throws {InvalidNamespaceError} The file is no network namespace. */
  check(): void {
    const inode = networkNamespaceInode(this.#fd);
    if (inode === undefined) throw explain(this.#fd, this.#path);
    this.#inode = inode;
  }

  /**
   * Puts the calling thread into the namespace and leaves it there: the caller knows the way back. See setns(2).
   *
   * @throws {SyscallError} `EPERM`: no CAP_SYS_ADMIN. `EBADF`: it is closed.
   * @throws {InvalidNamespaceError} The file is no network namespace.
   */
  enter(): void {
    if (this.#fd < 0 || (this.#closing && this.#holders === 0)) throw this.#closed();
    try {
      setns(this.#fd);
    } catch (error) {
      if (isErrno(error, "EINVAL") && !isNetworkNamespace(this.#fd)) throw explain(this.#fd, this.#path);
      throw error;
    }
  }

  /** True of {@linkcode Descriptor.here}: there is no need to enter it, and no way. */
  get isHere(): boolean {
    return this.#isHere;
  }

  /** @throws {SyscallError} `EBADF`: the owner has closed it. */
  checkOpen(): void {
    if (this.#closing) throw this.#closed();
  }

  #closed(): SyscallError {
    return new SyscallError("setns", constants.errno.EBADF, { path: this.#path, remedy: "this handle is closed" });
  }

  /** Has `end` called when the owner closes it. */
  atClose(end: () => void): void {
    this.#atClose.push(end);
  }

  /** Keeps the file open, also after {@linkcode Descriptor.close}, until {@linkcode Descriptor.release}. */
  hold(): void {
    this.#holders++;
  }

  /** Ends one {@linkcode Descriptor.hold}. */
  release(): void {
    this.#holders--;
    this.#closeUnused();
  }

  /** Closes the file, or has the last holder close it. Idempotent. */
  close(): void {
    if (this.#closing) return;
    this.#closing = true;
    for (const end of this.#atClose.splice(0)) end();
    this.#closeUnused();
  }

  /** `"NS(21: net:[4026531840])"`, or `"NS(closed)"`. */
  toString(): string {
    if (this.#fd < 0) return "NS(closed)";
    try {
      return `NS(${this.#fd}: net:[${this.inode}])`;
    } catch {
      return `NS(${this.#fd})`; // somebody else closed the number; a text must not throw
    }
  }

  #closeUnused(): void {
    if (!this.#closing || this.#holders > 0 || this.#fd < 0) return;
    const fd = this.#fd;
    this.#fd = -1;
    close(fd);
  }
}

/** Where this thread was before its first switch. A Worker loads this module anew and has a home of its own. */
let home: Descriptor | undefined;

/**
 * The home of this thread, opened at the first use and then kept: a switch and its return take two system calls
 * instead of four. It belongs to the thread and is never closed.
 *
 * @throws {SyscallError} `/proc` is not mounted, or no descriptor is left (`EMFILE`).
 */
export function threadHome(): Descriptor {
  return home ??= openHome();
}

function openHome(): Descriptor {
  // Node starts its pool of threads with the first task for it. One that was queued in a section would start it
  // there, and the pool would serve the whole process from that namespace for ever.
  startThreadPool();
  startProcessThreads();
  return openCurrent();
}

/**
 * The namespace in which the calling thread is now.
 *
 * @throws As {@linkcode threadHome}.
 */
export function openCurrent(): Descriptor {
  return Descriptor.openUnchecked(THREAD_NAMESPACE, "is /proc mounted?");
}
