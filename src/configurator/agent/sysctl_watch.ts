/** Notices that somebody changes a sysctl, of which the kernel sends no event. */
import type { Namespace } from "../../namespace.ts";
import type { NsHandle } from "../../netns/handle.ts";
import { readSysctls } from "../../sysctl/sysctl.ts";

/** How often they are read, in milliseconds. */
const INTERVAL = 1000;

/** The sysctls of a namespace that are followed. */
export interface WatchedSysctls {
  /** The namespace. */
  readonly namespace: Namespace;
  /** The keys. */
  readonly keys: readonly string[];
}

/** Reads the sysctls of a configuration once a second. */
export class SysctlWatch implements Disposable {
  readonly #open: (ns: Namespace) => NsHandle | undefined;
  readonly #onChange: () => void;
  #watched: readonly WatchedSysctls[] = [];
  #seen: readonly string[] = [];
  #timer: ReturnType<typeof setInterval> | undefined;

  /** Calls `onChange` when one is another than before; `open` opens a namespace if it exists. */
  constructor(open: (ns: Namespace) => NsHandle | undefined, onChange: () => void) {
    this.#open = open;
    this.#onChange = onChange;
  }

  /** Follows these and no others. */
  follow(watched: readonly WatchedSysctls[]): void {
    this.#watched = watched.filter(({ keys }) => keys.length > 0);
    if (this.#watched.length === 0) return this[Symbol.dispose]();
    this.#seen = this.#watched.map((one) => this.#read(one));
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

  #read({ namespace, keys }: WatchedSysctls): string {
    using handle = this.#open(namespace);
    if (handle === undefined) return "";
    try {
      return JSON.stringify([...readSysctls(handle, keys)]);
    } catch {
      return ""; // apply says why it cannot be read
    }
  }
}
