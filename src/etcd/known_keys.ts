/** The keys of a label as this agent knows them. Nothing is taken away because a cluster is away, empty or another. */

/** Keys of one label that are read; a machine has not so many links. */
export const KEYS_MAX = 100_000;
/** Bytes of all keys and values of one label that are read. */
export const BYTES_MAX: number = 256 * 1024 * 1024;

/** The changes of one message of a watch. */
export interface KeyChange {
  /** The key. */
  readonly key: string;
  /** Its value; undefined if it was deleted. */
  readonly value: string | undefined;
}

/** Which cluster said something, and when. */
export interface Position {
  /** The id of the cluster, in hexadecimal. */
  readonly cluster: string;
  /** The revision of its store. */
  readonly revision: number;
  /** The revision up to which the keys of each layout are known: one may be behind the others. */
  readonly layouts?: Readonly<Record<string, number>> | undefined;
}

/** What is kept over restarts. */
export interface SavedKeys {
  /** What the last value came from that could take something away; undefined: nothing was ever read. */
  readonly position: Position | undefined;
  /** Why nothing is taken away; undefined: it is. */
  readonly held: string | undefined;
  /** The last good value of each key. */
  readonly values: ReadonlyMap<string, string>;
}

/** What to do to end a hold. */
export const REMEDY = "nothing is taken away until a start with --accept-empty";

/** The keys of a label, and whether the cluster is believed when it no longer has one. */
export class KnownKeys {
  #values: Map<string, string>;
  /** How many characters those are, with their keys. */
  #length: number;
  #position: Position | undefined;
  #held: string | undefined;
  #accepts: boolean;
  /** Something was applied, and it is not known of what keys. */
  #hasForgotten: boolean;

  /**
   * Starts with what was saved.
   *
   * @param acceptEmpty Believes the first list, whatever it is, and ends a hold.
   * @param hasForgotten Something was applied, and what was saved is lost: an empty list is not believed.
   */
  constructor(saved?: SavedKeys, acceptEmpty: boolean = false, hasForgotten: boolean = false) {
    this.#hasForgotten = hasForgotten;
    this.#values = new Map(saved?.values);
    this.#length = lengthOfAll(this.#values);
    this.#position = saved?.position;
    this.#held = saved?.held;
    this.#accepts = acceptEmpty;
  }

  /** The value of each key. */
  get values(): ReadonlyMap<string, string> {
    return this.#values;
  }

  /** What was read last from a cluster that is believed. */
  get position(): Position | undefined {
    return this.#position;
  }

  /** Why nothing is taken away, and what ends that; undefined: it is. */
  get held(): string | undefined {
    return this.#held;
  }

  /** False while it is not known what a configuration of these keys would take away. */
  get isWhole(): boolean {
    return !this.#hasForgotten;
  }

  /**
   * Takes a whole list.
   *
   * @param unread Says of a key that the list could not have it.
   * @param wasThere Says of a key that the list no longer has whether this store had it when it was read.
   * @throws {RangeError} There would be too many keys, on hold; nothing is taken.
   */
  list(
    position: Position,
    entries: ReadonlyMap<string, string>,
    unread: (key: string) => boolean = () => false,
    wasThere: (key: string) => boolean = () => true,
  ): void {
    const doubt = this.#accepts ? undefined : this.#held ?? this.#doubt(position, entries, unread, wasThere);
    this.#accepts = false;
    if (doubt !== undefined) {
      this.#held = doubt;
      return this.change(position, [...entries].map(([key, value]) => ({ key, value })));
    }
    this.#held = undefined;
    this.#hasForgotten = false;
    const kept = [...this.#values].filter(([key]) => unread(key));
    this.#values = new Map([...entries, ...kept]);
    this.#length = lengthOfAll(this.#values);
    this.#moveTo(position);
  }

  /**
   * Takes changes, all of one message.
   *
   * @throws {RangeError} There would be too many keys; nothing is taken.
   */
  change(position: Position, changes: readonly KeyChange[]): void {
    const puts = changes.filter(({ value }) => value !== undefined);
    const added = puts.filter(({ key }) => !this.#values.has(key)).length;
    const more = puts.reduce((sum, { key, value }) => sum + lengthOf(key, value) - this.#lengthAt(key), 0);
    if (this.#values.size + added > KEYS_MAX || this.#length + more > BYTES_MAX) {
      throw new RangeError(`the label has more than ${KEYS_MAX} keys or ${BYTES_MAX / 1024 / 1024} MiB`);
    }
    for (const { key, value } of changes) {
      if (value === undefined && this.#held !== undefined) continue;
      this.#length += lengthOf(key, value) - this.#lengthAt(key);
      if (value === undefined) this.#values.delete(key);
      else this.#values.set(key, value);
    }
    if (this.#held === undefined) this.#moveTo(position);
  }

  /** Layouts that were not read now are known as far as before. */
  #moveTo(position: Position): void {
    const before = this.#position?.cluster === position.cluster ? this.#position.layouts : undefined;
    this.#position = before === undefined ? position : { ...position, layouts: { ...before, ...position.layouts } };
  }

  #lengthAt(key: string): number {
    return lengthOf(key, this.#values.get(key));
  }

  /** Why a list is not believed; undefined if it is. */
  #doubt(
    { cluster, revision }: Position,
    entries: ReadonlyMap<string, string>,
    unread: (key: string) => boolean,
    wasThere: (key: string) => boolean,
  ): string | undefined {
    const last = this.#position;
    const hasKeys = this.#hasForgotten || [...this.#values.keys()].some((key) => !unread(key));
    if (last !== undefined && last.cluster !== cluster) {
      return `another cluster answers: ${cluster}, and not ${last.cluster}; ${REMEDY}`;
    }
    if (last !== undefined && revision < last.revision) {
      return `the cluster is at revision ${revision}, and was at ${last.revision}; ${REMEDY}`;
    }
    if (entries.size === 0 && hasKeys) {
      return `the cluster has no key of this label, and no delete was seen; ${REMEDY}`;
    }
    const lost = [...this.#values.keys()].find((key) => !entries.has(key) && !unread(key) && !wasThere(key));
    if (lost !== undefined) {
      return `the cluster was restored: it never had ${lost}, which was read from it; ${REMEDY}`;
    }
    return undefined;
  }
}

/** How many characters a key has with its value; none without one. */
const lengthOf = (key: string, value: string | undefined): number =>
  value === undefined ? 0 : key.length + value.length;

function lengthOfAll(values: ReadonlyMap<string, string>): number {
  let length = 0;
  for (const [key, value] of values) length += lengthOf(key, value);
  return length;
}
