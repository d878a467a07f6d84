/** Tunnels over IPv6 for IP packets: IFLA_IPTUN_…. See ip-link(8), linux/if_tunnel.h. */
import { defined } from "../../../collections.ts";
import type { LinkBase } from "../base.ts";
import { linkIndex } from "../ref.ts";
import { ip } from "../../wire/ip.ts";
import { named } from "../../wire/named_numbers.ts";
import { be32, u32, u8 } from "../../wire/numbers.ts";
import {
  flowinfoOf,
  flowOf,
  IP6_TUNNEL_FIELDS,
  ip6TunnelDefaults,
  type Ip6TunnelFields,
  ip6TunnelFlags,
  type Ip6TunnelWire,
} from "./ip6_tunnel.ts";
import type { Kind } from "./link_kind.ts";
import { type KeptOptions, optionsOf, present, translated } from "./kind_options.ts";
import { encapTable, withEncap, withEncapAttributes } from "./tunnel_encap.ts";

/** What packets a tunnel over IPv6 holds: all, IPv4 or IPv6. */
export type Ip6tnlProto = "any" | "ipip6" | "ip6ip6";

/** IPPROTO_… */
const PROTOS: Readonly<Record<Ip6tnlProto, number>> = { any: 0, ipip6: 4, ip6ip6: 41 };

/** What is particular to a tunnel over IPv6 for IP packets. */
export interface Ip6tnlOptions extends KeptOptions, Ip6TunnelFields {
  /** What packets it holds; a number, if this library has no name for it. @default {"any"} */
  readonly proto?: Ip6tnlProto | number | undefined;
}

/** A tunnel over IPv6 for IP packets. */
export interface Ip6tnlSpec extends LinkBase, Ip6tnlOptions {
  /** The tag of the union. */
  readonly kind: "ip6tnl";
}

interface Wire extends Omit<Ip6tnlOptions, keyof Ip6TunnelFields>, Ip6TunnelWire {}

const options = translated<Ip6tnlOptions, Wire>(
  optionsOf<Wire>({
    link: [1, linkIndex], // IFLA_IPTUN_LINK
    local: [2, ip], // IFLA_IPTUN_LOCAL
    remote: [3, ip], // IFLA_IPTUN_REMOTE
    ttl: [4, u8], // IFLA_IPTUN_TTL
    encapLimit: [6, u8], // IFLA_IPTUN_ENCAP_LIMIT
    flowinfo: [7, be32], // IFLA_IPTUN_FLOWINFO
    ...ip6TunnelFlags(8), // IFLA_IPTUN_FLAGS
    proto: [9, named(u8, PROTOS)], // IFLA_IPTUN_PROTO
    ...encapTable(15), // IFLA_IPTUN_ENCAP_TYPE
    external: [19, present], // IFLA_IPTUN_COLLECT_METADATA
    fwmark: [20, u32], // IFLA_IPTUN_FWMARK
  }),
  IP6_TUNNEL_FIELDS,
  ({ tclass, flowlabel, ...options }) => ({
    ...withEncapAttributes(options),
    flowinfo: flowinfoOf({ tclass, flowlabel }),
  }),
  ({ flowinfo, ...attributes }) => defined({ ...withEncap(attributes), ...flowOf(flowinfo) }),
);

/** {@linkcode Ip6tnlSpec} */
export const ip6tnl: Kind<"ip6tnl", Ip6tnlSpec, Ip6tnlOptions> = {
  kind: "ip6tnl",
  about: "a tunnel over IPv6 for IP packets",
  kernel: { option: "CONFIG_IPV6_TUNNEL", module: "ip6_tunnel" },
  fields: () => ({ ...options.fields }),
  probe: { spec: (name) => ({ kind: "ip6tnl", name, remote: "2001:db8::1" }) },
  options,
  defaults: ip6TunnelDefaults,
};
