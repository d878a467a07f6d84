/** A GRE tunnel over IPv4 for Ethernet frames. See ip-link(8). */
import type { LinkBase } from "../base.ts";
import { type GreOptions, greOptions as options } from "./gre_options.ts";
import type { Kind } from "./link_kind.ts";

/** A GRE tunnel over IPv4 for Ethernet frames. */
export interface GretapSpec extends LinkBase, GreOptions {
  /** The tag of the union. */
  readonly kind: "gretap";
}

/** {@linkcode GretapSpec} */
export const gretap: Kind<"gretap", GretapSpec, GreOptions> = {
  kind: "gretap",
  about: "a GRE tunnel over IPv4 for Ethernet frames",
  kernel: { option: "CONFIG_NET_IPGRE", module: "ip_gre" },
  fields: () => ({ ...options.fields }),
  probe: { spec: (name) => ({ kind: "gretap", name, remote: "192.0.2.1" }) },
  options,
};
