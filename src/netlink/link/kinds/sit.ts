/** Tunnels over IPv4 for IPv6 packets: IFLA_IPTUN_6RD_…. See ip-link(8), linux/if_tunnel.h. */
import { defined } from "../../../collections.ts";
import type { LinkBase } from "../base.ts";
import { ip } from "../../wire/ip.ts";
import { u16 } from "../../wire/numbers.ts";
import { type IpTunnelFields, ipTunnelTable, type IpTunnelWire } from "./ip_tunnel.ts";
import type { Kind } from "./link_kind.ts";
import { bitsOf, flagsWord, type KeptOptions, optionsOf, translated } from "./kind_options.ts";
import { ENCAP_FIELDS, withEncap, withEncapAttributes } from "./tunnel_encap.ts";

/** What is particular to a tunnel over IPv4 for IPv6 packets. */
export interface SitOptions extends KeptOptions, IpTunnelFields {
  /** Finds other ends by ISATAP. */
  readonly isatap?: boolean | undefined;
  /** The prefix of IPv6 whose addresses hold the addresses of IPv4 (6rd). */
  readonly prefix?: string | undefined;
  /** The length of `prefix`, in bits. */
  readonly prefixlen?: number | undefined;
  /** The bits that all addresses of IPv4 have in common (6rd). */
  readonly relayPrefix?: string | undefined;
  /** The length of `relayPrefix`, in bits. */
  readonly relayPrefixlen?: number | undefined;
}

/** A tunnel over IPv4 for IPv6 packets. */
export interface SitSpec extends LinkBase, SitOptions {
  /** The tag of the union. */
  readonly kind: "sit";
}

interface Wire extends Omit<SitOptions, keyof IpTunnelFields>, IpTunnelWire {}

const options = translated<SitOptions, Wire>(
  optionsOf<Wire>({
    ...ipTunnelTable,
    isatap: bitsOf(8, flagsWord(u16))(0x1), // IFLA_IPTUN_FLAGS, SIT_ISATAP
    prefix: [11, ip], // IFLA_IPTUN_6RD_PREFIX
    relayPrefix: [12, ip], // IFLA_IPTUN_6RD_RELAY_PREFIX
    prefixlen: [13, u16], // IFLA_IPTUN_6RD_PREFIXLEN
    relayPrefixlen: [14, u16], // IFLA_IPTUN_6RD_RELAY_PREFIXLEN
  }),
  ENCAP_FIELDS,
  withEncapAttributes,
  (attributes) => defined(withEncap(attributes)),
);

/** {@linkcode SitSpec} */
export const sit: Kind<"sit", SitSpec, SitOptions> = {
  kind: "sit",
  about: "a tunnel over IPv4 for IPv6 packets",
  kernel: { option: "CONFIG_IPV6_SIT", module: "sit" },
  fields: () => ({ ...options.fields }),
  needs: { prefix: "CONFIG_IPV6_SIT_6RD", relayPrefix: "CONFIG_IPV6_SIT_6RD" },
  probe: { spec: (name) => ({ kind: "sit", name, remote: "192.0.2.1" }) },
  options,
};
