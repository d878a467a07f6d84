/** A GRE tunnel over IPv6 for IP packets. See ip-link(8). */
import type { LinkBase } from "../base.ts";
import { type Ip6greOptions, ip6greOptions as options } from "./ip6gre_options.ts";
import { ip6TunnelDefaults } from "./ip6_tunnel.ts";
import type { Kind } from "./link_kind.ts";

/** A GRE tunnel over IPv6 for IP packets. */
export interface Ip6greSpec extends LinkBase, Ip6greOptions {
  /** The tag of the union. */
  readonly kind: "ip6gre";
}

/** {@linkcode Ip6greSpec} */
export const ip6gre: Kind<"ip6gre", Ip6greSpec, Ip6greOptions> = {
  kind: "ip6gre",
  about: "a GRE tunnel over IPv6 for IP packets",
  kernel: { option: "CONFIG_IPV6_GRE", module: "ip6_gre" },
  fields: () => ({ ...options.fields }),
  probe: { spec: (name) => ({ kind: "ip6gre", name, remote: "2001:db8::1" }) },
  options,
  defaults: ip6TunnelDefaults,
};
