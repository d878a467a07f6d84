/** The options of GRE tunnels over IPv6: IFLA_GRE_…. See ip-link(8), linux/if_tunnel.h. */
import { defined } from "../../../collections.ts";
import { linkIndex } from "../ref.ts";
import { ip } from "../../wire/ip.ts";
import { be32, u32, u8 } from "../../wire/values.ts";
import { endsOf } from "./end_addresses.ts";
import { type GreKeys, greKeys, type GreKeysWire, keyBits, keysOf } from "./gre_options.ts";
import {
  flowinfoOf,
  flowOf,
  IP6_TUNNEL_FIELDS,
  type Ip6TunnelFields,
  ip6TunnelFlags,
  type Ip6TunnelWire,
} from "./ip6_tunnel.ts";
import { type KeptOptions, type OptionsCodec, optionsOf, present, translated } from "./options.ts";
import { encapAttributes, encapOf, encapTable } from "./tunnel_encap.ts";

/** What is particular to a GRE tunnel over IPv6. */
export interface Ip6greOptions extends KeptOptions, GreKeys, Ip6TunnelFields {}

interface Wire extends KeptOptions, GreKeysWire, Ip6TunnelWire {}

const wire = optionsOf<Wire>({
  link: [1, linkIndex], // IFLA_GRE_LINK
  ...greKeys,
  local: [6, ip], // IFLA_GRE_LOCAL
  remote: [7, ip], // IFLA_GRE_REMOTE
  ttl: [8, u8], // IFLA_GRE_TTL
  encapLimit: [11, u8], // IFLA_GRE_ENCAP_LIMIT
  flowinfo: [12, be32], // IFLA_GRE_FLOWINFO
  ...ip6TunnelFlags(13), // IFLA_GRE_FLAGS
  ...encapTable(14), // IFLA_GRE_ENCAP_TYPE
  external: [18, present], // IFLA_GRE_COLLECT_METADATA
  fwmark: [20, u32], // IFLA_GRE_FWMARK
});

/** The codec of the options of GRE tunnels over IPv6. */
export const ip6greOptions: OptionsCodec<Ip6greOptions> = translated<Ip6greOptions, Wire>(
  wire,
  IP6_TUNNEL_FIELDS,
  ({ encap, tclass, flowlabel, ...options }) => ({
    ...options,
    ...keyBits(options),
    ...encapAttributes(encap),
    flowinfo: flowinfoOf({ tclass, flowlabel }),
  }),
  ({ hasIkey, hasOkey, flowinfo, encapType, encapFlags, encapSport, encapDport, local, remote, ...options }) =>
    defined({
      ...options,
      ...endsOf({ local, remote }),
      ...keysOf({ ...options, hasIkey, hasOkey }),
      ...flowOf(flowinfo),
      encap: encapOf({ encapType, encapFlags, encapSport, encapDport }),
    }),
);
