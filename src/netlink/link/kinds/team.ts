/** Teams of links, which teamd configures by generic netlink. See ip-link(8). */
import type { LinkBase } from "../base.ts";
import type { Kind } from "./link_kind.ts";

/** Links as one, which a daemon as teamd configures; others become its ports by their `master`. */
export interface TeamSpec extends LinkBase {
  /** The tag of the union. */
  readonly kind: "team";
}

/** {@linkcode TeamSpec} */
export const team: Kind<"team", TeamSpec, never> = {
  kind: "team",
  about: "links as one, which a daemon configures; ports are links with it as their master",
  kernel: { option: "CONFIG_NET_TEAM", module: "team" },
  fields: () => ({}),
  probe: { spec: (name) => ({ kind: "team", name }) },
};
