/** Queues for flows, by turns: struct tc_sfq_qopt_v1. See tc-sfq(8), linux/pkt_sched.h. */
import { messageCodec } from "../../../wire/codec.ts";
import { pad, struct } from "../../../wire/struct.ts";
import { s32, u32, u8 } from "../../../wire/numbers.ts";
import type { QdiscKind } from "../../tc_kind.ts";
import { maxPercentOf, maxShareOf, RED_FLAGS, type RedFlags, redFlags, redFlagsOf, redShape } from "../../red.ts";

/** What is particular to sfq. */
export interface SfqOptions extends RedFlags {
  /** How many packets it holds at most. @default {127} */
  readonly limit?: number | undefined;
  /** How many bytes a flow may send in a round. @default {a packet} */
  readonly quantum?: number | undefined;
  /** Each how many seconds flows change their queues; 0: never. @default {0} */
  readonly perturb?: number | undefined;
  /** How many packets of a flow it holds at most. @default {127} */
  readonly depth?: number | undefined;
  /** How many buckets flows are found in: a power of two. @default {1024} */
  readonly divisor?: number | undefined;
  /** How many flows it distinguishes: `limit` at most. @default {128} */
  readonly flows?: number | undefined;
  /** Of a full queue the oldest packet is dropped. @default {false} */
  readonly headdrop?: boolean | undefined;
  /** With RED in each queue, for as many bytes of a flow; lists do not have it. */
  readonly redflowlimit?: number | undefined;
  /** From how many bytes on packets of a flow are marked or dropped. */
  readonly min?: number | undefined;
  /** From how many bytes on with the whole `probability`. */
  readonly max?: number | undefined;
  /** The logarithm of how slowly the average follows. */
  readonly ewma?: number | undefined;
  /** The logarithm of `probability` by the distance of `min` and `max`. */
  readonly plog?: number | undefined;
  /** The logarithm of the unit of time in which an idle queue is forgotten. */
  readonly scellLog?: number | undefined;
  /** The share of packets that are marked or dropped at `max`, in percent. @default {2} */
  readonly probability?: number | undefined;
}

const AVERAGE_PACKET = 1000;
const DEFAULT_PERCENT = 2;

const layout = struct({
  quantum: u32,
  perturb: s32,
  limit: u32,
  divisor: u32,
  flows: u32,
  depth: u32,
  headdrop: u32,
  redflowlimit: u32,
  min: u32,
  max: u32,
  ewma: u8,
  plog: u8,
  scellLog: u8,
  flags: u8,
  maxP: u32,
  statistics: pad(24),
});

const data = messageCodec<SfqOptions>({
  write(out, options): void {
    const { redflowlimit = 0, headdrop = false } = options;
    const isRed = redflowlimit > 0 || options.min !== undefined; // a list has no redflowlimit
    const probability = options.probability ?? DEFAULT_PERCENT;
    const max = options.max ?? Math.trunc(redflowlimit / 4);
    const min = options.min ?? Math.trunc(max / 3);
    const shape = isRed ? redShape({ ...options, min, max, avpkt: AVERAGE_PACKET, probability }) : undefined;
    layout.write(out, {
      quantum: options.quantum ?? 0,
      perturb: options.perturb ?? 0,
      limit: options.limit ?? 0,
      divisor: options.divisor ?? 0,
      flows: options.flows ?? 0,
      depth: options.depth ?? 0,
      headdrop: Number(headdrop),
      redflowlimit,
      min: isRed ? min : options.min ?? 0,
      max: isRed ? max : options.max ?? 0,
      ewma: shape?.ewma ?? options.ewma ?? 0,
      plog: shape?.plog ?? options.plog ?? 0,
      scellLog: options.scellLog ?? 0,
      flags: redFlags(options),
      maxP: isRed ? maxShareOf(probability) : 0,
    });
  },
  read(input): SfqOptions {
    const { flags, maxP, headdrop, redflowlimit: _unlisted, min, max, ewma, plog, scellLog, ...queue } = layout.read(
      input,
    );
    const own = { ...queue, headdrop: headdrop !== 0 };
    if (min === 0) return own;
    const probability = maxPercentOf(maxP);
    return { ...own, min, max, ewma, plog, scellLog, probability, ...redFlagsOf(flags) };
  },
});

/** {@linkcode SfqOptions} */
export const sfq: QdiscKind<"sfq", SfqOptions> = {
  kind: "sfq",
  about: "queues for flows, which send by turns",
  kernel: { option: "CONFIG_NET_SCH_SFQ", module: "sch_sfq" },
  fields: {
    limit: "number",
    quantum: "number",
    perturb: "number",
    depth: "number",
    divisor: "number",
    flows: "number",
    headdrop: "boolean",
    redflowlimit: "number",
    min: "number",
    max: "number",
    ewma: "number",
    plog: "number",
    scellLog: "number",
    probability: "number",
    ...RED_FLAGS,
  },
  probe: {},
  encode: data.encode,
  decode: data.decode,
};
