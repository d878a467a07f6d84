/** A queue kept short by dropping early: TCA_CODEL_…. See tc-codel(8), linux/pkt_sched.h. */
import { attributesOf } from "../../../wire/attributes.ts";
import { flag32 } from "../../../wire/flags.ts";
import { u32 } from "../../../wire/numbers.ts";
import { keptDecoder } from "../../kept_attributes.ts";
import type { QdiscKind, TcKept } from "../../tc_kind.ts";
import { codelTime } from "../../units.ts";

/** What is particular to codel. */
export interface CodelOptions extends TcKept {
  /** How many packets it holds at most. @default {1000} */
  readonly limit?: number | undefined;
  /** How long packets may wait for a while, in microseconds. @default {5000} */
  readonly target?: number | undefined;
  /** For which while packets may wait longer than the target, in microseconds. @default {100000} */
  readonly interval?: number | undefined;
  /** Packets are marked instead of dropped, where they can be (ECN). @default {false} */
  readonly ecn?: boolean | undefined;
  /** Packets that waited longer are marked (ECN), in microseconds. @default {none} */
  readonly ceThreshold?: number | undefined;
}

const data = attributesOf<Omit<CodelOptions, "unknown">>({
  target: [1, codelTime], // TCA_CODEL_TARGET
  limit: [2, u32], // TCA_CODEL_LIMIT
  interval: [3, codelTime], // TCA_CODEL_INTERVAL
  ecn: [4, flag32], // TCA_CODEL_ECN
  ceThreshold: [5, codelTime], // TCA_CODEL_CE_THRESHOLD
});

/** {@linkcode CodelOptions} */
export const codel: QdiscKind<"codel", CodelOptions> = {
  kind: "codel",
  about: "a queue kept short by dropping early",
  kernel: { option: "CONFIG_NET_SCH_CODEL", module: "sch_codel" },
  fields: {
    limit: "number",
    target: "number",
    interval: "number",
    ecn: "boolean",
    ceThreshold: "number",
    unknown: "list",
  },
  probe: {},
  encode: data.encode,
  decode: keptDecoder(data),
  wire: data,
};
