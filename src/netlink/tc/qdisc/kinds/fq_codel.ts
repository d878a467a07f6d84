/** A queue a flow, each kept short: TCA_FQ_CODEL_…. See tc-fq_codel(8), linux/pkt_sched.h. */
import { attributesOf } from "../../../wire/attributes.ts";
import { flag32 } from "../../../wire/flags.ts";
import { u32, u8 } from "../../../wire/numbers.ts";
import { keptDecoder } from "../../kept_attributes.ts";
import type { QdiscKind, TcKept } from "../../tc_kind.ts";
import { codelTime } from "../../units.ts";

/** What is particular to fq_codel. */
export interface FqCodelOptions extends TcKept {
  /** How many packets it holds at most. @default {10240} */
  readonly limit?: number | undefined;
  /** How many queues it has; the kernel takes it only of a qdisc that it makes. @default {1024} */
  readonly flows?: number | undefined;
  /** How many bytes a queue may send in a round. @default {a packet} */
  readonly quantum?: number | undefined;
  /** How long packets may wait for a while, in microseconds. @default {5000} */
  readonly target?: number | undefined;
  /** Packets that waited longer are marked (ECN), in microseconds. @default {none} */
  readonly ceThreshold?: number | undefined;
  /** Only packets are, of which these bits of the DS field … */
  readonly ceThresholdMask?: number | undefined;
  /** … are these. */
  readonly ceThresholdSelector?: number | undefined;
  /** For which while packets may wait longer than the target, in microseconds. @default {100000} */
  readonly interval?: number | undefined;
  /** How many bytes of memory it may use. @default {33554432} */
  readonly memoryLimit?: number | undefined;
  /** Packets are marked instead of dropped, where they can be (ECN). @default {true} */
  readonly ecn?: boolean | undefined;
  /** How many packets are dropped at once when it is full. @default {64} */
  readonly dropBatch?: number | undefined;
}

const data = attributesOf<Omit<FqCodelOptions, "unknown">>({
  target: [1, codelTime], // TCA_FQ_CODEL_TARGET
  limit: [2, u32], // TCA_FQ_CODEL_LIMIT
  interval: [3, codelTime], // TCA_FQ_CODEL_INTERVAL
  ecn: [4, flag32], // TCA_FQ_CODEL_ECN
  flows: [5, u32], // TCA_FQ_CODEL_FLOWS
  quantum: [6, u32], // TCA_FQ_CODEL_QUANTUM
  ceThreshold: [7, codelTime], // TCA_FQ_CODEL_CE_THRESHOLD
  dropBatch: [8, u32], // TCA_FQ_CODEL_DROP_BATCH_SIZE
  memoryLimit: [9, u32], // TCA_FQ_CODEL_MEMORY_LIMIT
  ceThresholdSelector: [10, u8], // TCA_FQ_CODEL_CE_THRESHOLD_SELECTOR
  ceThresholdMask: [11, u8], // TCA_FQ_CODEL_CE_THRESHOLD_MASK
});

/** {@linkcode FqCodelOptions} */
export const fqCodel: QdiscKind<"fq_codel", FqCodelOptions> = {
  kind: "fq_codel",
  about: "a queue a flow, each kept short by dropping early",
  kernel: { option: "CONFIG_NET_SCH_FQ_CODEL", module: "sch_fq_codel" },
  fields: {
    limit: "number",
    flows: "number",
    quantum: "number",
    target: "number",
    ceThreshold: "number",
    ceThresholdMask: "number",
    ceThresholdSelector: "number",
    interval: "number",
    memoryLimit: "number",
    ecn: "boolean",
    dropBatch: "number",
    unknown: "list",
  },
  probe: {},
  encode: data.encode,
  decode: keptDecoder(data),
  wire: data,
};
