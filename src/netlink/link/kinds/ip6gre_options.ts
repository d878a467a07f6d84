/** The options of GRE tunnels over IPv6: IFLA_GRE_…. See ip-link(8), linux/if_tunnel.h. */
import { defined } from "../../../collections.ts";
import { be32, u8 } from "../../wire/numbers.ts";
import { type GreKeys, greTable, type GreWire, KEY_BITS, withKeyBits, withKeys } from "./gre_options.ts";
import {
  flowinfoOf,
  flowOf,
  IP6_TUNNEL_FIELDS,
  type Ip6TunnelFields,
  ip6TunnelFlags,
  type Ip6TunnelWire,
} from "./ip6_tunnel.ts";
import { type KeptOptions, type OptionsCodec, optionsOf, type OptionTable, translated } from "./kind_options.ts";
import { withEncap, withEncapAttributes } from "./tunnel_encap.ts";

/** What is particular to a GRE tunnel over IPv6. */
export interface Ip6greOptions extends KeptOptions, GreKeys, Ip6TunnelFields {}

/** How attributes hold {@linkcode Ip6greOptions}. */
export interface Ip6greWire extends KeptOptions, GreWire, Ip6TunnelWire {}

/** The entries of {@linkcode Ip6greWire}. */
export const ip6greTable: OptionTable<Ip6greWire> = {
  ...greTable,
  encapLimit: [11, u8], // IFLA_GRE_ENCAP_LIMIT
  flowinfo: [12, be32], // IFLA_GRE_FLOWINFO
  ...ip6TunnelFlags(13), // IFLA_GRE_FLAGS
};

/** The codec of the options of GRE tunnels over IPv6. */
export const ip6greOptions: OptionsCodec<Ip6greOptions> = translated<Ip6greOptions, Ip6greWire>(
  optionsOf<Ip6greWire>(ip6greTable),
  { ...IP6_TUNNEL_FIELDS, ...KEY_BITS },
  ({ tclass, flowlabel, ...options }) => ({
    ...withEncapAttributes(withKeyBits(options)),
    flowinfo: flowinfoOf({ tclass, flowlabel }),
  }),
  ({ flowinfo, ...attributes }) => defined({ ...withEncap(withKeys(attributes)), ...flowOf(flowinfo) }),
);
