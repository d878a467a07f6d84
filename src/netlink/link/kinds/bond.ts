/** Bonds of links: IFLA_BOND_…. See ip-link(8), bonding.rst of the kernel, linux/if_link.h. */
import { defined } from "../../../collections.ts";
import type { LinkBase } from "../base.ts";
import { linkIndex, type LinkRef } from "../ref.ts";
import { attributes, list } from "../../wire/attributes.ts";
import { ip } from "../../wire/ip.ts";
import { mac } from "../../wire/mac.ts";
import { flag } from "../../wire/flags.ts";
import { named } from "../../wire/named_numbers.ts";
import { u16, u32, u8 } from "../../wire/numbers.ts";
import {
  AD_SELECTS,
  ARP_ALL_TARGETS,
  ARP_VALIDATES,
  BOND_MODES,
  type BondAdInfo,
  type BondAdSelect,
  type BondArpAllTargets,
  type BondArpValidate,
  type BondFailOverMac,
  type BondLacpRate,
  type BondMode,
  type BondPrimaryReselect,
  type BondXmitHashPolicy,
  FAIL_OVER_MACS,
  LACP_RATES,
  PRIMARY_RESELECTS,
  XMIT_HASH_POLICIES,
} from "../../constants/bond.ts";
import type { Kind } from "./link_kind.ts";
import { type KeptOptions, optionsOf, translated } from "./kind_options.ts";

/** What is particular to a bond. Numbers in place of names are values that this library has no name for. */
export interface BondOptions extends KeptOptions {
  /** How it distributes packets. @default {"balance-rr"} */
  readonly mode?: BondMode | number | undefined;
  /** The port that is in use, by which packets go; a number is its index. */
  readonly activeSlave?: LinkRef | number | undefined;
  /** How often the carrier of ports is looked at, in milliseconds; 0 for never. */
  readonly miimon?: number | undefined;
  /** How long a port must have a carrier before it is used, in milliseconds. */
  readonly updelay?: number | undefined;
  /** How long a port must have none before it is not used, in milliseconds. */
  readonly downdelay?: number | undefined;
  /** The time between announcements after a change of ports, in milliseconds. */
  readonly peerNotifyDelay?: number | undefined;
  /** Asks the link for its carrier; kernels since 6.18 always do. */
  readonly useCarrier?: boolean | undefined;
  /** How often targets are asked for by ARP, in milliseconds; 0 for never. */
  readonly arpInterval?: number | undefined;
  /** How many of them may go unanswered. @default {2} */
  readonly arpMissedMax?: number | undefined;
  /** The addresses of IPv4 that are asked for, up to 16. */
  readonly arpIpTarget?: readonly string[] | undefined;
  /** The addresses of IPv6 that are asked for, up to 16. */
  readonly nsIp6Target?: readonly string[] | undefined;
  /** Which answers count. @default {"none"} */
  readonly arpValidate?: BondArpValidate | number | undefined;
  /** Whether any target must answer or all. @default {"any"} */
  readonly arpAllTargets?: BondArpAllTargets | number | undefined;
  /** The port that is used whenever it can be; a number is its index. */
  readonly primary?: LinkRef | number | undefined;
  /** When the primary port is used again. @default {"always"} */
  readonly primaryReselect?: BondPrimaryReselect | number | undefined;
  /** Whose link-layer address the bond has. @default {"none"} */
  readonly failOverMac?: BondFailOverMac | number | undefined;
  /** From what the port for a packet is computed. @default {"layer2"} */
  readonly xmitHashPolicy?: BondXmitHashPolicy | number | undefined;
  /** How many reports for multicast follow a change of ports. @default {1} */
  readonly resendIgmp?: number | undefined;
  /** How many announcements follow a change of ports. @default {1} */
  readonly numPeerNotif?: number | undefined;
  /** Takes packets from ports that are not in use. */
  readonly allSlavesActive?: boolean | undefined;
  /** With fewer ports it has no carrier. @default {0} */
  readonly minLinks?: number | undefined;
  /** The time between packets from which switches learn, in seconds. @default {1} */
  readonly lpInterval?: number | undefined;
  /** How many packets go by a port before the next one; 0 for a random port. @default {1} */
  readonly packetsPerSlave?: number | undefined;
  /** Starts LACP itself. @default {true} */
  readonly adLacpActive?: boolean | undefined;
  /** How often the other end is to send LACP. @default {"slow"} */
  readonly adLacpRate?: BondLacpRate | number | undefined;
  /** Collecting and distributing begin together. @default {true} */
  readonly coupledControl?: boolean | undefined;
  /** Sends ARP and neighbour solicitations by all ports. */
  readonly broadcastNeighbor?: boolean | undefined;
  /** Which ports are used together. @default {"stable"} */
  readonly adSelect?: BondAdSelect | number | undefined;
  /** The ports that are used together. Listed only. */
  readonly adInfo?: BondAdInfo | undefined;
  /** The priority of this system in LACP. @default {65535} */
  readonly adActorSysPrio?: number | undefined;
  /** The upper ten bits of the key of ports in LACP. */
  readonly adUserPortKey?: number | undefined;
  /** The address of this system in LACP; zeros for that of the bond. */
  readonly adActorSystem?: string | undefined;
  /** Moves flows between ports by their load. @default {true} */
  readonly tlbDynamicLb?: boolean | undefined;
}

