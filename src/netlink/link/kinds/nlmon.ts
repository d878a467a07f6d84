/** Links on which a program sees the netlink messages of the namespace. See ip-link(8). */
import type { LinkBase } from "../base.ts";
import type { Kind } from "./link_kind.ts";

/** A link on which a program sees the netlink messages of the namespace. */
export interface NlmonSpec extends LinkBase {
  /** The tag of the union. */
  readonly kind: "nlmon";
}

/** {@linkcode NlmonSpec} */
export const nlmon: Kind<"nlmon", NlmonSpec, never> = {
  kind: "nlmon",
  about: "a link on which a program sees the netlink messages of the namespace",
  kernel: { option: "CONFIG_NLMON", module: "nlmon" },
  fields: () => ({}),
  probe: { spec: (name) => ({ kind: "nlmon", name }) },
};
