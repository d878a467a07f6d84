/** Links whose packets IPsec transforms: IFLA_XFRM_…. See ip-link(8), linux/if_link.h. */
import type { LinkBase } from "../base.ts";
import { linkIndex, type LinkRef } from "../ref.ts";
import { u32 } from "../../wire/numbers.ts";
import type { Kind } from "./link_kind.ts";
import { type KeptOptions, optionsOf, present } from "./kind_options.ts";

/** What is particular to an xfrm link. */
export interface XfrmOptions extends KeptOptions {
  /** The link by which packets go out; a number is its index. */
  readonly link?: LinkRef | number | undefined;
  /** The number by which policies and states of IPsec name it; not 0. */
  readonly ifId?: number | undefined;
  /** Routes choose the number for each packet. */
  readonly external?: boolean | undefined;
}

/** A link whose packets IPsec transforms. */
export interface XfrmSpec extends LinkBase, XfrmOptions {
  /** The tag of the union. */
  readonly kind: "xfrm";
}

const options = optionsOf<XfrmOptions>({
  link: [1, linkIndex], // IFLA_XFRM_LINK
  ifId: [2, u32], // IFLA_XFRM_IF_ID
  external: [3, present], // IFLA_XFRM_COLLECT_METADATA
});

/** {@linkcode XfrmSpec} */
export const xfrm: Kind<"xfrm", XfrmSpec, XfrmOptions> = {
  kind: "xfrm",
  about: "a link whose packets IPsec transforms",
  kernel: { option: "CONFIG_XFRM_INTERFACE", module: "xfrm_interface" },
  fields: () => ({ ...options.fields }),
  probe: { spec: (name) => ({ kind: "xfrm", name, ifId: 7 }) },
  options,
};
