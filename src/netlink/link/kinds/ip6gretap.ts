/** A GRE tunnel over IPv6 for Ethernet frames. See ip-link(8). */
import type { LinkBase } from "../base.ts";
import { type Ip6greOptions, ip6greOptions as options } from "./ip6gre_options.ts";
import { ip6TunnelDefaults } from "./ip6_tunnel.ts";
import type { Kind } from "./link_kind.ts";

/** A GRE tunnel over IPv6 for Ethernet frames. */
export interface Ip6gretapSpec extends LinkBase, Ip6greOptions {
  /** The tag of the union. */
  readonly kind: "ip6gretap";
}

/** {@linkcode Ip6gretapSpec} */
export const ip6gretap: Kind<"ip6gretap", Ip6gretapSpec, Ip6greOptions> = {
  kind: "ip6gretap",
  about: "a GRE tunnel over IPv6 for Ethernet frames",
  kernel: { option: "CONFIG_IPV6_GRE", module: "ip6_gre" },
  fields: () => ({ ...options.fields }),
  probe: { spec: (name) => ({ kind: "ip6gretap", name, remote: "2001:db8::1" }) },
  options,
  defaults: ip6TunnelDefaults,
};