/** Links as one; others become its ports by their `master`, while they are down. */
export interface BondSpec extends LinkBase, BondOptions {
  /** The tag of the union. */
  readonly kind: "bond";
}

const adInfo = attributes({
  aggregator: [1, u16], // IFLA_BOND_AD_INFO_AGGREGATOR
  numPorts: [2, u16], // IFLA_BOND_AD_INFO_NUM_PORTS
  actorKey: [3, u16], // IFLA_BOND_AD_INFO_ACTOR_KEY
  partnerKey: [4, u16], // IFLA_BOND_AD_INFO_PARTNER_KEY
  partnerMac: [5, mac], // IFLA_BOND_AD_INFO_PARTNER_MAC
});

const wire = optionsOf<BondOptions>({
  mode: [1, named(u8, BOND_MODES)], // IFLA_BOND_MODE
  activeSlave: [2, linkIndex], // IFLA_BOND_ACTIVE_SLAVE
  miimon: [3, u32], // IFLA_BOND_MIIMON
  updelay: [4, u32], // IFLA_BOND_UPDELAY
  downdelay: [5, u32], // IFLA_BOND_DOWNDELAY
  useCarrier: [6, flag], // IFLA_BOND_USE_CARRIER
  arpInterval: [7, u32], // IFLA_BOND_ARP_INTERVAL
  arpIpTarget: [8, list(ip, 0, 0)], // IFLA_BOND_ARP_IP_TARGET
  arpValidate: [9, named(u32, ARP_VALIDATES)], // IFLA_BOND_ARP_VALIDATE
  arpAllTargets: [10, named(u32, ARP_ALL_TARGETS)], // IFLA_BOND_ARP_ALL_TARGETS
  primary: [11, linkIndex], // IFLA_BOND_PRIMARY
  primaryReselect: [12, named(u8, PRIMARY_RESELECTS)], // IFLA_BOND_PRIMARY_RESELECT
  failOverMac: [13, named(u8, FAIL_OVER_MACS)], // IFLA_BOND_FAIL_OVER_MAC
  xmitHashPolicy: [14, named(u8, XMIT_HASH_POLICIES)], // IFLA_BOND_XMIT_HASH_POLICY
  resendIgmp: [15, u32], // IFLA_BOND_RESEND_IGMP
  numPeerNotif: [16, u8], // IFLA_BOND_NUM_PEER_NOTIF
  allSlavesActive: [17, flag], // IFLA_BOND_ALL_SLAVES_ACTIVE
  minLinks: [18, u32], // IFLA_BOND_MIN_LINKS
  lpInterval: [19, u32], // IFLA_BOND_LP_INTERVAL
  packetsPerSlave: [20, u32], // IFLA_BOND_PACKETS_PER_SLAVE
  adLacpRate: [21, named(u8, LACP_RATES)], // IFLA_BOND_AD_LACP_RATE
  adSelect: [22, named(u8, AD_SELECTS)], // IFLA_BOND_AD_SELECT
  adInfo: [23, adInfo, "listed"], // IFLA_BOND_AD_INFO
  adActorSysPrio: [24, u16], // IFLA_BOND_AD_ACTOR_SYS_PRIO
  adUserPortKey: [25, u16], // IFLA_BOND_AD_USER_PORT_KEY
  adActorSystem: [26, mac], // IFLA_BOND_AD_ACTOR_SYSTEM
  tlbDynamicLb: [27, flag], // IFLA_BOND_TLB_DYNAMIC_LB
  peerNotifyDelay: [28, u32], // IFLA_BOND_PEER_NOTIF_DELAY
  adLacpActive: [29, flag], // IFLA_BOND_AD_LACP_ACTIVE
  arpMissedMax: [30, u8], // IFLA_BOND_MISSED_MAX
  nsIp6Target: [31, list(ip, 0, 0)], // IFLA_BOND_NS_IP6_TARGET
  coupledControl: [32, flag], // IFLA_BOND_COUPLED_CONTROL
  broadcastNeighbor: [33, flag], // IFLA_BOND_BROADCAST_NEIGH
});

