/** DUMMY: a link without another end, which drops what is sent by it. */
import type { LinkType } from "./link_type.ts";
import { oneLink } from "./one_link.ts";

/** The type DUMMY. */
export const dummy: LinkType = oneLink({
  kind: "dummy",
  fields: () => ({}),
  changeable: [],
  options: () => ({}),
  changes: () => ({}),
  spec: (base) => ({ kind: "dummy", ...base }),
});
