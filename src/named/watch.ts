/** Watches the named namespaces: `ip netns monitor`. */
import { dirname } from "node:path";
import { close, type DirectoryEvent, identityOf, readEvents, statusAt, watchDirectory } from "../../ffi/mod.ts";
import { EventQueue } from "../async/event_queue.ts";
import { InputSignal } from "../async/input_signal.ts";
import { interruptible } from "../async/interruptible.ts";
import { checkDirectory, netnsDirectory } from "../switch/namespace_file.ts";
import { isErrno } from "../errors.ts";
import { fieldsOf } from "../argument_fields.ts";
import { inspectNamedNamespaces, isLive } from "./list.ts";
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
 * A name that goes before its namespace could be looked at is yielded as added and removed, as `ip netns monitor` does:
 * nobody can tell any more whether its file had a namespace. See inotify(7), ip-netns(8).
 *
 * @throws {SyscallError} `ENOSPC`, `EMFILE`: a limit in `/proc/sys/fs/inotify` is reached.
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
  const directory = new DirectoryWatch(netnsDir, () => reads.push());
  let timer: ReturnType<typeof setTimeout> | undefined;
  let delay = 0;
  try {
    directory.follow();
    let known = namesOf(netnsDir);
    reads.push(); // what changed before the loop began
    for await (const _ of reads.values(signal)) {
      directory.follow();
      const events = directory.takeEvents();
      const { changes, names } = changesBetween(known, events, namesOf(netnsDir));
      known = names;
      if (events.some(({ kind }) => kind === "added")) delay = 0;
      clearTimeout(timer);
      const wait = names.stale.size > 0 ? MOUNT_DELAYS[delay] : undefined;
      if (wait === undefined) names.fresh.clear();
      else {
        timer = setTimeout(() => {
          delay++;
          reads.push();
        }, wait);
      }
      yield* changes;
    }
  } finally {
    clearTimeout(timer);
    directory.close();
  }
}

/** The names in the directory at a time. */
interface Names {
  readonly live: ReadonlySet<string>;
  readonly stale: ReadonlySet<string>;
  /** Those of the stale ones that were made a moment ago: a mount may follow. */
  readonly fresh: Set<string>;
}

function namesOf(netnsDir: string): Names {
  const entries = inspectNamedNamespaces({ netnsDir });
  const named = (wanted: boolean): Set<string> =>
    new Set(entries.filter((entry) => isLive(entry) === wanted).map(({ name }) => name));
  return { live: named(true), stale: named(false), fresh: new Set() };
}

/**
 * What happened between two reads of the directory.
 *
 * @param events What the kernel reported before the second read.
 * @returns The changes, and the names at the second read with those that are fresh.
 */
export function changesBetween(
  before: Names,
  events: readonly DirectoryEvent[],
  now: Names,
): { readonly changes: NamedNamespaceChange[]; readonly names: Names } {
  const namesIn = (wanted: DirectoryEvent["kind"]): Set<string> =>
    new Set(events.filter(({ kind }) => kind === wanted).map(({ name }) => name));
  const [made, deleted] = [namesIn("added"), namesIn("removed")];
  const fresh = new Set([...before.fresh, ...made].filter((name) => !before.live.has(name) && !now.live.has(name)));
  const passing = [...fresh].filter((name) => !now.stale.has(name));
  const removed = [...before.live].filter((name) => !now.live.has(name) || deleted.has(name));
  const added = [...now.live].filter((name) => !before.live.has(name) || deleted.has(name));
  const as = (kind: NamedNamespaceChange["kind"]) => (name: string): NamedNamespaceChange => ({ kind, name });
  return {
    changes: [
      ...removed.map(as("removed")),
      ...[...passing, ...added].map(as("added")),
      ...passing.map(as("removed")),
    ],
    names: { ...now, fresh: new Set([...fresh].filter((name) => now.stale.has(name))) },
  };
}

/** Follows the events of a directory or, while it does not exist, of its nearest ancestor that does. */
class DirectoryWatch {
  readonly #path: string;
  readonly #input: InputSignal;
  /** The queue of events; -1 while there is none. */
  #fd = -1;
  #watched: Existing | undefined;

  /** Calls `onEvent` when there may be events. */
  constructor(path: string, onEvent: () => void) {
    this.#path = path;
    this.#input = new InputSignal(onEvent);
  }

  /** Watches what exists now. Call it before each read, so that no change between the two is missed. */
  follow(): void {
    // Asked again after each change of the watch: the directory may have come between the question and the watch.
    for (let nearest = nearestTo(this.#path); nearest.identity !== this.#watched?.identity;) {
      this.#watch(nearest);
      nearest = nearestTo(this.#path);
    }
  }

  /** The events of the directory since the last call, in order; those of an ancestor are none of them. */
  takeEvents(): DirectoryEvent[] {
    const events = readEvents(this.#fd);
    return this.#watched?.path === this.#path ? events : [];
  }

  close(): void {
    this.#input[Symbol.dispose]();
    this.#closeQueue();
  }

  #watch(directory: Existing): void {
    try {
      const fd = watchDirectory(directory.path);
      this.#closeQueue();
      this.#fd = fd;
      this.#input.follow(fd);
      this.#watched = directory;
    } catch (error) {
      if (!isErrno(error, "ENOENT")) throw error; // it went, and the next question finds another
    }
  }

  #closeQueue(): void {
    const fd = this.#fd;
    this.#fd = -1;
    if (fd >= 0) close(fd);
  }
}

/** A directory, and a text that is another one if a new one has its path. */
interface Existing {
  readonly path: string;
  readonly identity: string;
}

/** The directory at `path`, or its nearest ancestor that exists. */
function nearestTo(path: string): Existing {
  try {
    return { path, identity: `${path} ${identityOf(statusAt(path))}` };
  } catch (error) {
    if (!isErrno(error, "ENOENT", "ENOTDIR") || path === dirname(path)) throw error;
    return nearestTo(dirname(path));
  }
}
