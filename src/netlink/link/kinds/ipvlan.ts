/** Further IP addresses on a link, with its link-layer address: IFLA_IPVLAN_…. See ip-link(8), linux/if_link.h. */
import { IPVLAN_MODE } from "../../constants/link.ts";
import type { LinkBase } from "../base.ts";
import type { LinkRef } from "../ref.ts";
import { named } from "../../wire/named_numbers.ts";
import { u16 } from "../../wire/numbers.ts";
import type { Kind } from "./link_kind.ts";
import { bitsOf, flagsWord, type KeptOptions, optionsOf } from "./kind_options.ts";

/** How ipvlans of one link handle packets: switched (l2) or routed (l3), and through the host's netfilter (l3s). */
export type IpvlanMode = "l2" | "l3" | "l3s";

/** IPVLAN_MODE_… */
const MODES: Readonly<Record<IpvlanMode, number>> = { l2: 0, l3: 1, l3s: 2 };

/** What is particular to an ipvlan. */
export interface IpvlanOptions extends KeptOptions {
  /** How packets are handled; a number, if this library has no name for it. @default {"l2"} */
  readonly mode?: IpvlanMode | number | undefined;
  /** Those of one link do not reach each other. */
  readonly private?: boolean | undefined;
  /** Those of one link reach each other by a switch that sends packets back. */
  readonly vepa?: boolean | undefined;
}

/** A link that shares the link-layer address of another. */
export interface IpvlanSpec extends LinkBase, IpvlanOptions {
  /** The tag of the union. */
  readonly kind: "ipvlan";
  /** The link below; a number is its index. */
  readonly link: LinkRef | number;
}

const flag = bitsOf(2, flagsWord(u16)); // IFLA_IPVLAN_FLAGS

const options = optionsOf<IpvlanOptions>({
  mode: [1, named(u16, MODES)], // IFLA_IPVLAN_MODE
  private: flag(0x1), // IPVLAN_F_PRIVATE
  vepa: flag(0x2), // IPVLAN_F_VEPA
});

/** {@linkcode IpvlanSpec} */
export const ipvlan: Kind<"ipvlan", IpvlanSpec, IpvlanOptions> = {
  kind: "ipvlan",
  about: "a link that shares the link-layer address of another",
  kernel: { option: "CONFIG_IPVLAN", module: "ipvlan" },
  fields: () => ({ link: true, ...options.fields }),
  probe: { spec: (name, lower) => ({ kind: "ipvlan", name, link: lower() }) },
  options,
  defaults: () => ({ mode: IPVLAN_MODE }),
};
