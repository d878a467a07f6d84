/** MACVLAN: a further hardware address on another link. */
import { defined } from "../../collections.ts";
import type { MacvlanFields } from "../../models/interface/macvlan.ts";
import type { MacvlanOptions } from "../../netlink/link/kinds/macvlan_options.ts";
import type { LinkType } from "./link_type.ts";
import { singleLink } from "./single_link.ts";

/** The mode in which it has the hardware address of the link below; the kernel neither sets nor leaves it later. */
const PASSTHRU = "passthru";

/** The type MACVLAN. */
export const macvlan: LinkType = singleLink<Partial<MacvlanFields>, MacvlanOptions>({
  kind: "macvlan",
  fields: ({ macvlan = {} }) => macvlan,
  withoutAddress: ({ macvlan }) => macvlan?.mode === PASSTHRU,
  changeable: ["mode"],
  isMadeAnew: ({ mode }, { data }) => (
    mode !== undefined && data?.kind === "macvlan" && mode !== data.mode && [mode, data.mode].includes(PASSTHRU)
  ),
  sharesParent: true,
  takesPackets: true,
  mtuBelow: () => 0,
  options: ({ mode }) => defined({ mode }),
  changes: (macvlan) => ({ macvlan }),
  spec: (base, { mode }, link) => ({ kind: "macvlan", ...base, link, ...defined({ mode }) }),
});
