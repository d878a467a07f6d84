/** Virtual extensible LANs, Ethernet over UDP: IFLA_VXLAN_…. See ip-link(8), linux/if_link.h. */
import { defined } from "../../../collections.ts";
import type { LinkBase } from "../base.ts";
import { linkIndex, type LinkRef } from "../ref.ts";
import { ip } from "../../wire/ip.ts";
import { flag } from "../../wire/flags.ts";
import { named } from "../../wire/named_numbers.ts";
import { be16, be32, be64, u32, u8 } from "../../wire/numbers.ts";
import { type EndAddresses, endAddresses, endsOf } from "./end_addresses.ts";
import type { Kind } from "./link_kind.ts";
import { optionsOf, present, translated } from "./kind_options.ts";
import { portRange } from "./port_range.ts";
import { DONT_FRAGMENT, type UdpTunnelOptions } from "./udp_tunnel.ts";

/** Whether the flow label is always the same, or that of the packet inside. */
export type VxlanLabelPolicy = "fixed" | "inherit";

/** VXLAN_LABEL_… */
const LABEL_POLICIES: Readonly<Record<VxlanLabelPolicy, number>> = { fixed: 0, inherit: 1 };

/** What is particular to a VXLAN. */
export interface VxlanOptions extends UdpTunnelOptions {
  /** The group of IPv4 to which go packets whose end is not known, and broadcasts. */
  readonly group?: string | undefined;
  /** The same, of IPv6. */
  readonly group6?: string | undefined;
  /** The link by which packets go out; a number is its index. */
  readonly link?: LinkRef | number | undefined;
  /** The UDP port to which packets go. @default {8472} */
  readonly port?: number | undefined;
  /** The time to live of packets that go out; 0 for 1 to a group, and that of the system to a host. @default {0} */
  readonly ttl?: number | undefined;
  /** Where the flow label comes from; a number, if this library has no name for it. */
  readonly labelPolicy?: VxlanLabelPolicy | number | undefined;
  /** Learns from what comes in which end has which address. @default {true} */
  readonly learning?: boolean | undefined;
  /** How long what was learned is kept, in seconds. @default {300} */
  readonly ageing?: number | undefined;
  /** How many addresses are learned at most; 0 for no limit. */
  readonly limit?: number | undefined;
  /** Answers ARP and neighbour solicitations itself. */
  readonly proxy?: boolean | undefined;
  /** Routes short-circuit: to another end without its router. */
  readonly rsc?: boolean | undefined;
  /** Reports addresses for which there is no forwarding entry. */
  readonly l2miss?: boolean | undefined;
  /** Reports IP addresses for which there is no neighbour. */
  readonly l3miss?: boolean | undefined;
  /** Sends checksums over IPv4. @default {true} */
  readonly udpCsum?: boolean | undefined;
  /** Leaves the checksum of the packet inside to the receiver. */
  readonly remcsumTx?: boolean | undefined;
  /** Computes checksums that the sender left to it. */
  readonly remcsumRx?: boolean | undefined;
  /** Computes the whole of such a checksum. */
  readonly remcsumNopartial?: boolean | undefined;
  /** Sends the mark of packets as their group policy. */
  readonly gbp?: boolean | undefined;
  /** Holds other packets than Ethernet frames too (Generic Protocol Extension). */
  readonly gpe?: boolean | undefined;
  /** Takes only the numbers that are in its table; with `external`. */
  readonly vnifilter?: boolean | undefined;
  /** Hands packets for an end on this host over directly. @default {true} */
  readonly localbypass?: boolean | undefined;
  /** The bits of the header that must be 0. */
  readonly reservedBits?: bigint | undefined;
  /** Sends packets to a group by its multicast route. */
  readonly mcroute?: boolean | undefined;
}

/** A virtual LAN over UDP. */
export interface VxlanSpec extends LinkBase, VxlanOptions {
  /** The tag of the union. */
  readonly kind: "vxlan";
}

/** A group and the other end are one attribute. */
interface Wire extends Omit<VxlanOptions, keyof EndAddresses | "group" | "group6"> {
  readonly group4?: string | undefined;
  readonly group16?: string | undefined;
  readonly local4?: string | undefined;
  readonly local16?: string | undefined;
}

