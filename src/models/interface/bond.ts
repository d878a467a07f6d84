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
import { ifThen, isGiven } from "../json_schema.ts";

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

/** The modes in which the kernel takes an option that it does not take in all. */
const MODES_OF = {
  primary: ["active-backup", "balance-tlb", "balance-alb"],
  lacpRate: ["802.3ad"],
} as const satisfies { readonly [K in keyof BondFields]?: readonly BondMode[] };

const modesText = (modes: readonly BondMode[]): string => modes.join(", ").replace(/, ([^,]*)$/, " or $1");

/** Reads the object of a BOND. */
export const bondSchema: Field<BondFields> = message(
  "a mapping with the options of a bond",
  {
    mode: optional(word(namesIn(BOND_MODES))),
    miimon: optional(integer(0, 2 ** 31 - 1, "a number of milliseconds")),
    primary: optional(label("the name of a member")),
    lacpRate: optional(word(namesIn(LACP_RATES))),
    xmitHashPolicy: optional(word(namesIn(XMIT_HASH_POLICIES))),
  },
  ({ mode }, given, report): void => {
    if (given("mode") && mode === undefined) return; // a fault of its own
    for (const option of ["primary", "lacpRate"] as const) {
      const modes: readonly BondMode[] = MODES_OF[option];
      if (given(option) && !modes.includes(mode ?? "balance-rr")) {
        report(option, `mode: ${modesText(modes)} beside it; the mode is ${mode ?? "balance-rr"}`);
      }
    }
  },
  () =>
    (["primary", "lacpRate"] as const).map((option) =>
      ifThen(isGiven(option), { properties: { mode: { enum: MODES_OF[option] } }, required: ["mode"] })
    ),
);

/** The routing table of a VRF_DEVICE. */
export const vrfTable: Field<number> = integer(1, 2 ** 32 - 1, "the number of a routing table");

/** Reads the object of a VRF_DEVICE. */
export const vrfSchema: Field<VrfFields> = message("a mapping with table", { table: vrfTable });
