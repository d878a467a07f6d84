/** The options of macvlans and macvtaps: IFLA_MACVLAN_…. See ip-link(8), linux/if_link.h. */
import { attributes } from "../../wire/attributes.ts";
import type { Codec } from "../../wire/codec.ts";
import { mac } from "../../wire/mac.ts";
import { named } from "../../wire/named_numbers.ts";
import { s32, u16, u32 } from "../../wire/numbers.ts";
import { bitsOf, flagsWord, type KeptOptions, type OptionsCodec, optionsOf, translated } from "./kind_options.ts";

/** How macvlans of one link reach each other. */
export type MacvlanMode = "private" | "vepa" | "bridge" | "passthru" | "source";

/** MACVLAN_MODE_… */
const MODES: Readonly<Record<MacvlanMode, number>> = { private: 1, vepa: 2, bridge: 4, passthru: 8, source: 16 };

/** What is particular to a macvlan or macvtap. */
export interface MacvlanOptions extends KeptOptions {
  /** How those of one link reach each other; a number, if this library has no name for it. @default {"bridge"} */
  readonly mode?: MacvlanMode | number | undefined;
  /** Leaves the link below as it is, in the mode `passthru`. */
  readonly nopromisc?: boolean | undefined;
  /** Does not also receive by its own address, in the mode `source`. */
  readonly nodst?: boolean | undefined;
  /** How many broadcasts may wait, in packets. */
  readonly bcqueuelen?: number | undefined;
  /** How many broadcasts may wait on the link below: the largest that is asked for. Listed only. */
  readonly usedbcqueuelen?: number | undefined;
  /** From how many receivers on a multicast waits as a broadcast does; -1 for never. */
  readonly bclim?: number | undefined;
  /** How many addresses it receives from, in the mode `source`. Listed only. */
  readonly macaddrCount?: number | undefined;
  /** The addresses that it receives from, in the mode `source`. */
  readonly macaddrData?: readonly string[] | undefined;
}

/** What the attributes hold: a list of addresses goes with what is done with it. */
interface Wire extends MacvlanOptions {
  readonly macaddrMode?: number | undefined;
}

const flag = bitsOf(2, flagsWord(u16)); // IFLA_MACVLAN_FLAGS

const list = attributes({ address: [4, mac, "many"] }); // IFLA_MACVLAN_MACADDR
const addresses: Codec<readonly string[]> = {
  write: (out, address) => list.write(out, { address }),
  read: (input) => list.read(input).address ?? [],
};

const wire = optionsOf<Wire>({
  mode: [1, named(u32, MODES)], // IFLA_MACVLAN_MODE
  nopromisc: flag(0x1), // MACVLAN_FLAG_NOPROMISC
  nodst: flag(0x2), // MACVLAN_FLAG_NODST
  macaddrMode: [3, u32, "given"], // IFLA_MACVLAN_MACADDR_MODE
  macaddrData: [5, addresses], // IFLA_MACVLAN_MACADDR_DATA
  macaddrCount: [6, u32, "listed"], // IFLA_MACVLAN_MACADDR_COUNT
  bcqueuelen: [7, u32], // IFLA_MACVLAN_BC_QUEUE_LEN
  usedbcqueuelen: [8, u32, "listed"], // IFLA_MACVLAN_BC_QUEUE_LEN_USED
  bclim: [9, s32], // IFLA_MACVLAN_BC_CUTOFF
});

const MACVLAN_MACADDR_SET = 3;

/** The codec of the options of macvlans and macvtaps. */
export const macvlanOptions: OptionsCodec<MacvlanOptions> = translated<MacvlanOptions, Wire>(
  wire,
  { macaddrMode: false },
  (options) => options.macaddrData === undefined ? options : { ...options, macaddrMode: MACVLAN_MACADDR_SET },
  (options) => options,
);
