/** Rulesets in the words of libnftables-json(5), as `nft -j list ruleset` writes them. */
import type { NftLimit } from "./expressions/limit.ts";
import type { NftQuota } from "./expressions/quota.ts";

/** A family of tables. */
export type NftFamily = "ip" | "ip6" | "inet" | "arp" | "bridge" | "netdev";

/** Where a base chain sees packets. */
export type NftHook = "prerouting" | "input" | "forward" | "output" | "postrouting" | "ingress" | "egress";

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
}

/** A set. */
export interface NftSet {
  /** The family of its table. */
  readonly family: NftFamily;
  /** The name of its table. */
  readonly table: string;
  /** Its name. */
  readonly name: string;
  /** The kernel's number for it, of one that was listed. */
  readonly handle?: number | undefined;
  /** The type of its elements: `"ipv4_addr"`, `"ipv6_addr"`, `"inet_service"`, `"inet_proto"`, `"mark"`, `"ifname"`. */
  readonly type: string;
  /** `"constant"`, `"interval"` (it has ranges and prefixes), `"timeout"`, `"dynamic"`. */
  readonly flags?: string | readonly string[] | undefined;
  /** `"memory"`: it may be slower, and take less memory. @default {"performance"} */
  readonly policy?: "performance" | "memory" | undefined;
  /** The most elements that it can have. */
  readonly size?: number | undefined;
  /** How long an element stays, in seconds. */
  readonly timeout?: number | undefined;
  /** How often elements are removed whose time is up, in seconds. */
  readonly "gc-interval"?: number | undefined;
  /** A text that nobody reads but people. */
  readonly comment?: string | undefined;
  /** Its elements. */
  readonly elem?: readonly NftElement[] | undefined;
}

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

/** An address, a name, a number. */
export type NftScalar = string | number;

/** An element that has more than a value. */
export interface NftTimedElement {
  /** The element. */
  readonly elem: {
    /** Its value. */
    readonly val: NftScalar | NftPrefix | NftRange;
    /** How long it stays, in seconds. */
    readonly timeout?: number | undefined;
    /** How long it still stays, in seconds, of one that was listed. */
    readonly expires?: number | undefined;
  };
}

/** An element of a set. */
export type NftElement = NftScalar | NftPrefix | NftRange | NftTimedElement;

/** What is looked up, and what the rule asks of it: `{ result: "type", flags: ["daddr"] }`. */
export interface NftFib {
  /** `"type"`: what kind of address it is, such as `"local"`. `"oifname"`: the link by which it is reached. */
  readonly result: "type" | "oifname";
  /** `"daddr"` or `"saddr"`: the address; beside it `"mark"`, `"iif"` and `"oif"`: what the look-up goes by, too. */
  readonly flags: readonly ("saddr" | "daddr" | "mark" | "iif" | "oif")[];
}

/** What a packet is asked for. */
export type NftSelector =
  | { readonly meta: { readonly key: string } }
  | { readonly payload: { readonly protocol: string; readonly field: string } }
  | { readonly ct: { readonly key: string } }
  | { readonly fib: NftFib };

/** What is compared: a selector, or some bits of one. */
export type NftLeft = NftSelector | { readonly "&": readonly [NftSelector, NftRight] };

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
  /** The address, or a range of them. */
  readonly addr?: string | NftRange | undefined;
  /** The port, or a range of them. */
  readonly port?: number | NftRange | undefined;
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

/** A part of a rule. */
export type NftStatement =
  | NftMatch
  | { readonly accept: null }
  | { readonly drop: null }
  | { readonly continue: null }
  | { readonly return: null }
  | { readonly jump: { readonly target: string } }
  | { readonly goto: { readonly target: string } }
  | { readonly counter: null | { readonly packets: number; readonly bytes: number } }
  | { readonly mangle: { readonly key: NftSelector; readonly value: NftScalar } }
  | { readonly masquerade: null | Pick<NftNat, "port" | "flags"> }
  | { readonly redirect: null | Pick<NftNat, "port" | "flags"> }
  | { readonly snat: NftNat }
  | { readonly dnat: NftNat }
  | { readonly reject: null | { readonly type?: string | undefined; readonly expr?: NftScalar | undefined } }
  | { readonly log: null | NftLog }
  | { readonly limit: NftLimit }
  | { readonly quota: NftQuota }
  | { readonly notrack: null }
  | {
    /** The kernel's name of an expression that the library does not know; it is only listed. */
    readonly unknown: string;
  };

/** A part of a ruleset. */
export type NftObject =
  | { readonly table: NftTable }
  | { readonly chain: NftChain }
  | { readonly rule: NftRule }
  | { readonly set: NftSet };

/** A part of a ruleset as a command names it to delete it. */
export type NftTarget =
  | { readonly table: Pick<NftTable, "family" | "name" | "handle"> }
  | { readonly chain: Pick<NftChain, "family" | "table" | "name" | "handle"> }
  | { readonly rule: Pick<NftRule, "family" | "table" | "chain" | "handle"> }
  | { readonly set: Pick<NftSet, "family" | "table" | "name" | "handle"> }
  | { readonly element: NftElements };

/** What a command empties: all, the rules of a table or of a chain, the elements of a set. */
export type NftFlushed =
  | { readonly ruleset: null | { readonly family?: NftFamily | undefined } }
  | { readonly table: Pick<NftTable, "family" | "name"> }
  | { readonly chain: Pick<NftChain, "family" | "table" | "name"> }
  | { readonly set: Pick<NftSet, "family" | "table" | "name"> };

/** A command. A part of a ruleset alone is added, so what was listed can be applied. */
export type NftCommand =
  | { readonly add: NftObject | { readonly element: NftElements } }
  | { readonly create: NftObject | { readonly element: NftElements } }
  | { readonly insert: { readonly rule: NftRule } }
  | { readonly replace: { readonly rule: NftRule } }
  | { readonly delete: NftTarget }
  | { readonly destroy: NftTarget }
  | { readonly flush: NftFlushed }
  | NftObject
  | { readonly element: NftElements }
  | { readonly metainfo: object };
