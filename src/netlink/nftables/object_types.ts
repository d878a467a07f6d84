/** Named objects and flowtables in the words of libnftables-json(5). */
import type { NftLimit } from "./expressions/limit.ts";
import type { NftNamed } from "./names.ts";

/** A counter with a name. */
export interface NftCounterObject extends NftNamed {
  /** A text that nobody reads but people. */
  readonly comment?: string | undefined;
  /** How many packets it counted. @default {0} */
  readonly packets?: number | undefined;
  /** How many bytes. @default {0} */
  readonly bytes?: number | undefined;
}

/** A quota with a name. */
export interface NftQuotaObject extends NftNamed {
  /** A text that nobody reads but people. */
  readonly comment?: string | undefined;
  /** The amount, in bytes. */
  readonly bytes: number;
  /** How much of it has come. @default {0} */
  readonly used?: number | undefined;
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
