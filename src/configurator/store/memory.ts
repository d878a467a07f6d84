/** States that end with the process. */
import type { ConfigurationState } from "../ownership/state.ts";
import type { LockOptions, StateStore } from "./store.ts";

/** Keeps states in memory, as long as it exists: for tests, and for programs that keep their own records. */
export class MemoryStateStore implements StateStore {
  readonly #states = new Map<string, ConfigurationState>();
  #last: Promise<void> = Promise.resolve();

  /** As {@linkcode StateStore.lock}. */
  async lock({ signal }: LockOptions = {}): Promise<Disposable> {
    const before = this.#last;
    let release = (): void => undefined;
    this.#last = new Promise((resolve) => release = resolve);
    if (signal !== undefined && !await isFulfilledBefore(before, signal)) {
      before.then(release); // the next one in the queue waits for those before
      throw signal.reason;
    }
    await before;
    return { [Symbol.dispose]: release };
  }

  /** As {@linkcode StateStore.names}. */
  names(): Promise<readonly string[]> {
    return Promise.resolve([...this.#states.keys()].sort());
  }

  /** As {@linkcode StateStore.load}. */
  load(name: string): Promise<ConfigurationState | undefined> {
    return Promise.resolve(this.#states.get(name));
  }

  /** As {@linkcode StateStore.save}. */
  save(name: string, state: ConfigurationState): Promise<void> {
    this.#states.set(name, state);
    return Promise.resolve();
  }

  /** As {@linkcode StateStore.remove}. */
  remove(name: string): Promise<void> {
    this.#states.delete(name);
    return Promise.resolve();
  }
}

/** True if `promise` is fulfilled before the signal. */
function isFulfilledBefore(promise: Promise<void>, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const end = (): void => resolve(false);
    signal.addEventListener("abort", end);
    promise.then(() => {
      signal.removeEventListener("abort", end);
      resolve(true);
    });
    if (signal.aborted) end();
  });
}
