/** The statements of rules in the words of libnftables-json(5). */
import type { NftElement, NftMapElement, NftPrefix, NftRange, NftScalar, NftVerdict } from "./element_types.ts";
import type { NftLimit } from "./expressions/limit.ts";
import type { NftQuota } from "./expressions/quota.ts";
import type { NftWhole } from "./expressions/units.ts";

/** What is looked up, and what the rule asks of it: `{ result: "type", flags: ["daddr"] }`. */
export interface NftFib {
  /**
   * `"type"`: what kind of address it is, such as `"local"`. `"oifname"`: the link by which it is reached. `"oif"`: whether
   * there is one, `true` or `false`.
   */
  readonly result: "type" | "oifname" | "oif";
  /** `"daddr"` or `"saddr"`: the address; beside it `"mark"`, `"iif"` and `"oif"`: what the look-up goes by, too. */
  readonly flags: readonly ("saddr" | "daddr" | "mark" | "iif" | "oif")[];
}

/** A number for each packet: `{ mode: "inc", mod: 2, offset: 0 }` gives 0, 1, 0, 1, and so on. */
export interface NftNumgen {
  /** `"inc"`: one after the other. */
  readonly mode: "inc" | "random";
  /** How many numbers there are. */
  readonly mod: number;
  /** The first of them. @default {0} */
  readonly offset?: number | undefined;
}

/** What a packet is asked for. */
export type NftSelector =
  | { readonly meta: { readonly key: string } }
  | { readonly payload: { readonly protocol: string; readonly field: string } }
  | { readonly ct: { readonly key: string } }
  | { readonly fib: NftFib }
  | { readonly numgen: NftNumgen };

/** What is compared: a selector, or some bits of one; what a set or a map has several parts for is a concatenation. */
export type NftLeft =
  | NftSelector
  | { readonly "&": readonly [NftSelector, NftRight] }
  | { readonly concat: readonly NftSelector[] };

/** What a map has for a packet: `{ map: { key: { meta: { key: "iifname" } }, data: "@name" } }`. */
export interface NftMapped {
  /** What is looked up, and where: `"@name"` is a map of the table. */
  readonly map: { readonly key: NftLeft; readonly data: string | { readonly set: readonly NftMapElement[] } };
}

/** What it is compared with; a list is a set of flags, `"@name"` a set of the table. */
export type NftRight =
  | NftScalar
  | NftPrefix
  | NftRange
  | readonly NftScalar[]
  | { readonly set: readonly NftElement[] };

/** A comparison: the rule goes on if it is true. */
export interface NftMatch {
  /** What is compared with what; `"in"`: one of the flags is set. @default {"=="} */
  readonly match: {
    /** How. */
    readonly op?: "==" | "!=" | "<" | ">" | "<=" | ">=" | "in" | undefined;
    /** What of the packet. */
    readonly left: NftLeft;
    /** With what. */
    readonly right: NftRight;
  };
}

/** Where network address translation leads. */
export interface NftNat {
  /** The family of the address, in a table of the family inet. */
  readonly family?: "ip" | "ip6" | undefined;
  /** The address, or a range of them; a map may have address and port together. */
  readonly addr?: string | NftRange | NftMapped | undefined;
  /** The port, or a range of them. */
  readonly port?: number | NftRange | NftMapped | undefined;
  /** `"random"`, `"fully-random"`, `"persistent"`. */
  readonly flags?: string | readonly string[] | undefined;
}

/** What is written to the kernel's log. */
export interface NftLog {
  /** What the line begins with. */
  readonly prefix?: string | undefined;
  /** The number of the group that gets the packet, by nfnetlink_log. */
  readonly group?: number | undefined;
  /** How many bytes of it. */
  readonly snaplen?: number | undefined;
  /** How many packets the kernel collects before it sends them. */
  readonly "queue-threshold"?: number | undefined;
  /** The level: `"debug"`. @default {"warn"} */
  readonly level?: string | undefined;
  /** What else is written: `"tcp sequence"`, `"tcp options"`, `"ip options"`, `"skuid"`, `"ether"`, `"all"`. */
  readonly flags?: string | readonly string[] | undefined;
}

/** What a rule does to a set of its table: the packet's element is put in, or taken out. */
export interface NftSetStatement {
  /** `"add"`: unless it is in; `"update"`: its time begins anew. */
  readonly op: "add" | "update" | "delete";
  /** What of the packet the element is, and how long it stays, in seconds. */
  readonly elem: NftLeft | { readonly elem: { readonly val: NftLeft; readonly timeout?: number | undefined } };
  /** The set: `"@name"`. */
  readonly set: string;
  /** What each element has for itself: `counter`, `limit`, `quota`. */
  readonly stmt?: readonly NftStatement[] | undefined;
}

/** A part of a rule. */
export type NftStatement =
  | NftMatch
  | NftVerdict
  | { readonly vmap: NftMapped["map"] }
  | { readonly set: NftSetStatement }
  | { readonly flow: { readonly op: "add"; readonly flowtable: string } }
  | { readonly counter: null | string | NftMapped | { readonly packets: NftWhole; readonly bytes: NftWhole } }
  | { readonly mangle: { readonly key: NftSelector; readonly value: NftScalar | NftMapped | NftSelector } }
  | { readonly masquerade: null | Pick<NftNat, "port" | "flags"> }
  | { readonly redirect: null | Pick<NftNat, "port" | "flags"> }
  | { readonly snat: NftNat }
  | { readonly dnat: NftNat }
  | { readonly reject: null | { readonly type?: string | undefined; readonly expr?: NftScalar | undefined } }
  | { readonly log: null | NftLog }
  | { readonly limit: NftLimit | string | NftMapped }
  | { readonly quota: NftQuota | string | NftMapped }
  | { readonly "ct helper": string | NftMapped }
  | { readonly "ct timeout": string | NftMapped }
  | { readonly "ct expectation": string | NftMapped }
  | { readonly synproxy: string | NftMapped }
  | { readonly notrack: null }
  | {
    /** The kernel's name of an expression that the library does not know; it is only listed, see {@linkcode NftRule.raw}. */
    readonly unknown: string;
  };
