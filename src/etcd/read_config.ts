/** The keys of a cluster as one configuration: what is sound, and the faults of each key. */
import { defined } from "../collections.ts";
import type { NetworkConfig } from "../models/config.ts";
import { crossCheck } from "../models/crosscheck.ts";
import type { Fault, Item } from "../models/item_faults.ts";
import { checkFilters } from "../models/filter_check.ts";
import { InterfaceIndex } from "../models/references.ts";
import { checkAllowed, type NamespaceKind } from "./allowed_namespaces.ts";
import {
  type AnyItem,
  type Items,
  itemsOf,
  type KeyFault,
  keyFault,
  type KeyItems,
  type SectionValues,
} from "./items.ts";
import { configNameOf } from "./keys.ts";

/** A value that does not count as it is written. */
export interface KeyWarning {
  /** The key. */
  readonly key: string;
  /** What does not count, and why. */
  readonly text: string;
}

/** What the values of a label stand for. */
export interface EtcdConfig {
  /** The sound items. */
  readonly config: NetworkConfig;
  /** The keys that are not as their values say: each has its last good value, or nothing. */
  readonly faults: readonly KeyFault[];
  /** What of the values does not count. */
  readonly warnings: readonly KeyWarning[];
  /** The value of each key that the items were made of: the last good values for the next time. */
  readonly good: ReadonlyMap<string, string>;
  /** The names of the items of each key, as a report has them. */
  readonly items: ReadonlyMap<string, readonly string[]>;
}

/** How often items with faults are left out, one after the other, before all that are left with faults go at once. */
const ROUNDS_MAX = 32;

/** A key with the value that counts for now. */
interface Candidate {
  readonly key: string;
  readonly text: string;
  readonly items: readonly AnyItem[];
  /** True if it is what the key has now; false for its last good value. */
  readonly isCurrent: boolean;
}

/** Reads the keys of one label again and again; what did not change is not checked by itself again. */
export class ConfigReader {
  readonly #label: string;
  readonly #allowed: ReadonlySet<NamespaceKind> | undefined;
  #known = new Map<string, { readonly text: string; readonly found: KeyItems }>();

  /** `allowed` are the kinds of namespaces that keys may name; undefined: all. */
  constructor(label: string, allowed?: ReadonlySet<NamespaceKind>) {
    this.#label = label;
    this.#allowed = allowed;
  }

