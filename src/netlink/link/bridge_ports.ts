/** Links as ports of a bridge: IFLA_INFO_SLAVE_DATA. See ip-link(8), bridge(8), linux/if_link.h. */
import { fieldsOf } from "../../argument_fields.ts";
import { flag } from "../wire/flags.ts";
import { u16, u32, u8 } from "../wire/numbers.ts";
import { bridgeId } from "./bridge_values.ts";
import { type KeptOptions, type OptionsCodec, optionsOf } from "./kinds/kind_options.ts";
import { linkIndex, type LinkRef } from "./ref.ts";

/** What a link is as a port of a bridge. */
export interface BridgePort extends KeptOptions {
  /** BR_STATE_…: 0 disabled, 1 listening, 2 learning, 3 forwarding, 4 blocking. */
  readonly state?: number | undefined;
  /** The priority for spanning tree, 0 to 63. */
  readonly priority?: number | undefined;
  /** The cost for spanning tree, 1 to 65535. */
  readonly cost?: number | undefined;
  /** Sends packets back out of the port that they came in by. */
  readonly hairpin?: boolean | undefined;
  /** Drops packets of spanning tree. */
  readonly guard?: boolean | undefined;
  /** Never leads to the root of spanning tree. */
  readonly rootBlock?: boolean | undefined;
  /** Has no member of a multicast group as soon as one leaves. */
  readonly fastleave?: boolean | undefined;
  /** Learns which addresses are behind the port. */
  readonly learning?: boolean | undefined;
  /** Takes over what hardware has learned. */
  readonly learningSync?: boolean | undefined;
  /** Gets the packets whose destination the bridge has not learned. */
  readonly flood?: boolean | undefined;
  /** Gets multicast for which there is no entry. */
  readonly mcastFlood?: boolean | undefined;
  /** Gets broadcasts. */
  readonly bcastFlood?: boolean | undefined;
  /** Gets multicast as packets to each member. */
  readonly mcastToUnicast?: boolean | undefined;
  /** Whether a multicast router is behind it: 0 never, 1 if one is seen, 2 always, 3 for a while. */
  readonly multicastRouter?: number | undefined;
  /** The largest number of multicast groups; 0 for no limit. */
  readonly mcastMaxGroups?: number | undefined;
  /** The number of multicast groups. Listed only. */
  readonly mcastNGroups?: number | undefined;
  /** The largest number of hosts whose multicast is followed. */
  readonly mcastEhtHostsLimit?: number | undefined;
  /** The number of hosts whose multicast is followed. Listed only. */
  readonly mcastEhtHostsCnt?: number | undefined;
  /** Answers ARP for addresses behind other ports. */
  readonly proxyArp?: boolean | undefined;
  /** The same, as IEEE 802.11 wants it. */
  readonly proxyArpWifi?: boolean | undefined;
  /** Answers ARP and neighbour solicitations itself where it knows the answer. */
  readonly neighSuppress?: boolean | undefined;
  /** The same, for each VLAN. */
  readonly neighVlanSuppress?: boolean | undefined;
  /** Forwards gratuitous ARP although it answers ARP itself. */
  readonly neighForwardGrat?: boolean | undefined;
  /** Which packets to 01:80:c2:00:00:0X are forwarded, a bit each. */
  readonly groupFwdMask?: number | undefined;
  /** Translates VLANs and tunnel numbers. */
  readonly vlanTunnel?: boolean | undefined;
  /** Exchanges packets only with ports that are not isolated. */
  readonly isolated?: boolean | undefined;
  /** Takes packets only from addresses that have an entry for the port. */
  readonly locked?: boolean | undefined;
  /** Makes locked entries for other addresses, with `locked`. */
  readonly mab?: boolean | undefined;
  /** The port by which packets go while this one has no carrier; a number is its index, 0 for none. */
  readonly backupPort?: LinkRef | number | undefined;
  /** The next hop by which packets to the backup port go; 0 for none. */
  readonly backupNhid?: number | undefined;
  /** The number of the port with its priority. Listed only. */
  readonly id?: number | undefined;
  /** The number of the port. Listed only. */
  readonly no?: number | undefined;
  /** The number of the port of the designated bridge. Listed only. */
  readonly designatedPort?: number | undefined;
  /** The cost from there to the root. Listed only. */
  readonly designatedCost?: number | undefined;
  /** The identifier of the designated bridge. Listed only. */
  readonly bridgeId?: string | undefined;
  /** The identifier of the root. Listed only. */
  readonly rootId?: string | undefined;
  /** True once the designated bridge knows of a change. Listed only. */
  readonly topologyChangeAck?: boolean | undefined;
  /** True while a packet of spanning tree waits. Listed only. */
  readonly configPending?: boolean | undefined;
}

