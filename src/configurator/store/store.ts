/** Where the states of configurations are kept. */
import type { ConfigurationState } from "../ownership/state.ts";
import type { LockOptions } from "./lock.ts";

export type { LockOptions };

/** Keeps states, each under the name of its configuration. */
export interface StateStore {
  /**
   * Waits until nobody else works with these states, and keeps others out until the result is disposed.
   *
   * @throws The reason of the signal, if that ends the wait.
   */
  lock(options?: LockOptions): Promise<Disposable>;
  /** The names of all configurations that have a state, sorted. */
  names(): Promise<readonly string[]>;
  /** The state of this name, if there is one. */
  load(name: string): Promise<ConfigurationState | undefined>;
  /** Replaces the state of this name as a whole. */
  save(name: string, state: ConfigurationState): Promise<void>;
  /** Removes the state of this name. If there is none, it does nothing. */
  remove(name: string): Promise<void>;
}
