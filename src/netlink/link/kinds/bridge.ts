/** Bridges: IFLA_BR_…. Their ports are in ../bridge_ports.ts. See ip-link(8), bridge(8), linux/if_link.h. */
import type { LinkBase } from "../base.ts";
import { bridgeId, smallU64 } from "../bridge_values.ts";
import { mac } from "../../wire/mac.ts";
import { flag } from "../../wire/flags.ts";
import { named } from "../../wire/named_numbers.ts";
import { be16, u16, u32, u8 } from "../../wire/numbers.ts";
import type { Kind } from "./link_kind.ts";
import { bitsOf, type KeptOptions, maskedWord, optionsOf } from "./kind_options.ts";

/** Who runs spanning tree: the kernel or a program, whichever there is. */
export type BridgeStpMode = "auto" | "user" | "kernel";

/** BR_STP_MODE_… */
const STP_MODES: Readonly<Record<BridgeStpMode, number>> = { auto: 0, user: 1, kernel: 2 };

/** What is particular to a bridge. Times are in hundredths of a second. */
export interface BridgeOptions extends KeptOptions {
  /** How long a port listens, and then learns, before it forwards. @default {1500} */
  readonly forwardDelay?: number | undefined;
  /** How often the root sends a packet of spanning tree. @default {200} */
  readonly helloTime?: number | undefined;
  /** After how long without such a packet the root is gone. @default {2000} */
  readonly maxAge?: number | undefined;
  /** How long an address that was learned is kept. @default {30000} */
  readonly ageingTime?: number | undefined;
  /** Spanning tree: 0 for off, 1 for the kernel's, 2 for that of a program. */
  readonly stpState?: number | undefined;
  /** Who runs spanning tree; a number, if this library has no name for it. */
  readonly stpMode?: BridgeStpMode | number | undefined;
  /** The priority by which spanning tree chooses the root, 0 to 65535. @default {32768} */
  readonly priority?: number | undefined;
  /** Keeps VLANs apart. */
  readonly vlanFiltering?: boolean | undefined;
  /** The EtherType of the tags of VLANs. @default {0x8100, IEEE 802.1Q} */
  readonly vlanProtocol?: number | undefined;
  /** The VLAN of a new port's packets without a tag; 0 for none. @default {1} */
  readonly vlanDefaultPvid?: number | undefined;
  /** Counts packets for each VLAN. */
  readonly vlanStatsEnabled?: boolean | undefined;
  /** Counts them for each port, too. It can be changed only while there is no port. */
  readonly vlanStatsPerPort?: boolean | undefined;
  /** Which packets to 01:80:c2:00:00:0X are forwarded, a bit each. */
  readonly groupFwdMask?: number | undefined;
  /** The address to which spanning tree sends. @default {"01:80:c2:00:00:00"} */
  readonly groupAddr?: string | undefined;
  /** The largest number of addresses that it learns; 0 for no limit. */
  readonly fdbMaxLearned?: number | undefined;
  /** The number of addresses that it has learned. Listed only. */
  readonly fdbNLearned?: number | undefined;
  /** Does not learn from packets to 01:80:c2:00:00:0X. */
  readonly noLinklocalLearn?: boolean | undefined;
  /** Snoops on multicast for each VLAN. */
  readonly mcastVlanSnooping?: boolean | undefined;
  /** Runs a spanning tree for each of several sets of VLANs. */
  readonly mstEnabled?: boolean | undefined;
  /** Reports when hardware cannot take over a multicast group. */
  readonly mdbOffloadFailNotification?: boolean | undefined;
  /** Has its own addresses in VLAN 0 alone. */
  readonly fdbLocalVlan0?: boolean | undefined;
  /** Whether it takes itself for a multicast router: 0 never, 1 if it sees one, 2 always. @default {1} */
  readonly mcastRouter?: number | undefined;
  /** Sends multicast only to ports that want it. @default {true} */
  readonly mcastSnooping?: boolean | undefined;
  /** Sends queries for multicast from its own address. */
  readonly mcastQueryUseIfaddr?: boolean | undefined;
  /** Sends queries for multicast. */
  readonly mcastQuerier?: boolean | undefined;
  /** Ignored by kernels since 4.19. */
  readonly mcastHashElasticity?: number | undefined;
  /** The largest number of multicast groups. */
  readonly mcastHashMax?: number | undefined;
  /** How many queries go unanswered before a group has no member. @default {2} */
  readonly mcastLastMemberCnt?: number | undefined;
  /** How many queries it sends at start. @default {2} */
  readonly mcastStartupQueryCnt?: number | undefined;
  /** The time between queries for the last member. @default {100} */
  readonly mcastLastMemberIntvl?: number | undefined;
  /** How long a member stays without an answer. @default {26000} */
  readonly mcastMembershipIntvl?: number | undefined;
  /** After how long without queries of another it sends them itself. @default {25500} */
  readonly mcastQuerierIntvl?: number | undefined;
  /** The time between queries. @default {12500} */
  readonly mcastQueryIntvl?: number | undefined;
  /** How long members may take to answer. @default {1000} */
  readonly mcastQueryResponseIntvl?: number | undefined;
  /** The time between queries at start. @default {3125} */
  readonly mcastStartupQueryIntvl?: number | undefined;
  /** Counts packets of IGMP and MLD. */
  readonly mcastStatsEnabled?: boolean | undefined;
  /** The version of IGMP, 2 or 3. @default {2} */
  readonly mcastIgmpVersion?: number | undefined;
  /** The version of MLD, 1 or 2. @default {1} */
  readonly mcastMldVersion?: number | undefined;
  /** Has iptables see the packets that it forwards. */
  readonly nfCallIptables?: boolean | undefined;
  /** Has ip6tables see the packets that it forwards. */
  readonly nfCallIp6tables?: boolean | undefined;
  /** Has arptables see the packets that it forwards. */
  readonly nfCallArptables?: boolean | undefined;
  /** Its identifier in spanning tree: `"8000.02:00:00:00:00:01"`. Listed only. */
  readonly bridgeId?: string | undefined;
  /** The identifier of the root. Listed only. */
  readonly rootId?: string | undefined;
  /** The number of the port that leads to the root. Listed only. */
  readonly rootPort?: number | undefined;
  /** The cost of the path to the root. Listed only. */
  readonly rootPathCost?: number | undefined;
  /** True while the tree changes. Listed only. */
  readonly topologyChange?: boolean | undefined;
  /** True while it notifies the root of a change. Listed only. */
  readonly topologyChangeDetected?: boolean | undefined;
}