const ROUND_ROBIN: readonly unknown[] = ["balance-rr", 0];
const LACP: readonly unknown[] = ["802.3ad", 4];
const ADAPTIVE: readonly unknown[] = ["balance-tlb", 5, "balance-alb", 6];
const ACTIVE_BACKUP: readonly unknown[] = ["active-backup", 1];
const NONE: readonly unknown[] = [];

/**
 * Options that the kernel lists in every mode, and takes only in some or not in others, even as they are in a new bond:
 * as such they are not sent.
 */
const OF_MODES: readonly {
  readonly option: keyof BondOptions;
  readonly initial: unknown;
  readonly only?: readonly unknown[];
  readonly not?: readonly unknown[];
}[] = [
  { option: "packetsPerSlave", initial: 1, only: ROUND_ROBIN },
  { option: "tlbDynamicLb", initial: true, only: ["balance-tlb", 5] },
  { option: "adLacpRate", initial: "slow", only: LACP },
  { option: "adLacpActive", initial: true, only: LACP },
  { option: "coupledControl", initial: true, only: LACP },
  { option: "broadcastNeighbor", initial: false, only: LACP },
  { option: "adActorSystem", initial: "00:00:00:00:00:00", only: NONE },
  { option: "activeSlave", initial: 0, only: [...ACTIVE_BACKUP, ...ADAPTIVE] },
  { option: "primary", initial: 0, only: [...ACTIVE_BACKUP, ...ADAPTIVE] },
  { option: "arpInterval", initial: 0, not: [...LACP, ...ADAPTIVE] },
  { option: "arpValidate", initial: "none", not: [...LACP, ...ADAPTIVE] },
  { option: "arpMissedMax", initial: 2, not: [...LACP, ...ADAPTIVE] },
];

/** Options that the kernel takes only with `miimon`; 0 is not sent without it. */
const OF_MIIMON: readonly (keyof BondOptions)[] = ["updelay", "downdelay", "peerNotifyDelay"];

/** The options without those that the kernel would refuse although they change nothing. */
function sentOptions(options: BondOptions): BondOptions {
  const { mode, miimon } = options;
  const sent: Record<string, unknown> = { ...options };
  if (miimon === 0) { for (const option of OF_MIIMON) if (sent[option] === 0) delete sent[option]; }
  if (mode === undefined) return sent;
  for (const { option, initial, only, not } of OF_MODES) {
    const isRefused = only === undefined ? not?.includes(mode) === true : !only.includes(mode);
    if (isRefused && sent[option] === initial) delete sent[option];
  }
  return sent;
}

const options = translated<BondOptions, BondOptions>(wire, {}, sentOptions, defined);

/** {@linkcode BondSpec} */
export const bond: Kind<"bond", BondSpec, BondOptions> = {
  kind: "bond",
  about: "links as one; its ports are links with it as their master",
  kernel: { option: "CONFIG_BONDING", module: "bonding" },
  fields: () => ({ ...options.fields }),
  probe: { spec: (name) => ({ kind: "bond", name }) },
  options,
};
