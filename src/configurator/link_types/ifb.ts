/** IFB: a link to which packets are redirected, to pass its queue. */
import type { LinkType } from "./link_type.ts";
import { oneLink } from "./one_link.ts";

/** The type IFB. */
export const ifb: LinkType = oneLink({
  kind: "ifb",
  fields: () => ({}),
  changeable: [],
  options: () => ({}),
  changes: () => ({}),
  spec: (base) => ({ kind: "ifb", ...base }),
});
