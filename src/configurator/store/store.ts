/** What an apply leaves behind for the next one: what was described, and which namespaces it made. */
import type { NetworkConfig } from "../../models/config.ts";

/** What is kept of a configuration. */
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
  /** Removes the state of this name. If there is none, it does nothing. */
  remove(name: string): Promise<void>;
}