/** A switch; other links become its ports by their `master`. */
export interface BridgeSpec extends LinkBase, BridgeOptions {
  /** The tag of the union. */
  readonly kind: "bridge";
}

const boolopt = bitsOf(46, maskedWord(u32)); // IFLA_BR_MULTI_BOOLOPT: struct br_boolopt_multi

/** Timers, which run all the time, the state of another querier, and flush: 16 to 19, 21, 40, 47. */
const LEFT: readonly number[] = [16, 17, 18, 19, 21, 40, 47];

const options = optionsOf<BridgeOptions>({
  forwardDelay: [1, u32], // IFLA_BR_FORWARD_DELAY
  helloTime: [2, u32], // IFLA_BR_HELLO_TIME
  maxAge: [3, u32], // IFLA_BR_MAX_AGE
  ageingTime: [4, u32], // IFLA_BR_AGEING_TIME
  stpState: [5, u32], // IFLA_BR_STP_STATE
  priority: [6, u16], // IFLA_BR_PRIORITY
  vlanFiltering: [7, flag], // IFLA_BR_VLAN_FILTERING
  vlanProtocol: [8, be16], // IFLA_BR_VLAN_PROTOCOL
  groupFwdMask: [9, u16], // IFLA_BR_GROUP_FWD_MASK
  rootId: [10, bridgeId, "listed"], // IFLA_BR_ROOT_ID
  bridgeId: [11, bridgeId, "listed"], // IFLA_BR_BRIDGE_ID
  rootPort: [12, u16, "listed"], // IFLA_BR_ROOT_PORT
  rootPathCost: [13, u32, "listed"], // IFLA_BR_ROOT_PATH_COST
  topologyChange: [14, flag, "listed"], // IFLA_BR_TOPOLOGY_CHANGE
  topologyChangeDetected: [15, flag, "listed"], // IFLA_BR_TOPOLOGY_CHANGE_DETECTED
  groupAddr: [20, mac], // IFLA_BR_GROUP_ADDR
  mcastRouter: [22, u8], // IFLA_BR_MCAST_ROUTER
  mcastSnooping: [23, flag], // IFLA_BR_MCAST_SNOOPING
  mcastQueryUseIfaddr: [24, flag], // IFLA_BR_MCAST_QUERY_USE_IFADDR
  mcastQuerier: [25, flag], // IFLA_BR_MCAST_QUERIER
  mcastHashElasticity: [26, u32], // IFLA_BR_MCAST_HASH_ELASTICITY
  mcastHashMax: [27, u32], // IFLA_BR_MCAST_HASH_MAX
  mcastLastMemberCnt: [28, u32], // IFLA_BR_MCAST_LAST_MEMBER_CNT
  mcastStartupQueryCnt: [29, u32], // IFLA_BR_MCAST_STARTUP_QUERY_CNT
  mcastLastMemberIntvl: [30, smallU64], // IFLA_BR_MCAST_LAST_MEMBER_INTVL
  mcastMembershipIntvl: [31, smallU64], // IFLA_BR_MCAST_MEMBERSHIP_INTVL
  mcastQuerierIntvl: [32, smallU64], // IFLA_BR_MCAST_QUERIER_INTVL
  mcastQueryIntvl: [33, smallU64], // IFLA_BR_MCAST_QUERY_INTVL
  mcastQueryResponseIntvl: [34, smallU64], // IFLA_BR_MCAST_QUERY_RESPONSE_INTVL
  mcastStartupQueryIntvl: [35, smallU64], // IFLA_BR_MCAST_STARTUP_QUERY_INTVL
  nfCallIptables: [36, flag], // IFLA_BR_NF_CALL_IPTABLES
  nfCallIp6tables: [37, flag], // IFLA_BR_NF_CALL_IP6TABLES
  nfCallArptables: [38, flag], // IFLA_BR_NF_CALL_ARPTABLES
  vlanDefaultPvid: [39, u16], // IFLA_BR_VLAN_DEFAULT_PVID
  vlanStatsEnabled: [41, flag], // IFLA_BR_VLAN_STATS_ENABLED
  mcastStatsEnabled: [42, flag], // IFLA_BR_MCAST_STATS_ENABLED
  mcastIgmpVersion: [43, u8], // IFLA_BR_MCAST_IGMP_VERSION
  mcastMldVersion: [44, u8], // IFLA_BR_MCAST_MLD_VERSION
  vlanStatsPerPort: [45, flag], // IFLA_BR_VLAN_STATS_PER_PORT
  noLinklocalLearn: boolopt(0x1), // BR_BOOLOPT_NO_LL_LEARN
  mcastVlanSnooping: boolopt(0x2), // BR_BOOLOPT_MCAST_VLAN_SNOOPING
  mstEnabled: boolopt(0x4), // BR_BOOLOPT_MST_ENABLE
  mdbOffloadFailNotification: boolopt(0x8), // BR_BOOLOPT_MDB_OFFLOAD_FAIL_NOTIFICATION
  fdbLocalVlan0: boolopt(0x10), // BR_BOOLOPT_FDB_LOCAL_VLAN_0
  fdbNLearned: [48, u32, "listed"], // IFLA_BR_FDB_N_LEARNED
  fdbMaxLearned: [49, u32], // IFLA_BR_FDB_MAX_LEARNED
  stpMode: [50, named(u32, STP_MODES)], // IFLA_BR_STP_MODE
}, LEFT);

/** {@linkcode BridgeSpec} */
export const bridge: Kind<"bridge", BridgeSpec, BridgeOptions> = {
  kind: "bridge",
  about: "a switch, whose ports are links with it as their master",
  kernel: { option: "CONFIG_BRIDGE", module: "bridge" },
  fields: () => ({ ...options.fields }),
  needs: {
    vlanDefaultPvid: "CONFIG_BRIDGE_VLAN_FILTERING",
    vlanProtocol: "CONFIG_BRIDGE_VLAN_FILTERING",
    vlanFiltering: "CONFIG_BRIDGE_VLAN_FILTERING",
  },
  ranges: {
    forwardDelay: "200 to 3000 while spanning tree is on",
    helloTime: "100 to 1000",
    maxAge: "600 to 4000",
  },
  probe: { spec: (name) => ({ kind: "bridge", name }) },
  options,
};