const wire = optionsOf<Wire>({
  id: [1, u32], // IFLA_VXLAN_ID
  group4: [2, ip], // IFLA_VXLAN_GROUP
  link: [3, linkIndex], // IFLA_VXLAN_LINK
  local4: [4, ip], // IFLA_VXLAN_LOCAL
  ttl: [5, u8], // IFLA_VXLAN_TTL
  tos: [6, u8], // IFLA_VXLAN_TOS
  learning: [7, flag], // IFLA_VXLAN_LEARNING
  ageing: [8, u32], // IFLA_VXLAN_AGEING
  limit: [9, u32], // IFLA_VXLAN_LIMIT
  portRange: [10, portRange], // IFLA_VXLAN_PORT_RANGE
  proxy: [11, flag], // IFLA_VXLAN_PROXY
  rsc: [12, flag], // IFLA_VXLAN_RSC
  l2miss: [13, flag], // IFLA_VXLAN_L2MISS
  l3miss: [14, flag], // IFLA_VXLAN_L3MISS
  port: [15, be16], // IFLA_VXLAN_PORT
  group16: [16, ip], // IFLA_VXLAN_GROUP6
  local16: [17, ip], // IFLA_VXLAN_LOCAL6
  udpCsum: [18, flag], // IFLA_VXLAN_UDP_CSUM
  udpZeroCsum6Tx: [19, flag], // IFLA_VXLAN_UDP_ZERO_CSUM6_TX
  udpZeroCsum6Rx: [20, flag], // IFLA_VXLAN_UDP_ZERO_CSUM6_RX
  remcsumTx: [21, flag], // IFLA_VXLAN_REMCSUM_TX
  remcsumRx: [22, flag], // IFLA_VXLAN_REMCSUM_RX
  gbp: [23, present], // IFLA_VXLAN_GBP
  remcsumNopartial: [24, present], // IFLA_VXLAN_REMCSUM_NOPARTIAL
  external: [25, flag], // IFLA_VXLAN_COLLECT_METADATA
  label: [26, be32], // IFLA_VXLAN_LABEL
  gpe: [27, present], // IFLA_VXLAN_GPE
  ttlInherit: [28, present], // IFLA_VXLAN_TTL_INHERIT
  df: [29, named(u8, DONT_FRAGMENT)], // IFLA_VXLAN_DF
  vnifilter: [30, flag], // IFLA_VXLAN_VNIFILTER
  localbypass: [31, flag], // IFLA_VXLAN_LOCALBYPASS
  labelPolicy: [32, named(u32, LABEL_POLICIES)], // IFLA_VXLAN_LABEL_POLICY
  reservedBits: [33, be64], // IFLA_VXLAN_RESERVED_BITS
  mcroute: [34, flag], // IFLA_VXLAN_MC_ROUTE
});

const MULTICAST = /^(22[4-9]|23\d)\.|^ff/i;

/** The other end, under the name that says what it is. */
function namedEnd(address: string | undefined, group: "group" | "group6", remote: "remote" | "remote6"): VxlanOptions {
  return address === undefined ? {} : { [MULTICAST.test(address) ? group : remote]: address };
}

const options = translated<VxlanOptions, Wire>(
  wire,
  {
    ...{ group: true, group6: true, remote: true, remote6: true, local: true, local6: true },
    ...{ group4: false, group16: false, local4: false, local16: false },
  },
  ({ group, group6, remote, remote6, local, local6, ...rest }) => {
    const ends = endAddresses({ remote: remote ?? remote6 ?? group ?? group6, local: local ?? local6 });
    return { ...rest, group4: ends.remote, group16: ends.remote6, local4: ends.local, local16: ends.local6 };
  },
  ({ group4, group16, local4, local16, ...rest }) =>
    defined({
      ...rest,
      ...namedEnd(group4, "group", "remote"),
      ...namedEnd(group16, "group6", "remote6"),
      ...endsOf({ local: local4, local6: local16 }),
    }),
);

/** {@linkcode VxlanSpec} */
export const vxlan: Kind<"vxlan", VxlanSpec, VxlanOptions> = {
  kind: "vxlan",
  about: "a virtual LAN over UDP",
  kernel: { option: "CONFIG_VXLAN", module: "vxlan" },
  fields: () => ({ ...options.fields }),
  probe: { spec: (name) => ({ kind: "vxlan", name, id: 7, port: 4789 }) },
  options,
};
