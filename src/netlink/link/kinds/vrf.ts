/** Routing domains: IFLA_VRF_…. See ip-vrf(8), linux/if_link.h. */
import type { LinkBase } from "../base.ts";
import { u32 } from "../../wire/numbers.ts";
import type { Kind } from "./link_kind.ts";
import { type KeptOptions, optionsOf } from "./kind_options.ts";

/** What is particular to a VRF. */
export interface VrfOptions extends KeptOptions {
  /** The number of its routing table. */
  readonly table: number;
}

/** A routing domain; other links become its ports by their `master`. */
export interface VrfSpec extends LinkBase, VrfOptions {
  /** The tag of the union. */
  readonly kind: "vrf";
}

const options = optionsOf<VrfOptions>({ table: [1, u32] }); // IFLA_VRF_TABLE

/** {@linkcode VrfSpec} */
export const vrf: Kind<"vrf", VrfSpec, VrfOptions> = {
  kind: "vrf",
  about: "a routing domain, whose ports are links with it as their master",
  kernel: { option: "CONFIG_NET_VRF", module: "vrf" },
  fields: () => ({ ...options.fields }),
  probe: { spec: (name) => ({ kind: "vrf", name, table: 7 }) },
  options,
};
