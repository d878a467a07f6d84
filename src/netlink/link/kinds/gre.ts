/** A GRE tunnel over IPv4 for IP packets. See ip-link(8). */
import type { LinkBase } from "../base.ts";
import { type GreOptions, greOptions as options } from "./gre_options.ts";
import type { Kind } from "./link_kind.ts";

/** A GRE tunnel over IPv4 for IP packets. */
export interface GreSpec extends LinkBase, GreOptions {
  /** The tag of the union. */
  readonly kind: "gre";
}

/** {@linkcode GreSpec} */
export const gre: Kind<"gre", GreSpec, GreOptions> = {
  kind: "gre",
  about: "a GRE tunnel over IPv4 for IP packets",
  kernel: { option: "CONFIG_NET_IPGRE", module: "ip_gre" },
  fields: () => ({ ...options.fields }),
  probe: { spec: (name) => ({ kind: "gre", name, remote: "192.0.2.1" }) },
  options,
};
