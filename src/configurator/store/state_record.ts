/** The state of one configuration while it is worked on. */
import type { NetworkConfig } from "../../models/config.ts";
import type { AppliedState, StateStore } from "./store.ts";

/** Reads the state of a configuration, and saves it if it changed. A configuration without a name has no state. */
export class StateRecord {
  readonly #store: StateStore;
  readonly #config: NetworkConfig;
  readonly #before: AppliedState | undefined;
  #saved: string | undefined;

  private constructor(store: StateStore, config: NetworkConfig, before: AppliedState | undefined) {
    this.#store = store;
    this.#config = config;
    this.#before = before;
    this.#saved = before && JSON.stringify(before);
  }

  /**
   * Reads what was saved under the name of `config`.
   *
   * @throws What the store throws.
   */
  static async load(store: StateStore, config: NetworkConfig): Promise<StateRecord> {
    const before = config.name === undefined ? undefined : await store.load(config.name);
    return new StateRecord(store, config, before);
  }

  /** What was described before, newest first. */
  get earlier(): readonly NetworkConfig[] {
    return this.#before === undefined ? [] : [this.#before.config, ...this.#before.earlier];
  }

  /** Names of namespaces that earlier applies made. */
  get made(): readonly string[] {
    return this.#before?.made ?? [];
  }

  /**
   * Saves `config` with older ones of which something is left, and the namespaces that were made.
   *
   * @throws What the store throws.
   */
  async save(config: NetworkConfig, earlier: readonly NetworkConfig[], made: readonly string[]): Promise<void> {
    const { name } = this.#config;
    if (name === undefined) return;
    const texts = new Set([JSON.stringify(config)]);
    const others = earlier.filter((one) => {
      const text = JSON.stringify(one);
      return !texts.has(text) && texts.add(text) !== undefined;
    });
    if (isEmpty(config) && others.length === 0 && made.length === 0) {
      if (this.#saved !== undefined) await this.#store.remove(name);
      this.#saved = undefined;
      return;
    }
    const state = { config, earlier: others, made };
    const text = JSON.stringify(state);
    if (text === this.#saved) return;
    await this.#store.save(name, state);
    this.#saved = text;
  }
}

const isEmpty = ({ namespaces, interfaces, arpEntries, routes }: NetworkConfig): boolean => (
  namespaces.length + interfaces.length + arpEntries.length + routes.length === 0
);
