/** Notices changes of which the kernel sends no event. */
import { NetlinkError, SyscallError } from "../../errors.ts";
import type { Namespace } from "../../namespace.ts";
import type { NsHandle } from "../../netns/handle.ts";

/** How often is read, in milliseconds. */
const INTERVAL = 1000;

/** How a {@linkcode PolledWatch} reads. */
export interface Polling<T> {
  /** Opens a namespace if it exists; undefined is the default one. */
  readonly open: (ns: Namespace | undefined) => NsHandle | undefined;
  /** What is there, as a text that is another one after a change. */
  readonly read: (handle: NsHandle, watched: T) => string;
}

/** Reads what a configuration has in namespaces once a second. */
export class PolledWatch<T extends { readonly namespace: Namespace | undefined }> implements Disposable {
  readonly #polling: Polling<T>;
  readonly #onChange: () => void;
  #watched: readonly T[] = [];
  #seen: readonly string[] = [];
  #timer: ReturnType<typeof setInterval> | undefined;

  /** Calls `onChange` when something is another than before. */
  constructor(polling: Polling<T>, onChange: () => void) {
    this.#polling = polling;
    this.#onChange = onChange;
  }

  /** Follows these and no others. */
  follow(watched: readonly T[]): void {
    this.#watched = watched;
    if (watched.length === 0) return this[Symbol.dispose]();
    this.#seen = watched.map((one) => this.#read(one));
    this.#timer ??= setInterval(() => this.#look(), INTERVAL);
  }

  /** Ends reading. */
  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #look(): void {
    const now = this.#watched.map((one) => this.#read(one));
    const isChanged = now.some((text, index) => text !== this.#seen[index]);
    this.#seen = now;
    if (isChanged) this.#onChange();
  }

  #read(watched: T): string {
    using handle = this.#polling.open(watched.namespace);
    if (handle === undefined) return "";
    try {
      return this.#polling.read(handle, watched);
    } catch (error) {
      if (error instanceof NetlinkError || error instanceof SyscallError) return ""; // apply says why
      throw error;
    }
  }
}