/** Timers, which run all the time, padding, the state of media redundancy, and flush. */
const LEFT: readonly number[] = [21, 22, 23, 24, 26, 35, 36];

/** The codec of what is particular to a port. */
export const bridgePort: OptionsCodec<BridgePort> = optionsOf<BridgePort>({
  state: [1, u8], // IFLA_BRPORT_STATE
  priority: [2, u16], // IFLA_BRPORT_PRIORITY
  cost: [3, u32], // IFLA_BRPORT_COST
  hairpin: [4, flag], // IFLA_BRPORT_MODE
  guard: [5, flag], // IFLA_BRPORT_GUARD
  rootBlock: [6, flag], // IFLA_BRPORT_PROTECT
  fastleave: [7, flag], // IFLA_BRPORT_FAST_LEAVE
  learning: [8, flag], // IFLA_BRPORT_LEARNING
  flood: [9, flag], // IFLA_BRPORT_UNICAST_FLOOD
  proxyArp: [10, flag], // IFLA_BRPORT_PROXYARP
  learningSync: [11, flag], // IFLA_BRPORT_LEARNING_SYNC
  proxyArpWifi: [12, flag], // IFLA_BRPORT_PROXYARP_WIFI
  rootId: [13, bridgeId, "listed"], // IFLA_BRPORT_ROOT_ID
  bridgeId: [14, bridgeId, "listed"], // IFLA_BRPORT_BRIDGE_ID
  designatedPort: [15, u16, "listed"], // IFLA_BRPORT_DESIGNATED_PORT
  designatedCost: [16, u16, "listed"], // IFLA_BRPORT_DESIGNATED_COST
  id: [17, u16, "listed"], // IFLA_BRPORT_ID
  no: [18, u16, "listed"], // IFLA_BRPORT_NO
  topologyChangeAck: [19, flag, "listed"], // IFLA_BRPORT_TOPOLOGY_CHANGE_ACK
  configPending: [20, flag, "listed"], // IFLA_BRPORT_CONFIG_PENDING
  multicastRouter: [25, u8], // IFLA_BRPORT_MULTICAST_ROUTER
  mcastFlood: [27, flag], // IFLA_BRPORT_MCAST_FLOOD
  mcastToUnicast: [28, flag], // IFLA_BRPORT_MCAST_TO_UCAST
  vlanTunnel: [29, flag], // IFLA_BRPORT_VLAN_TUNNEL
  bcastFlood: [30, flag], // IFLA_BRPORT_BCAST_FLOOD
  groupFwdMask: [31, u16], // IFLA_BRPORT_GROUP_FWD_MASK
  neighSuppress: [32, flag], // IFLA_BRPORT_NEIGH_SUPPRESS
  isolated: [33, flag], // IFLA_BRPORT_ISOLATED
  backupPort: [34, linkIndex], // IFLA_BRPORT_BACKUP_PORT
  mcastEhtHostsLimit: [37, u32], // IFLA_BRPORT_MCAST_EHT_HOSTS_LIMIT
  mcastEhtHostsCnt: [38, u32, "listed"], // IFLA_BRPORT_MCAST_EHT_HOSTS_CNT
  locked: [39, flag], // IFLA_BRPORT_LOCKED
  mab: [40, flag], // IFLA_BRPORT_MAB
  mcastNGroups: [41, u32, "listed"], // IFLA_BRPORT_MCAST_N_GROUPS
  mcastMaxGroups: [42, u32], // IFLA_BRPORT_MCAST_MAX_GROUPS
  neighVlanSuppress: [43, flag], // IFLA_BRPORT_NEIGH_VLAN_SUPPRESS
  backupNhid: [44, u32], // IFLA_BRPORT_BACKUP_NHID
  neighForwardGrat: [45, flag], // IFLA_BRPORT_NEIGH_FORWARD_GRAT
}, LEFT);

/** Checks that the options of a port have no other field. */
export const checkBridgePort: (port: BridgePort) => void = fieldsOf<BridgePort>(
  "the options of a bridge port",
  () => bridgePort.fields,
);
