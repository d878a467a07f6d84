/** Small helpers for objects and lists that the standard library of Node 20 lacks. */

/** The same object without the keys whose value is undefined, as `exactOptionalPropertyTypes` wants it. */
export function defined<T extends object>(values: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  const present: Partial<T> = {};
  for (const key in values) if (values[key] !== undefined) present[key] = values[key];
  return present as { [K in keyof T]: Exclude<T[K], undefined> }; // the target type says which keys may be absent
}

/** The values in groups of one key, both in the order of their first appearance. */
export function groupBy<T, K>(values: Iterable<T>, keyOf: (value: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const value of values) {
    const key = keyOf(value);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [value]);
    else group.push(value);
  }
  return groups;
}
