/** Indexes of the lists that a namespace gave, and look-ups by them. */
import { groupBy } from "../../collections.ts";

/** The longest list that is searched from its start to its end: most namespaces have two links. */
export const SHORT = 4;

/**
 * The indexes that look-ups made of the lists of one namespace. They go with it: what a WeakMap by list held would
 * outlive V8's small collections, half a megabyte for each apply of 200 links.
 */
export class Indexes {
  #made: Map<readonly unknown[], Map<unknown, unknown>> | undefined;

  /** What `build` makes of `list`, once for both. */
  of<T, I>(list: readonly T[], build: (list: readonly T[]) => I): I {
    this.#made ??= new Map();
    let ofList = this.#made.get(list);
    if (ofList === undefined) this.#made.set(list, ofList = new Map());
    if (!ofList.has(build)) ofList.set(build, build(list));
    return ofList.get(build) as I; // which only `build` put there
  }

  /** Forgets them: the lists are read anew. */
  clear(): void {
    this.#made = undefined;
  }
}

/**
 * A look-up by `keyOf` in a list that a namespace gave. It makes one index for each list, because a namespace with a
 * thousand links is asked for each of them.
 */
export function lookup<T, K>(
  keyOf: (value: T) => K,
): (of: { readonly indexes: Indexes }, list: readonly T[], key: K) => readonly T[] {
  const build = (list: readonly T[]): ReadonlyMap<K, readonly T[]> => groupBy(list, keyOf);
  return ({ indexes }, list, key) => (
    list.length <= SHORT ? list.filter((value) => keyOf(value) === key) : indexes.of(list, build).get(key) ?? []
  );
}
