/** Further link-layer addresses on a link: IFLA_MACVLAN_…. See ip-link(8), linux/if_link.h. */
import type { LinkBase } from "../base.ts";
import { attributesOf } from "../../wire/codec.ts";
import { named, u32 } from "../../wire/values.ts";
import type { Kind } from "./kind.ts";

/** How macvlans of one link reach each other. */
export type MacvlanMode = "private" | "vepa" | "bridge" | "passthru" | "source";

/** MACVLAN_MODE_… */
const MODES: Readonly<Record<MacvlanMode, number>> = { private: 1, vepa: 2, bridge: 4, passthru: 8, source: 16 };

/** What is particular to a macvlan. */
export interface MacvlanOptions {
  /** How those of one link reach each other; a number, if this library has no name for it. @default {"bridge"} */
  readonly mode?: MacvlanMode | number | undefined;
}

/** A further link-layer address on another link. */
export interface MacvlanSpec extends LinkBase, MacvlanOptions {
  /** The tag of the union. */
  readonly kind: "macvlan";
  /** The index of the link below. */
  readonly link: number;
}

const data = attributesOf<MacvlanOptions>({ mode: [1, named(u32, MODES)] }); // IFLA_MACVLAN_MODE

/** {@linkcode MacvlanSpec} */
export const macvlan: Kind<"macvlan", MacvlanSpec, MacvlanOptions> = {
  kind: "macvlan",
  about: "a further link-layer address on another link",
  kernel: { option: "CONFIG_MACVLAN", module: "macvlan" },
  fields: { link: true, mode: true },
  probe: { spec: (name, lower) => ({ kind: "macvlan", name, link: lower() }) },
  encode: ({ mode = "bridge" }) => data.encode({ mode }),
  decode: data.decodeKnown,
};
