/** Sets and maps in the words of libnftables-json(5). */
import type { NftElement, NftMapElement } from "./element_types.ts";
import type { NftFamily } from "./names.ts";
import type { NftStatement } from "./statement_types.ts";

/** What sets and maps have. */
export interface NftKeyed {
  /** The family of its table. */
  readonly family: NftFamily;
  /** The name of its table. */
  readonly table: string;
  /** Its name. */
  readonly name: string;
  /** The kernel's number for it, of one that was listed. */
  readonly handle?: number | undefined;
  /**
   * The type of its elements: `"ipv4_addr"`, `"ipv6_addr"`, `"ether_addr"`, `"inet_service"`, `"inet_proto"`, `"mark"`,
   * `"ifname"`; several are a concatenation.
   */
  readonly type: string | readonly string[];
  /** `"constant"`, `"interval"` (it has ranges and prefixes), `"timeout"`, `"dynamic"`. */
  readonly flags?: string | readonly string[] | undefined;
  /**
   * True if `nft` merges elements that meet or overlap into one when it adds them to this set. Nobody else does: to the
   * kernel it is a note. @default {false}
   */
  readonly "auto-merge"?: boolean | undefined;
  /** `"memory"`: it may be slower, and take less memory. @default {"performance"} */
  readonly policy?: "performance" | "memory" | undefined;
  /** The most elements that it can have. */
  readonly size?: number | undefined;
  /** How long an element stays, in seconds. */
  readonly timeout?: number | undefined;
  /** How often elements are removed whose time is up, in seconds. */
  readonly "gc-interval"?: number | undefined;
  /** What each element has: `[{ counter: null }]`. */
  readonly stmt?: readonly NftStatement[] | undefined;
  /** A text that nobody reads but people. */
  readonly comment?: string | undefined;
}

/** A set. */
export interface NftSet extends NftKeyed {
  /** Its elements. */
  readonly elem?: readonly NftElement[] | undefined;
}

/** A map: a set that has something for each element. */
export interface NftMap extends NftKeyed {
  /**
   * The type of what it has: one as those of elements, `"verdict"`, or a kind of named objects, such as `"counter"`;
   * several are a concatenation, or joined by `" . "`.
   */
  readonly map: string | readonly string[];
  /** Its elements. */
  readonly elem?: readonly NftMapElement[] | undefined;
}