  /**
   * The configuration that `values` describe. A key with a fault has its last good value, if that is still sound beside
   * the others.
   *
   * @param values The value of each key.
   * @param good The last good value of each key, as {@linkcode EtcdConfig.good} gave it.
   */
  read(values: ReadonlyMap<string, string>, good: ReadonlyMap<string, string> = new Map()): EtcdConfig {
    const faults = new Map<string, KeyFault>();
    const warnings: KeyWarning[] = [];
    const known = this.#known;
    this.#known = new Map();
    const chosen = new Map<string, Candidate>(); // in the order of the keys
    const fallBack = (key: string, refused?: string): void => {
      const text = good.get(key);
      const found = text === undefined || text === refused ? undefined : itemsOf(this.#label, key, text);
      if (text !== undefined && found !== undefined && "items" in found) {
        chosen.set(key, { key, text, items: found.items, isCurrent: false });
      } else chosen.delete(key);
    };
    for (const key of [...values.keys()].sort()) {
      const text = values.get(key) ?? "";
      const before = known.get(key);
      const found = before?.text === text ? before.found : itemsOf(this.#label, key, text);
      this.#known.set(key, { text, found });
      if ("items" in found) {
        chosen.set(key, { key, text, items: found.items, isCurrent: true });
        warnings.push(...found.warnings.map((one) => ({ key, text: one })));
      } else {
        faults.set(key, found.fault);
        fallBack(key);
      }
    }
    for (const { key, first } of [...repeatedNames(chosen.values())]) {
      faults.set(key, keyFault(key, [{ path: "name", value: key, expected: `a name that ${first} does not have` }]));
      chosen.delete(key);
    }
    let placed = place(chosen.values(), good);
    for (let round = 0;; round++) {
      const blamed = this.#faultsBetween(placed);
      if (blamed.size === 0) break;
      for (const [key, issues] of blamed) {
        const candidate = chosen.get(key);
        if (!faults.has(key)) faults.set(key, keyFault(key, issues));
        if (candidate?.isCurrent && round < ROUNDS_MAX) fallBack(key, candidate.text);
        else chosen.delete(key);
      }
      placed = place(chosen.values(), good);
    }
    return {
      config: configOf(this.#label, placed.items, this.#allowed?.has("default") ?? true),
      faults: [...faults.values()],
      warnings,
      good: new Map([...chosen.values()].map(({ key, text }) => [key, text])),
      items: new Map([...chosen.values()].map(({ key, items }) => [key, items.map(({ item }) => item)])),
    };
  }

  #faultsBetween({ items, keyOf }: Placed): Map<string, { path: string; value: unknown; expected: string }[]> {
    const interfaces = items.interfaces.map(({ value }) => value);
    const faults: Fault[] = [
      ...crossCheck(items),
      ...checkFilters(items, interfaces),
      ...checkAllowed(items, new InterfaceIndex(interfaces), this.#allowed),
    ];
    const blamed = new Map<string, { path: string; value: unknown; expected: string }[]>();
    for (const { keys: [section, index, ...path], value, expected } of faults) {
      const key = keyOf(String(section), Number(index));
      if (key === undefined) continue;
      const issues = blamed.get(key) ?? [];
      issues.push({ path: path.join("."), value, expected });
      blamed.set(key, issues);
    }
    return blamed;
  }
}

/**
 * The configuration that the keys of one label describe, read once: what is sound, and the faults of each key.
 *
 * @param values The value of each key.
 * @param good The last good value of each key.
 * @param allowed The kinds of namespaces that keys may name. Absent: all.
 */
export function readConfig(
  label: string,
  values: ReadonlyMap<string, string>,
  good?: ReadonlyMap<string, string>,
  allowed?: ReadonlySet<NamespaceKind>,
): EtcdConfig {
  return new ConfigReader(label, allowed).read(values, good);
}

/** Items with their indices, and the keys that they came from. */
interface Placed {
  readonly items: Items;
  readonly keyOf: (section: string, index: number) => string | undefined;
}

/**
 * Gives each item its index, in the order of the keys. Those that are as they were come first: of two that exclude each other, the check finds
 * the fault in the later one, and that should be the one that changed.
 */
function place(candidates: Iterable<Candidate>, good: ReadonlyMap<string, string>): Placed {
  const isOld = ({ key, text }: Candidate): boolean => good.get(key) === text;
  const all = [...candidates];
  const items: { [S in keyof SectionValues]: Item<SectionValues[S]>[] } = {
    namespaces: [],
    interfaces: [],
    arpEntries: [],
    routes: [],
    rules: [],
    nat: [],
    forwards: [],
    firewall: [],
    uplinks: [],
  };
  for (const { key, items: found } of [...all.filter(isOld), ...all.filter((one) => !isOld(one))]) {
    for (const { section, value } of found) {
      const list: Item<typeof value>[] = items[section];
      list.push({ index: list.length, value, path: key });
    }
  }
  const lists = new Map<string, readonly { readonly path?: string | undefined }[]>(Object.entries(items));
  return { items, keyOf: (section, index) => lists.get(section)?.[index]?.path };
}

/** Every key with a name that an earlier key has in the same section; the candidates are in the order of their keys. */
function* repeatedNames(candidates: Iterable<Candidate>): Generator<{ readonly key: string; readonly first: string }> {
  const seen = new Map<string, string>();
  for (const { key, items } of candidates) {
    const first = items.map(({ item }) => seen.get(item)).find((one) => one !== undefined);
    if (first !== undefined) yield { key, first };
    else for (const { item } of items) seen.set(item, key);
  }
}

function configOf(label: string, items: Items, allowsDefault: boolean): NetworkConfig {
  const values = <T>(list: readonly Item<T>[]): T[] => list.map(({ value }) => value);
  const some = <T>(list: readonly Item<T>[]): T[] | undefined => list.length === 0 ? undefined : values(list);
  return defined({
    name: configNameOf(label),
    namespaces: values(items.namespaces),
    interfaces: values(items.interfaces),
    arpEntries: values(items.arpEntries),
    routes: values(items.routes),
    rules: some(items.rules),
    nat: some(items.nat),
    forwards: some(items.forwards),
    firewall: some(items.firewall),
    uplinks: some(items.uplinks),
    allowsDefault: allowsDefault ? undefined : false,
  });
}
