/** What an apply leaves behind for the next one: what it was told, and which namespaces it made. */
import type { NetworkConfig } from "../../models/config.ts";

/** What is remembered of a configuration. */
export interface AppliedState {
  /** The configuration that was applied last. */
  readonly config: NetworkConfig;
  /** Older ones of which something is left, because it could not be taken away; newest first. */
  readonly earlier: readonly NetworkConfig[];
  /** Names of namespaces that apply made, whether listed or not. */
  readonly made: readonly string[];
}

/** Where states are kept, by the names of their configurations. */
export interface StateStore {
  /**
   * Waits until nobody else works with these states, and keeps others out until the result is disposed.
   *
   * @throws The reason of the signal, if that ends the waiting.
   */
  lock(signal?: AbortSignal): Promise<Disposable>;
  /** The state of this name, if there is one. */
  load(name: string): Promise<AppliedState | undefined>;
  /** Replaces the state of this name as a whole. */
  save(name: string, state: AppliedState): Promise<void>;
  /** Forgets the state of this name; content if there is none. */
  remove(name: string): Promise<void>;
}

/** Keeps states in memory, as long as it exists: for tests, and for programs that keep their own books. */
export class MemoryStateStore implements StateStore {
  readonly #states = new Map<string, AppliedState>();
  #last: Promise<void> = Promise.resolve();

  /** As {@linkcode StateStore.lock}. */
  async lock(signal?: AbortSignal): Promise<Disposable> {
    const before = this.#last;
    let release = (): void => undefined;
    this.#last = new Promise((resolve) => release = resolve);
    if (signal !== undefined && !await inTime(before, signal)) {
      before.then(release); // the next one in the row waits for those before
      throw signal.reason;
    }
    await before;
    return { [Symbol.dispose]: release };
  }

  /** As {@linkcode StateStore.load}. */
  load(name: string): Promise<AppliedState | undefined> {
    return Promise.resolve(this.#states.get(name));
  }

  /** As {@linkcode StateStore.save}. */
  save(name: string, state: AppliedState): Promise<void> {
    this.#states.set(name, state);
    return Promise.resolve();
  }

  /** As {@linkcode StateStore.remove}. */
  remove(name: string): Promise<void> {
    this.#states.delete(name);
    return Promise.resolve();
  }
}

/** What is known of one configuration while it is worked on. It is written only where it differs from what is kept. */
export class Memory {
  readonly #store: StateStore;
  readonly #config: NetworkConfig;
  #kept: string | undefined;
  /** Names of namespaces that earlier applies made. */
  readonly made: readonly string[];

  /** What is known of `config`, of which `before` is kept in `store`. One without a name is not remembered. */
  constructor(store: StateStore, config: NetworkConfig, before: AppliedState | undefined) {
    this.#store = store;
    this.#config = config;
    this.#kept = before && JSON.stringify(before);
    this.made = before?.made ?? [];
  }

  /** Keeps the configuration with older ones of which something is left, and the namespaces that were made. */
  async keep(earlier: readonly NetworkConfig[], made: readonly string[]): Promise<void> {
    const config = this.#config;
    if (config.name === undefined) return;
    const texts = new Set([JSON.stringify(config)]);
    const others = earlier.filter((one) => {
      const text = JSON.stringify(one);
      return !texts.has(text) && texts.add(text) !== undefined;
    });
    if (isNothing(config) && others.length === 0 && made.length === 0) {
      if (this.#kept !== undefined) await this.#store.remove(config.name);
      this.#kept = undefined;
      return;
    }
    const state = { config, earlier: others, made };
    const text = JSON.stringify(state);
    if (text === this.#kept) return;
    await this.#store.save(config.name, state);
    this.#kept = text;
  }
}

/** True if `promise` is fulfilled before the signal. */
function inTime(promise: Promise<void>, signal: AbortSignal): Promise<boolean> {
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

const isNothing = ({ namespaces, interfaces, arpEntries, routes }: NetworkConfig): boolean => (
  namespaces.length + interfaces.length + arpEntries.length + routes.length === 0
);
