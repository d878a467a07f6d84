/** Intermediate functional blocks: links for traffic control of what comes in. See ip-link(8). */
import type { LinkBase } from "../base.ts";
import type { Kind } from "./link_kind.ts";

/** A link to which traffic control redirects what comes in by others, to shape it. */
export interface IfbSpec extends LinkBase {
  /** The tag of the union. */
  readonly kind: "ifb";
}

/** {@linkcode IfbSpec} */
export const ifb: Kind<"ifb", IfbSpec, never> = {
  kind: "ifb",
  about: "a link to which traffic control redirects packets, to shape what comes in",
  kernel: { option: "CONFIG_IFB", module: "ifb" },
  fields: () => ({}),
  probe: { spec: (name) => ({ kind: "ifb", name }) },
};
