/** What is wrong between the items of a file. */

/** A fault: the keys that lead to it from the root of the document, and what was expected there. */
export interface Fault {
  /** Names of fields and indices of lists. */
  readonly keys: readonly (string | number)[];
  /** What stands there. */
  readonly value: unknown;
  /** What should. */
  readonly expected: string;
  /** The index of the other item of the list, between which and this one it is. Absent: it is named in the text alone. */
  readonly other?: number;
}

/** An item of a list that is sound by itself, with its index in the list. */
export interface Item<T> {
  /** Counted from 0, with the items that are not sound. */
  readonly index: number;
  /** The item. */
  readonly value: T;
  /** Where it stands, if that is in a short form. */
  readonly path?: string | undefined;
}
