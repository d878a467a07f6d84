/** Further link-layer addresses on a link. See ip-link(8). */
import { MACVLAN_MODE } from "../../constants/link.ts";
import type { LinkBase } from "../base.ts";
import type { LinkRef } from "../ref.ts";
import type { Kind } from "./link_kind.ts";
import { type MacvlanOptions, macvlanOptions as options } from "./macvlan_options.ts";

/** A further link-layer address on another link. */
export interface MacvlanSpec extends LinkBase, MacvlanOptions {
  /** The tag of the union. */
  readonly kind: "macvlan";
  /** The link below; a number is its index. */
  readonly link: LinkRef | number;
}

/** {@linkcode MacvlanSpec} */
export const macvlan: Kind<"macvlan", MacvlanSpec, MacvlanOptions> = {
  kind: "macvlan",
  about: "a further link-layer address on another link",
  kernel: { option: "CONFIG_MACVLAN", module: "macvlan" },
  fields: () => ({ link: true, ...options.fields }),
  probe: { spec: (name, lower) => ({ kind: "macvlan", name, link: lower() }) },
  options,
  defaults: () => ({ mode: MACVLAN_MODE }),
};
