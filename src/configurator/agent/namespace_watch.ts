/** Notices when a namespace comes or goes that has no events: that of a process, or behind a file. */
import { type Namespace, namespaceToString } from "../../namespace.ts";

/** How often the namespaces are compared, in milliseconds. */
const INTERVAL = 1000;

/**
 * Polls the namespaces of processes and files once a second, because procfs and nsfs send no events. Those with a name
 * and those of containers have events of their own.
 */
export class NamespaceWatch implements Disposable {
  readonly #inodeOf: (ns: Namespace) => bigint | undefined;
  readonly #onChange: () => void;
  readonly #interval: number;
  #seen: { readonly ns: Namespace; inode: bigint | undefined }[] = [];
  #timer: ReturnType<typeof setInterval> | undefined;

  /**
   * Calls `onChange` when one of them is another than before; `inodeOf` says which it is, if it exists.
   *
   * @param interval How often they are compared, in milliseconds.
   */
  constructor(inodeOf: (ns: Namespace) => bigint | undefined, onChange: () => void, interval: number = INTERVAL) {
    this.#inodeOf = inodeOf;
    this.#onChange = onChange;
    this.#interval = interval;
  }

  /** Follows those of `namespaces` and no others. One that is followed already is still compared with what it was. */
  follow(namespaces: readonly (Namespace | undefined)[]): void {
    const before = new Map(this.#seen.map((one) => [namespaceToString(one.ns), one]));
    this.#seen = namespaces.filter(hasNoEvents).map((ns) =>
      before.get(namespaceToString(ns)) ?? { ns, inode: this.#inodeOf(ns) }
    );
    if (this.#seen.length === 0) this[Symbol.dispose]();
    else this.#timer ??= setInterval(() => this.#look(), this.#interval);
  }

  /** Ends looking. */
  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #look(): void {
    let isChanged = false;
    for (const one of this.#seen) {
      const inode = this.#inodeOf(one.ns);
      isChanged ||= inode !== one.inode;
      one.inode = inode;
    }
    if (isChanged) this.#onChange();
  }
}

/** True of a namespace that is named by a process other than 0, or by a file. */
const hasNoEvents = (ns: Namespace | undefined): ns is Namespace =>
  ns?.type === "file" || (ns?.type === "pid" && ns.pid !== 0);
