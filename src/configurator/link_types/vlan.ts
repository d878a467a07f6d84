/** VLAN: the packets of another link with one tag. */
import { defined } from "../../collections.ts";
import type { VlanFields } from "../../models/interface/vlan.ts";
import type { VlanOptions } from "../../netlink/link/kinds/vlan.ts";
import type { LinkType } from "./link_type.ts";
import { singleLink } from "./single_link.ts";

type Fields = Partial<VlanFields>;

/** ETH_P_8021Q, ETH_P_8021AD of linux/if_ether.h */
const PROTOCOLS = { "802.1Q": 0x8100, "802.1ad": 0x88a8 } as const;

/** The type VLAN. */
export const vlan: LinkType = singleLink<Fields, VlanOptions>({
  kind: "vlan",
  fields: ({ vlan = {} }) => vlan,
  withoutAddress: () => true,
  changeable: [],
  mtuBelow: () => 0,
  options: optionsOf,
  changes: (vlan) => ({ vlan }),
  spec: (base, fields, link) => ({ kind: "vlan", ...base, link, id: fields.id ?? 0, ...optionsOf(fields) }),
});

function optionsOf({ id, protocol }: Fields): Partial<VlanOptions> {
  return defined({ id, protocol: protocol && PROTOCOLS[protocol] });
}
