/** Rulesets in the words of libnftables-json(5), as `nft -j list ruleset` writes them. */
import type { NftElements, NftMapElements } from "./element_types.ts";
import type { NftFamily, NftHook, NftNamed } from "./names.ts";
import type {
  NftCounterObject,
  NftCtExpectation,
  NftCtHelper,
  NftCtTimeout,
  NftFlowtable,
  NftLimitObject,
  NftQuotaObject,
  NftSynproxy,
} from "./object_types.ts";
import type { NftMap, NftSet } from "./set_types.ts";
import type { NftStatement } from "./statement_types.ts";

/** A table. */
export interface NftTable {
  /** Its family. */
  readonly family: NftFamily;
  /** Its name. */
  readonly name: string;
  /** The kernel's number for it, of one that was listed. */
  readonly handle?: number | undefined;
  /** `"dormant"`: its chains see no packets. */
  readonly flags?: string | readonly string[] | undefined;
  /** A text that nobody reads but people; Linux before 5.10 does not keep it. */
  readonly comment?: string | undefined;
}

/** A chain; one with a type, a hook and a priority is a base chain, which sees packets by itself. */
export interface NftChain {
  /** The family of its table. */
  readonly family: NftFamily;
  /** The name of its table. */
  readonly table: string;
  /** Its name. */
  readonly name: string;
  /** The kernel's number for it, of one that was listed. */
  readonly handle?: number | undefined;
  /** What it may do. */
  readonly type?: "filter" | "nat" | "route" | undefined;
  /** Where it sees packets. */
  readonly hook?: NftHook | undefined;
  /** Its priority among the chains of the hook: lower comes first. */
  readonly prio?: number | undefined;
  /** The links whose packets it sees, of the hooks ingress and egress. */
  readonly dev?: string | readonly string[] | undefined;
  /** What happens to a packet for which no rule decides. @default {"accept"} */
  readonly policy?: "accept" | "drop" | undefined;
  /** A text that nobody reads but people; Linux before 5.10 does not keep it. */
  readonly comment?: string | undefined;
}

/** A rule. */
export interface NftRule {
  /** The family of its table. */
  readonly family: NftFamily;
  /** The name of its table. */
  readonly table: string;
  /** The name of its chain. */
  readonly chain: string;
  /** The kernel's number for it, of one that was listed; of one to add or insert, that of the rule to put it beside. */
  readonly handle?: number | undefined;
  /** A text that nobody reads but people. */
  readonly comment?: string | undefined;
  /** What it compares and what it does, in order. */
  readonly expr: readonly NftStatement[];
  /**
   * What the kernel has for the whole rule, of one that was listed with something `unknown`: where it is there, it is what a
   * command sends, and `expr` says nothing.
   */
  readonly raw?: Uint8Array<ArrayBuffer> | undefined;
  /** The sets and maps that it has for itself, beside `raw`. */
  readonly rawSets?: readonly NftRawSet[] | undefined;
}

/** A set or a map that a rule has for itself, as the kernel has it. */
export interface NftRawSet {
  /** Its name in `raw`. */
  readonly name: string;
  /** Its attributes. */
  readonly set: Uint8Array<ArrayBuffer>;
  /** Its elements, in pieces. */
  readonly elements: readonly Uint8Array<ArrayBuffer>[];
}

/** A part of a ruleset. */
export type NftObject =
  | { readonly table: NftTable }
  | { readonly chain: NftChain }
  | { readonly counter: NftCounterObject }
  | { readonly quota: NftQuotaObject }
  | { readonly limit: NftLimitObject }
  | { readonly "ct helper": NftCtHelper }
  | { readonly "ct timeout": NftCtTimeout }
  | { readonly "ct expectation": NftCtExpectation }
  | { readonly synproxy: NftSynproxy }
  | { readonly set: NftSet }
  | { readonly map: NftMap }
  | { readonly flowtable: NftFlowtable }
  | { readonly rule: NftRule };

/** A part of a ruleset as a command names it to delete it. */
export type NftTarget =
  | { readonly table: Pick<NftTable, "family" | "name" | "handle"> }
  | { readonly chain: NftNamed }
  | { readonly rule: Pick<NftRule, "family" | "table" | "chain" | "handle"> }
  | { readonly set: NftNamed }
  | { readonly map: NftNamed }
  | { readonly counter: NftNamed }
  | { readonly quota: NftNamed }
  | { readonly limit: NftNamed }
  | { readonly "ct helper": NftNamed }
  | { readonly "ct timeout": NftNamed }
  | { readonly "ct expectation": NftNamed }
  | { readonly synproxy: NftNamed }
  | { readonly flowtable: NftNamed }
  | { readonly element: NftElements | NftMapElements };

/** What a command empties: all, the rules of a table or of a chain, the elements of a set or a map. */
export type NftFlushed =
  | { readonly ruleset: null | { readonly family?: NftFamily | undefined } }
  | { readonly table: Pick<NftTable, "family" | "name"> }
  | { readonly chain: NftNamed }
  | { readonly set: NftNamed }
  | { readonly map: NftNamed };

/** A command. A part of a ruleset alone is added, so what was listed can be applied. */
export type NftCommand =
  | { readonly add: NftObject | { readonly element: NftElements | NftMapElements } }
  | { readonly create: NftObject | { readonly element: NftElements | NftMapElements } }
  | { readonly insert: { readonly rule: NftRule } }
  | { readonly replace: { readonly rule: NftRule } }
  | { readonly delete: NftTarget }
  | { readonly destroy: NftTarget }
  | { readonly flush: NftFlushed }
  | NftObject
  | { readonly element: NftElements | NftMapElements }
  | { readonly metainfo: object };
