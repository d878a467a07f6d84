/** The names of the values of bonds, as `ip` has them. See linux/if_bonding.h, bonding.rst of the kernel. */

/** How a bond distributes packets. */
export type BondMode =
  | "balance-rr"
  | "active-backup"
  | "balance-xor"
  | "broadcast"
  | "802.3ad"
  | "balance-tlb"
  | "balance-alb";

/** BOND_MODE_… */
export const BOND_MODES: Readonly<Record<BondMode, number>> = {
  "balance-rr": 0,
  "active-backup": 1,
  "balance-xor": 2,
  broadcast: 3,
  "802.3ad": 4,
  "balance-tlb": 5,
  "balance-alb": 6,
};

/** Which answers of ARP count: those on ports in use, on others, on all; `filter` ignores what is no ARP. */
export type BondArpValidate = "none" | "active" | "backup" | "all" | "filter" | "filter_active" | "filter_backup";

/** BOND_ARP_VALIDATE_…, BOND_ARP_FILTER_… */
export const ARP_VALIDATES: Readonly<Record<BondArpValidate, number>> = {
  none: 0,
  active: 1,
  backup: 2,
  all: 3,
  filter: 4,
  filter_active: 5,
  filter_backup: 6,
};

/** Whether any target must answer or all. */
export type BondArpAllTargets = "any" | "all";

/** BOND_ARP_TARGETS_… */
export const ARP_ALL_TARGETS: Readonly<Record<BondArpAllTargets, number>> = { any: 0, all: 1 };

/** When the primary port is used again: at once, if it is faster, or when the one in use fails. */
export type BondPrimaryReselect = "always" | "better" | "failure";

/** BOND_PRI_RESELECT_… */
export const PRIMARY_RESELECTS: Readonly<Record<BondPrimaryReselect, number>> = { always: 0, better: 1, failure: 2 };

/** Whose address the bond has: all ports have its own, or it has that of the port in use, or that port gets it. */
export type BondFailOverMac = "none" | "active" | "follow";

/** BOND_FOM_… */
export const FAIL_OVER_MACS: Readonly<Record<BondFailOverMac, number>> = { none: 0, active: 1, follow: 2 };

/** From what the port for a packet is computed. */
export type BondXmitHashPolicy = "layer2" | "layer3+4" | "layer2+3" | "encap2+3" | "encap3+4" | "vlan+srcmac";

/** BOND_XMIT_POLICY_… */
export const XMIT_HASH_POLICIES: Readonly<Record<BondXmitHashPolicy, number>> = {
  layer2: 0,
  "layer3+4": 1,
  "layer2+3": 2,
  "encap2+3": 3,
  "encap3+4": 4,
  "vlan+srcmac": 5,
};

/** How often the other end is to send LACP: each 30 seconds, or each second. */
export type BondLacpRate = "slow" | "fast";

/** AD_LACP_… */
export const LACP_RATES: Readonly<Record<BondLacpRate, number>> = { slow: 0, fast: 1 };

/** Which ports are used together: the first that were, those of the most bandwidth, the most ports, the best priority. */
export type BondAdSelect = "stable" | "bandwidth" | "count" | "actor_port_prio";

/** BOND_AD_… */
export const AD_SELECTS: Readonly<Record<BondAdSelect, number>> = {
  stable: 0,
  bandwidth: 1,
  count: 2,
  actor_port_prio: 3,
};

/** The ports of a bond that are used together by LACP. */
export interface BondAdInfo {
  /** The number of their aggregator. */
  readonly aggregator?: number | undefined;
  /** How many there are. */
  readonly numPorts?: number | undefined;
  /** The key of this end. */
  readonly actorKey?: number | undefined;
  /** The key of the other end. */
  readonly partnerKey?: number | undefined;
  /** The address of the other end. */
  readonly partnerMac?: string | undefined;
}
