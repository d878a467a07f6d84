/** A queue a flow, each sent at its own pace: TCA_FQ_…. See tc-fq(8), linux/pkt_sched.h. */
import { attributesOf } from "../../../wire/attributes.ts";
import { flag, flag32 } from "../../../wire/flags.ts";
import { u32 } from "../../../wire/numbers.ts";
import { keptDecoder } from "../../kept_attributes.ts";
import type { QdiscKind, TcKept } from "../../tc_kind.ts";
import { powerOfTwo } from "../../units.ts";

/** What is particular to fq. */
export interface FqOptions extends TcKept {
  /** How many packets it holds at most. @default {10000} */
  readonly limit?: number | undefined;
  /** How many packets of a flow it holds at most. @default {100} */
  readonly flowLimit?: number | undefined;
  /** How many buckets flows are found in: a power of two. @default {1024} */
  readonly buckets?: number | undefined;
  /** Packets without a socket are distinguished by these bits of their hash. @default {1023} */
  readonly orphanMask?: number | undefined;
  /** Flows are sent at the pace that their sockets ask for. @default {true} */
  readonly pacing?: boolean | undefined;
  /** How many bytes a flow may send in a round. @default {two packets} */
  readonly quantum?: number | undefined;
  /** How many bytes a new flow may send at once. @default {ten packets} */
  readonly initialQuantum?: number | undefined;
  /** The most that a flow may send, in bytes a second. @default {no bound} */
  readonly maxrate?: number | undefined;
  /** At which rate, in bytes a second, a flow is sent packet by packet. @default {68750} */
  readonly lowRateThreshold?: number | undefined;
  /** After which time a flow that was idle may send at once again, in microseconds. @default {40000} */
  readonly refillDelay?: number | undefined;
  /** Packets that waited longer are marked (ECN), in microseconds. @default {none} */
  readonly ceThreshold?: number | undefined;
  /** How late a timer may be, in nanoseconds. @default {10000} */
  readonly timerSlack?: number | undefined;
  /** How far ahead packets may be timed, in microseconds. @default {10000000} */
  readonly horizon?: number | undefined;
  /** Packets that are timed beyond that are dropped; otherwise they are sent at the horizon. @default {true} */
  readonly horizonDrop?: boolean | undefined;
}

const data = attributesOf<Omit<FqOptions, "unknown">>({
  limit: [1, u32], // TCA_FQ_PLIMIT
  flowLimit: [2, u32], // TCA_FQ_FLOW_PLIMIT
  quantum: [3, u32], // TCA_FQ_QUANTUM
  initialQuantum: [4, u32], // TCA_FQ_INITIAL_QUANTUM
  pacing: [5, flag32], // TCA_FQ_RATE_ENABLE
  maxrate: [7, u32], // TCA_FQ_FLOW_MAX_RATE
  buckets: [8, powerOfTwo], // TCA_FQ_BUCKETS_LOG
  refillDelay: [9, u32], // TCA_FQ_FLOW_REFILL_DELAY
  orphanMask: [10, u32], // TCA_FQ_ORPHAN_MASK
  lowRateThreshold: [11, u32], // TCA_FQ_LOW_RATE_THRESHOLD
  ceThreshold: [12, u32], // TCA_FQ_CE_THRESHOLD
  timerSlack: [13, u32], // TCA_FQ_TIMER_SLACK
  horizon: [14, u32], // TCA_FQ_HORIZON
  horizonDrop: [15, flag], // TCA_FQ_HORIZON_DROP
});

/** {@linkcode FqOptions} */
export const fq: QdiscKind<"fq", FqOptions> = {
  kind: "fq",
  about: "a queue a flow, each sent at the pace of its socket",
  kernel: { option: "CONFIG_NET_SCH_FQ", module: "sch_fq" },
  fields: {
    limit: "number",
    flowLimit: "number",
    buckets: "number",
    orphanMask: "number",
    pacing: "boolean",
    quantum: "number",
    initialQuantum: "number",
    maxrate: "number",
    lowRateThreshold: "number",
    refillDelay: "number",
    ceThreshold: "number",
    timerSlack: "number",
    horizon: "number",
    horizonDrop: "boolean",
    unknown: "list",
  },
  probe: {},
  encode: data.encode,
  decode: keptDecoder(data),
  wire: data,
};
