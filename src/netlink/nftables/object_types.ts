/** Named objects and flowtables in the words of libnftables-json(5). */
import type { NftLimit } from "./expressions/limit.ts";
import type { NftWhole } from "./expressions/units.ts";
import type { NftNamed } from "./names.ts";

/** A counter with a name. */
export interface NftCounterObject extends NftNamed {
  /** A text that nobody reads but people. */
  readonly comment?: string | undefined;
  /** How many packets it counted. @default {0} */
  readonly packets?: NftWhole | undefined;
  /** How many bytes. @default {0} */
  readonly bytes?: NftWhole | undefined;
}

/** A quota with a name. */
export interface NftQuotaObject extends NftNamed {
  /** A text that nobody reads but people. */
  readonly comment?: string | undefined;
  /** The amount, in bytes. */
  readonly bytes: NftWhole;
  /** How much of it has come. @default {0} */
  readonly used?: NftWhole | undefined;
  /** The rule goes on once more has come. @default {false} */
  readonly inv?: boolean | undefined;
}

/** A limit with a name. */
export interface NftLimitObject extends NftNamed, NftLimit {
  /** A text that nobody reads but people. */
  readonly comment?: string | undefined;
}

/** A helper of connection tracking with a name. */
export interface NftCtHelper extends NftNamed {
  /** A text that nobody reads but people. */
  readonly comment?: string | undefined;
  /** Which helper: `"ftp"`. */
  readonly type: string;
  /** Whose connections: `"tcp"` or `"udp"`. */
  readonly protocol: string;
  /** Of which version of IP. @default {the table's, and of inet ip} */
  readonly l3proto?: "ip" | "ip6" | undefined;
}

/** Times of connection tracking with a name. */
export interface NftCtTimeout extends NftNamed {
  /** A text that nobody reads but people. */
  readonly comment?: string | undefined;
  /** Whose connections: `"tcp"` or `"udp"`. */
  readonly protocol: string;
  /** Of which version of IP. @default {the table's, and of inet ip} */
  readonly l3proto?: "ip" | "ip6" | undefined;
  /**
   * After how many seconds without a packet a connection in a state is forgotten: `{ established: 100 }`. Listed are
   * those that differ from what a new kernel has, or null.
   */
  readonly policy?: null | Readonly<Record<string, number>> | undefined;
}

/** A connection that is expected beside another one, with a name. */
export interface NftCtExpectation extends NftNamed {
  /** A text that nobody reads but people. */
  readonly comment?: string | undefined;
  /** Whose connections: `"tcp"` or `"udp"`. */
  readonly protocol: string;
  /** Of which version of IP. @default {the table's, and of inet ip} */
  readonly l3proto?: "ip" | "ip6" | undefined;
  /** The port to which it comes. */
  readonly dport: number;
  /** For how many milliseconds it is expected. */
  readonly timeout: number;
  /** How many are expected. */
  readonly size: number;
}

/** How connections are answered on behalf of a server, with a name. */
export interface NftSynproxy extends NftNamed {
  /** A text that nobody reads but people. */
  readonly comment?: string | undefined;
  /** The largest segment, in bytes. */
  readonly mss: number;
  /** By how many bits windows are scaled. */
  readonly wscale: number;
  /** `"timestamp"`, `"sack-perm"`: the options of TCP that are answered. */
  readonly flags?: string | readonly string[] | undefined;
}

/** A flowtable: what its rules hand over to it goes by no chain any more. */
export interface NftFlowtable extends NftNamed {
  /** Where it sees packets. */
  readonly hook?: "ingress" | undefined;
  /** Its priority among the chains of the hook: lower comes first. */
  readonly prio?: number | undefined;
  /** The links whose packets it sees. */
  readonly dev?: string | readonly string[] | undefined;
  /** `"offload"`: the hardware forwards; `"counter"`: what it forwards is counted by conntrack. */
  readonly flags?: string | readonly string[] | undefined;
}
