/** IFB: a link to which packets are redirected, to pass its queue. */
import type { LinkType } from "./link_type.ts";
import { singleLink } from "./single_link.ts";

/** The type IFB. */
export const ifb: LinkType = singleLink({
  kind: "ifb",
  hasFixedAddress: true,
  fields: () => ({}),
  changeable: [],
  options: () => ({}),
  changes: () => ({}),
  spec: (base) => ({ kind: "ifb", ...base }),
});
