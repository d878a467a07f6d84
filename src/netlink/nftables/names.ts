/** Families, hooks, and how the parts of a ruleset are named. */

/** A family of tables. */
export type NftFamily = "ip" | "ip6" | "inet" | "arp" | "bridge" | "netdev";

/** Where a base chain sees packets. */
export type NftHook = "prerouting" | "input" | "forward" | "output" | "postrouting" | "ingress" | "egress";

/** What has a name of its own in a table. */
export interface NftNamed {
  /** The family of its table. */
  readonly family: NftFamily;
  /** The name of its table. */
  readonly table: string;
  /** Its name. */
  readonly name: string;
  /** The kernel's number for it, of one that was listed. */
  readonly handle?: number | undefined;
}
