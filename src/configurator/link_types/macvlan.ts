/** MACVLAN: a further hardware address on another link. */
import { defined } from "../../collections.ts";
import type { MacvlanFields } from "../../models/interface/macvlan.ts";
import type { MacvlanOptions } from "../../netlink/link/kinds/macvlan_options.ts";
import type { LinkType } from "./link_type.ts";
import { singleLink } from "./single_link.ts";

/** The type MACVLAN. */
export const macvlan: LinkType = singleLink<Partial<MacvlanFields>, MacvlanOptions>({
  kind: "macvlan",
  fields: ({ macvlan = {} }) => macvlan,
  changeable: ["mode"],
  options: ({ mode }) => defined({ mode }),
  changes: (macvlan) => ({ macvlan }),
  spec: (base, { mode }, link) => ({ kind: "macvlan", ...base, link, ...defined({ mode }) }),
});
