/** Tunnels over IPv4 for IPv4 packets. See ip-link(8). */
import { defined } from "../../../collections.ts";
import type { LinkBase } from "../base.ts";
import { type IpTunnelFields, ipTunnelTable, type IpTunnelWire } from "./ip_tunnel.ts";
import type { Kind } from "./link_kind.ts";
import { type KeptOptions, optionsOf, translated } from "./kind_options.ts";
import { ENCAP_FIELDS, withEncap, withEncapAttributes } from "./tunnel_encap.ts";

/** What is particular to a tunnel over IPv4 for IPv4 packets. */
export interface IpipOptions extends KeptOptions, IpTunnelFields {}

/** A tunnel over IPv4 for IPv4 packets. */
export interface IpipSpec extends LinkBase, IpipOptions {
  /** The tag of the union. */
  readonly kind: "ipip";
}

interface Wire extends KeptOptions, IpTunnelWire {}

const options = translated<IpipOptions, Wire>(
  optionsOf<Wire>(ipTunnelTable),
  ENCAP_FIELDS,
  withEncapAttributes,
  (attributes) => defined(withEncap(attributes)),
);

/** {@linkcode IpipSpec} */
export const ipip: Kind<"ipip", IpipSpec, IpipOptions> = {
  kind: "ipip",
  about: "a tunnel over IPv4 for IPv4 packets",
  kernel: { option: "CONFIG_NET_IPIP", module: "ipip" },
  fields: () => ({ ...options.fields }),
  probe: { spec: (name) => ({ kind: "ipip", name, remote: "192.0.2.1" }) },
  options,
};
