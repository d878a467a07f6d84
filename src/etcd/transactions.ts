/** What is written into a cluster, in parts that etcd takes. */

/** A write in a transaction: a delete without a value. */
export interface Write {
  /** The key. */
  readonly key: string;
  /** Its new value; undefined deletes it. */
  readonly value: string | undefined;
}

/** The most operations of a transaction: etcd refuses more than 128. */
const OPERATIONS_MAX = 100;
/** The most characters of a transaction: etcd refuses more than 1.5 MiB. */
const LENGTH_MAX = 256 * 1024;

/** The parts of `writes` that fit into one transaction each. */
export function* transactions(writes: readonly Write[]): Generator<readonly Write[]> {
  let [from, length] = [0, 0];
  for (const [at, { key, value = "" }] of writes.entries()) {
    const more = key.length + value.length;
    if (at > from && (at - from >= OPERATIONS_MAX || length + more > LENGTH_MAX)) {
      yield writes.slice(from, at);
      [from, length] = [at, 0];
    }
    length += more;
  }
  if (from < writes.length) yield writes.slice(from);
}
