/** Notices that a namespace comes or goes of which nothing tells: the one of a process, or behind a file. */
import { type Namespace, namespaceToString } from "../../namespace.ts";

/** How often it is looked for them, in milliseconds. */
const EVERY = 1000;

/**
 * Looks at the namespaces of processes and files once a second: procfs and nsfs have no events. Those with a name, and
 * those of containers, are told of by others.
 */
export class NamespaceWatch implements Disposable {
  readonly #inodeOf: (ns: Namespace) => bigint | undefined;
  readonly #onChange: () => void;
  #seen: { readonly ns: Namespace; inode: bigint | undefined }[] = [];
  #timer: ReturnType<typeof setInterval> | undefined;

  /** Calls `onChange` when one of them is another than before; `inodeOf` says which it is, if it is there. */
  constructor(inodeOf: (ns: Namespace) => bigint | undefined, onChange: () => void) {
    this.#inodeOf = inodeOf;
    this.#onChange = onChange;
  }

  /** Looks at those of `namespaces` and no others. What is known of one is kept: what it became is still news. */
  follow(namespaces: readonly (Namespace | undefined)[]): void {
    const before = new Map(this.#seen.map((one) => [namespaceToString(one.ns), one]));
    this.#seen = namespaces.filter(isUnannounced).map((ns) =>
      before.get(namespaceToString(ns)) ?? { ns, inode: this.#inodeOf(ns) }
    );
    if (this.#seen.length === 0) this[Symbol.dispose]();
    else this.#timer ??= setInterval(() => this.#look(), EVERY);
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
const isUnannounced = (ns: Namespace | undefined): ns is Namespace =>
  ns?.type === "file" || (ns?.type === "pid" && ns.pid !== 0);
