/** What tunnels over IPv4 for IP packets have: IFLA_IPTUN_…. See ip-link(8), linux/if_tunnel.h. */
import { linkIndex, type LinkRef } from "../ref.ts";
import { ip } from "../../wire/ip.ts";
import { flag } from "../../wire/flags.ts";
import { named } from "../../wire/named_numbers.ts";
import { u32, u8 } from "../../wire/numbers.ts";
import { type OptionTable, present } from "./kind_options.ts";
import { type EncapAttributes, encapTable, type TunnelEncap } from "./tunnel_encap.ts";

/** What packets a tunnel over IPv4 holds. */
export type IpTunnelProto = "any" | "ipip" | "ip6ip" | "mplsip";

/** IPPROTO_… */
const PROTOS: Readonly<Record<IpTunnelProto, number>> = { any: 0, ipip: 4, ip6ip: 41, mplsip: 137 };

/** What is particular to a tunnel over IPv4 for IP packets. */
export interface IpTunnelFields {
  /** What packets it holds; a number, if this library has no name for it. @default {those of its kind} */
  readonly proto?: IpTunnelProto | number | undefined;
  /** The link by which packets go out; a number is its index. */
  readonly link?: LinkRef | number | undefined;
  /** The address of this end. */
  readonly local?: string | undefined;
  /** The address of the other end. */
  readonly remote?: string | undefined;
  /** The time to live of packets that go out; 0 for that of the packet inside. @default {0} */
  readonly ttl?: number | undefined;
  /** The type of service of packets that go out; 1 for that of the packet inside. @default {0} */
  readonly tos?: number | undefined;
  /** Finds the largest packet of the path. @default {true} */
  readonly pmtudisc?: boolean | undefined;
  /** The mark of packets that go out. */
  readonly fwmark?: number | undefined;
  /** Routes and filters choose the other end of each packet. */
  readonly external?: boolean | undefined;
  /** UDP around the packets. */
  readonly encap?: TunnelEncap | undefined;
}

/** How attributes hold {@linkcode IpTunnelFields}. */
export interface IpTunnelWire extends Omit<IpTunnelFields, "encap">, EncapAttributes {}

/** The entries of {@linkcode IpTunnelWire}. */
export const ipTunnelTable: OptionTable<IpTunnelWire> = {
  link: [1, linkIndex], // IFLA_IPTUN_LINK
  local: [2, ip], // IFLA_IPTUN_LOCAL
  remote: [3, ip], // IFLA_IPTUN_REMOTE
  ttl: [4, u8], // IFLA_IPTUN_TTL
  tos: [5, u8], // IFLA_IPTUN_TOS
  proto: [9, named(u8, PROTOS)], // IFLA_IPTUN_PROTO
  pmtudisc: [10, flag], // IFLA_IPTUN_PMTUDISC
  ...encapTable(15), // IFLA_IPTUN_ENCAP_TYPE
  external: [19, present], // IFLA_IPTUN_COLLECT_METADATA
  fwmark: [20, u32], // IFLA_IPTUN_FWMARK
};
