/** A mirror of Ethernet frames over IPv6 (Encapsulated Remote SPAN). See ip-link(8). */
import { defined } from "../../../collections.ts";
import type { LinkBase } from "../base.ts";
import { type ErspanFields, erspanTable } from "./erspan_options.ts";
import { KEY_BITS, withKeyBits, withKeys } from "./gre_options.ts";
import { flowinfoOf, flowOf, IP6_TUNNEL_FIELDS, ip6TunnelDefaults } from "./ip6_tunnel.ts";
import { type Ip6greOptions, ip6greTable, type Ip6greWire } from "./ip6gre_options.ts";
import { optionsOf, translated } from "./kind_options.ts";
import type { Kind } from "./link_kind.ts";
import { withEncap, withEncapAttributes } from "./tunnel_encap.ts";

/** What is particular to a mirror of frames over IPv6. */
export interface Ip6erspanOptions extends Ip6greOptions, ErspanFields {}

/** A mirror of Ethernet frames over IPv6. */
export interface Ip6erspanSpec extends LinkBase, Ip6erspanOptions {
  /** The tag of the union. */
  readonly kind: "ip6erspan";
}

const options = translated<Ip6erspanOptions, Ip6greWire & ErspanFields>(
  optionsOf<Ip6greWire & ErspanFields>({ ...ip6greTable, ...erspanTable }),
  { ...IP6_TUNNEL_FIELDS, ...KEY_BITS },
  ({ tclass, flowlabel, ...given }) => ({
    ...withEncapAttributes(withKeyBits(given)),
    flowinfo: flowinfoOf({ tclass, flowlabel }),
  }),
  ({ flowinfo, ...attributes }) => defined({ ...withEncap(withKeys(attributes)), ...flowOf(flowinfo) }),
);

/** {@linkcode Ip6erspanSpec} */
export const ip6erspan: Kind<"ip6erspan", Ip6erspanSpec, Ip6erspanOptions> = {
  kind: "ip6erspan",
  about: "a mirror of Ethernet frames over IPv6 (ERSPAN)",
  kernel: { option: "CONFIG_IPV6_GRE", module: "ip6_gre" },
  fields: () => ({ ...options.fields }),
  probe: { spec: (name) => ({ kind: "ip6erspan", name, external: true }) },
  options,
  defaults: ip6TunnelDefaults,
};
