/** The models of what has other links as its ports: BOND and VRF_DEVICE. */
import {
  BOND_MODES,
  type BondLacpRate,
  type BondMode,
  type BondXmitHashPolicy,
  LACP_RATES,
  XMIT_HASH_POLICIES,
} from "../../netlink/constants/bond.ts";
import { type Field, integer, label, message, optional, word } from "../fields.ts";

/** What is particular to a BOND. Its members name it as their `master`. */
export interface BondFields {
  /** How it distributes packets. Absent: `balance-rr`. */
  readonly mode?: BondMode | undefined;
  /** How often the carrier of members is looked at, in milliseconds. */
  readonly miimon?: number | undefined;
  /** The name of the interface that is used whenever it can be, one of its members. */
  readonly primary?: string | undefined;
  /** How often the other end of 802.3ad is asked to send. */
  readonly lacpRate?: BondLacpRate | undefined;
  /** From what the member for a packet is computed. */
  readonly xmitHashPolicy?: BondXmitHashPolicy | undefined;
}

/** What is particular to a VRF_DEVICE. Its members name it as their `master`. */
export interface VrfFields {
  /** The number of its routing table, which routes name as their `table`. */
  readonly table: number;
}

/** The names of a table. */
const namesIn = <N extends string>(table: Readonly<Record<N, number>>): N[] => Object.keys(table) as N[]; // of the literal

/** Reads the object of a BOND. */
export const bondSchema: Field<BondFields> = message("a mapping with the options of a bond", {
  mode: optional(word(namesIn(BOND_MODES))),
  miimon: optional(integer(0, 2 ** 31 - 1, "a number of milliseconds")),
  primary: optional(label("the name of a member")),
  lacpRate: optional(word(namesIn(LACP_RATES))),
  xmitHashPolicy: optional(word(namesIn(XMIT_HASH_POLICIES))),
});

/** The routing table of a VRF_DEVICE. */
export const vrfTable: Field<number> = integer(1, 2 ** 32 - 1, "the number of a routing table");

/** Reads the object of a VRF_DEVICE. */
export const vrfSchema: Field<VrfFields> = message("a mapping with table", { table: vrfTable });
