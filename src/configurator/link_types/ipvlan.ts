/** IPVLAN: further IP addresses on another link, with the hardware address of that. */
import { defined } from "../../collections.ts";
import type { IpvlanFields } from "../../models/interface/macvlan.ts";
import type { IpvlanOptions } from "../../netlink/link/kinds/ipvlan.ts";
import type { LinkType } from "./link_type.ts";
import { singleLink } from "./single_link.ts";

/** The type IPVLAN. */
export const ipvlan: LinkType = singleLink<Partial<IpvlanFields>, IpvlanOptions>({
  kind: "ipvlan",
  fields: ({ ipvlan = {} }) => ipvlan,
  withoutAddress: () => true,
  changeable: ["mode"],
  sharesParent: true,
  options: ({ mode }) => defined({ mode }),
  changes: (ipvlan) => ({ ipvlan }),
  spec: (base, { mode }, link) => ({ kind: "ipvlan", ...base, link, ...defined({ mode }) }),
});
