/** Elements of sets and maps in the words of libnftables-json(5). */
import type { NftLimit } from "./expressions/limit.ts";
import type { NftQuota } from "./expressions/quota.ts";
import type { NftWhole } from "./expressions/units.ts";
import type { NftFamily } from "./names.ts";

/** An address, a name, a number; whether something is there. */
export type NftScalar = string | number | boolean;

/** A network: `{ prefix: { addr: "10.0.0.0", len: 8 } }`. */
export interface NftPrefix {
  /** The address and the length, in bits. */
  readonly prefix: { readonly addr: string; readonly len: number };
}

/** From a value to another, both included: `{ range: [1000, 2000] }`. */
export interface NftRange {
  /** The first and the last. */
  readonly range: readonly [NftScalar, NftScalar];
}

/** Several values that are one, of a set whose type has as many: `{ concat: ["10.0.0.1", 80] }`. */
export interface NftConcat {
  /** A value of each type, in their order. */
  readonly concat: readonly (NftScalar | NftPrefix | NftRange)[];
}

/** The value of an element; `"*"` of one that has whatever no other has. */
export type NftValue = NftScalar | NftPrefix | NftRange | NftConcat;

/** An element that has more than a value. */
export interface NftTimedElement {
  /** The element. */
  readonly elem: {
    /** Its value. */
    readonly val: NftValue;
    /** How long it stays, in seconds. */
    readonly timeout?: number | undefined;
    /** How long it still stays, in seconds, of one that was listed. */
    readonly expires?: number | undefined;
    /** A text that nobody reads but people. */
    readonly comment?: string | undefined;
    /** What of the packets had it, of a set with such a `stmt`. */
    readonly counter?: null | { readonly packets: NftWhole; readonly bytes: NftWhole } | undefined;
    /** The rate to which it is limited, of a set with such a `stmt`. */
    readonly limit?: NftLimit | undefined;
    /** The amount to which it is limited, of a set with such a `stmt`. */
    readonly quota?: NftQuota | undefined;
  };
}

/** An element of a set. */
export type NftElement = NftValue | NftTimedElement;

/** What happens to a packet. */
export type NftVerdict =
  | { readonly accept: null }
  | { readonly drop: null }
  | { readonly continue: null }
  | { readonly return: null }
  | { readonly jump: { readonly target: string } }
  | { readonly goto: { readonly target: string } };

/** An element of a map: the element, and what the map has for it; of a map of objects, the name of one. */
export type NftMapElement = readonly [key: NftElement, data: NftScalar | NftConcat | NftVerdict];

/** Elements of a set, to add or to delete. */
export interface NftElements {
  /** The family of its table. */
  readonly family: NftFamily;
  /** The name of its table. */
  readonly table: string;
  /** The name of the set. */
  readonly name: string;
  /** The elements. */
  readonly elem: readonly NftElement[];
}

/** Elements of a map, to add or to delete. */
export interface NftMapElements extends Pick<NftElements, "family" | "table" | "name"> {
  /** The elements. */
  readonly elem: readonly NftMapElement[];
}
