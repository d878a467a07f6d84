/** Further link-layer addresses on a link, each with a device from which a program reads. See ip-link(8). */
import { MACVLAN_MODE } from "../../constants/link.ts";
import type { LinkBase } from "../base.ts";
import type { LinkRef } from "../ref.ts";
import type { Kind } from "./link_kind.ts";
import { type MacvlanOptions, macvlanOptions as options } from "./macvlan_options.ts";

/** A further link-layer address on another link, whose packets a program reads from `/dev/tapN`, N its index. */
export interface MacvtapSpec extends LinkBase, MacvlanOptions {
  /** The tag of the union. */
  readonly kind: "macvtap";
  /** The link below; a number is its index. */
  readonly link: LinkRef | number;
}

/** {@linkcode MacvtapSpec} */
export const macvtap: Kind<"macvtap", MacvtapSpec, MacvlanOptions> = {
  kind: "macvtap",
  about: "a further link-layer address on another link, whose packets a program reads (/dev/tapN)",
  kernel: { option: "CONFIG_MACVTAP", module: "macvtap" },
  fields: () => ({ link: true, ...options.fields }),
  probe: { spec: (name, lower) => ({ kind: "macvtap", name, link: lower() }) },
  options,
  defaults: () => ({ mode: MACVLAN_MODE }),
};
