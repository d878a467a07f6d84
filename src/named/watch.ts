/** Watches the named namespaces: `ip netns monitor`. */
import { type FSWatcher, watch } from "node:fs";
import { dirname } from "node:path";
import { identityOf, statusAt } from "../../ffi/mod.ts";
import { EventQueue } from "../async/event_queue.ts";
import { interruptible } from "../async/interruptible.ts";
import { checkDirectory, netnsDirectory } from "../switch/namespace_file.ts";
import { isErrno } from "../errors.ts";
import { fieldsOf } from "../argument_fields.ts";
import { inspectNamedNamespaces } from "./list.ts";
import type { NamedOptions } from "./options.ts";

/** A name that appeared or went away. */
export interface NamedNamespaceChange {
  /** What happened to it. */
  readonly kind: "added" | "removed";
  /** The name. */
  readonly name: string;
}

/** Options of {@linkcode watchNamedNamespaces}. */
export interface WatchOptions extends NamedOptions {
  /** Ends the iteration, without an error. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * How soon a file without a namespace is read again, in milliseconds: the file is made before the mount, and inotify
 * reports no mount. A file without a namespace after the last delay is stale.
 */
const MOUNT_DELAYS: readonly number[] = [2, 5, 10, 20, 50, 100, 200, 500];

const checkWatchOptions = fieldsOf<WatchOptions>("the options of a watch", {
  signal: "signal",
  netnsDir: "any",
  system: true,
});

/**
 * Yields the names that are added and removed from now on, by this library, `ip netns`, a CNI plugin or anybody else. It
 * waits for a directory that does not exist yet.
 *
 * A name that comes and goes in between two reads of the directory is not seen. In Deno it needs `--allow-read` for the
 * directory. See inotify(7), ip-netns(8).
 *
 * @throws {Error} `ENOSPC`: the limit of inotify watches is reached; see `/proc/sys/fs/inotify/max_user_watches`.
 */
export function watchNamedNamespaces(
  options: WatchOptions = {},
): AsyncGenerator<NamedNamespaceChange, void, undefined> {
  checkWatchOptions(options);
  checkDirectory(options.netnsDir);
  return interruptible((signal) => changesOf(options, signal), options.signal);
}

async function* changesOf(
  options: WatchOptions,
  signal: AbortSignal,
): AsyncGenerator<NamedNamespaceChange, void, undefined> {
  const { netnsDir = netnsDirectory() } = options;
  const reads = new EventQueue<void>({ limit: 1, overrun: "drop-oldest" }); // one read answers all requests
  const directory = new DirectoryWatch(netnsDir, () => reads.push(), (error) => reads.end(error));
  let timer: ReturnType<typeof setTimeout> | undefined;
  let delay = 0;
  try {
    directory.follow();
    let known = new Set(namesOf(netnsDir).live);
    reads.push(); // what changed before the loop began
    for await (const _ of reads.values(signal)) {
      directory.follow();
      const { live, pending } = namesOf(netnsDir);
      const now = new Set(live);
      const removed = [...known].filter((name) => !now.has(name));
      const added = live.filter((name) => !known.has(name));
      known = now;
      clearTimeout(timer);
      delay = added.length > 0 || !pending ? 0 : delay + 1;
      const wait = pending ? MOUNT_DELAYS[delay] : undefined;
      if (wait !== undefined) timer = setTimeout(() => reads.push(), wait);
      for (const name of removed) yield { kind: "removed", name };
      for (const name of added) yield { kind: "added", name };
    }
  } finally {
    clearTimeout(timer);
    directory.close();
  }
}

function namesOf(netnsDir: string): { readonly live: string[]; readonly pending: boolean } {
  const entries = inspectNamedNamespaces({ netnsDir });
  return {
    live: entries.filter(({ stale }) => !stale).map(({ name }) => name),
    pending: entries.some(({ stale }) => stale),
  };
}

/** Reports changes in a directory or, while it does not exist, in its nearest ancestor that does. */
class DirectoryWatch {
  readonly #path: string;
  readonly #changed: () => void;
  readonly #failed: (error: unknown) => void;
  #watcher: FSWatcher | undefined;
  /** The identity of the watched directory: a new one may have the path of an old one. */
  #watched = "";

  constructor(path: string, changed: () => void, failed: (error: unknown) => void) {
    this.#path = path;
    this.#changed = changed;
    this.#failed = failed;
  }

  /** Watches what exists now. Call it before each read, so that no change between the two is missed. */
  follow(): void {
    for (let path = this.#path;; path = dirname(path)) {
      const identity = identityAt(path);
      if (identity === undefined) continue;
      if (identity === this.#watched) return;
      this.close();
      this.#watched = identity;
      this.#watcher = watch(path, this.#changed);
      this.#watcher.on("error", this.#failed);
      return;
    }
  }

  close(): void {
    this.#watcher?.close();
    this.#watcher = undefined;
    this.#watched = "";
  }
}

function identityAt(path: string): string | undefined {
  try {
    return `${path} ${identityOf(statusAt(path))}`;
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR")) return undefined;
    throw error;
  }
}
