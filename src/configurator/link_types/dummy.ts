/** DUMMY: a link without another end, which drops what is sent by it. */
import type { LinkType } from "./link_type.ts";
import { singleLink } from "./single_link.ts";

/** The type DUMMY. */
export const dummy: LinkType = singleLink({
  kind: "dummy",
  fields: () => ({}),
  changeable: [],
  options: () => ({}),
  changes: () => ({}),
  spec: (base) => ({ kind: "dummy", ...base }),
});
