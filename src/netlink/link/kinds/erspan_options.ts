/** What mirrors of frames over GRE have: IFLA_GRE_ERSPAN_…. See ip-link(8), linux/if_tunnel.h. */
import { named } from "../../wire/named_numbers.ts";
import { u16, u32, u8 } from "../../wire/numbers.ts";
import type { OptionTable } from "./kind_options.ts";

/** Whether the frames that are mirrored came in or went out. */
export type ErspanDirection = "ingress" | "egress";

const DIRECTIONS: Readonly<Record<ErspanDirection, number>> = { ingress: 0, egress: 1 };

/** What is particular to a mirror of frames, besides what GRE has. It has keys (`ikey`, `okey`, to 1023) and `iseq` and `oseq`. */
export interface ErspanFields {
  /** The version of its header: 0 for ERSPAN I, 1 for II, 2 for III. @default {1} */
  readonly erspanVer?: number | undefined;
  /** Of version 1: the port or the like that is mirrored, to 1048575. */
  readonly erspanIndex?: number | undefined;
  /** Of version 2: which frames are mirrored; a number, if this library has no name for it. @default {"ingress"} */
  readonly erspanDir?: ErspanDirection | number | undefined;
  /** Of version 2: the number of the device, to 63. */
  readonly erspanHwid?: number | undefined;
}

/** The entries of {@linkcode ErspanFields}. */
export const erspanTable: OptionTable<ErspanFields> = {
  erspanIndex: [21, u32], // IFLA_GRE_ERSPAN_INDEX
  erspanVer: [22, u8], // IFLA_GRE_ERSPAN_VER
  erspanDir: [23, named(u8, DIRECTIONS)], // IFLA_GRE_ERSPAN_DIR
  erspanHwid: [24, u16], // IFLA_GRE_ERSPAN_HWID
};
