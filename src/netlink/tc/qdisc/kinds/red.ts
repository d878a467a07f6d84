/** A queue that drops or marks the more, the longer it is: TCA_RED_…. See tc-red(8), linux/pkt_sched.h. */
import { attributes } from "../../../wire/attributes.ts";
import { messageCodec } from "../../../wire/codec.ts";
import { struct } from "../../../wire/struct.ts";
import { bytes } from "../../../wire/bytes.ts";
import { u32, u8 } from "../../../wire/numbers.ts";
import { keptOf } from "../../kept_attributes.ts";
import type { QdiscKind, TcKept } from "../../tc_kind.ts";
import {
  maxPercentOf,
  maxShareOf,
  RED_FLAGS,
  redDamping,
  type RedFlags,
  redFlags,
  redFlagsOf,
  redShape,
} from "../../red.ts";

/** What is particular to red. It needs `limit`. */
export interface RedOptions extends RedFlags, TcKept {
  /** How many bytes it holds at most. */
  readonly limit?: number | undefined;
  /** From how many bytes on packets are marked or dropped. @default {a third of `max`} */
  readonly min?: number | undefined;
  /** From how many bytes on with the whole `probability`. @default {a quarter of `limit`} */
  readonly max?: number | undefined;
  /** The share of packets that are marked or dropped at `max`, in percent. @default {2} */
  readonly probability?: number | undefined;
  /** The size of an average packet, in bytes; lists do not have it. @default {1000} */
  readonly avpkt?: number | undefined;
  /** How many packets may come at once; lists do not have it. @default {by `min` and `max`} */
  readonly burst?: number | undefined;
  /** The rate of the link, in bytes a second; lists do not have it. @default {1250000} */
  readonly bandwidth?: number | undefined;
  /** The logarithm of how slowly the average follows. @default {by `burst`} */
  readonly ewma?: number | undefined;
  /** The logarithm of `probability` by the distance of `min` and `max`. @default {by these} */
  readonly plog?: number | undefined;
  /** The logarithm of the unit of time in which an idle queue is forgotten. @default {by `bandwidth`} */
  readonly scellLog?: number | undefined;
}

const AVERAGE_PACKET = 1000;
const BANDWIDTH = 1_250_000;
const DEFAULT_PERCENT = 2;
/** The flags that struct tc_red_qopt has; if there are others, all are in TCA_RED_FLAGS, and none in the struct. */
const HISTORIC = 7;
const ALL_FLAGS = 0xf;

const data = attributes({
  // TCA_RED_PARMS
  parameters: [1, struct({ limit: u32, min: u32, max: u32, ewma: u8, plog: u8, scellLog: u8, flags: u8 })],
  table: [2, bytes], // TCA_RED_STAB
  maxP: [3, u32], // TCA_RED_MAX_P
  flags: [4, struct({ value: u32, selector: u32 })], // TCA_RED_FLAGS
});

const codec = messageCodec<RedOptions>({
  write(out, options): void {
    const { limit, avpkt = AVERAGE_PACKET, bandwidth = BANDWIDTH, probability = DEFAULT_PERCENT } = options;
    if (limit === undefined) throw new TypeError("Cannot use a red without limit: expected bytes");
    const max = options.max ?? Math.trunc(limit / 4);
    const min = options.min ?? Math.trunc(max / 3);
    const { ewma, plog } = redShape({ ...options, min, max, avpkt, probability });
    const { scellLog, table } = redDamping(ewma, avpkt, bandwidth, options.scellLog);
    const flags = redFlags(options);
    data.write(out, {
      parameters: { limit, min, max, ewma, plog, scellLog, flags: flags > HISTORIC ? 0 : flags },
      table,
      maxP: maxShareOf(probability),
      flags: flags > HISTORIC ? { value: flags, selector: ALL_FLAGS } : undefined,
      unknown: options.unknown,
    });
  },
  read(input): RedOptions {
    const { parameters, maxP, flags, unknown } = data.read(input);
    if (parameters === undefined) return keptOf(unknown);
    const { flags: historic, ...rest } = parameters;
    return {
      ...rest,
      ...maxP === undefined ? {} : { probability: maxPercentOf(maxP) },
      ...redFlagsOf(flags?.value ?? historic),
      ...keptOf(unknown),
    };
  },
});

/** {@linkcode RedOptions} */
export const red: QdiscKind<"red", RedOptions> = {
  kind: "red",
  about: "a queue that drops or marks the more, the longer it is",
  kernel: { option: "CONFIG_NET_SCH_RED", module: "sch_red" },
  fields: {
    limit: "number",
    min: "number",
    max: "number",
    probability: "number",
    avpkt: "number",
    burst: "number",
    bandwidth: "number",
    ewma: "number",
    plog: "number",
    scellLog: "number",
    ...RED_FLAGS,
    unknown: "list",
  },
  probe: { limit: 60_000 },
  encode: codec.encode,
  decode: codec.decode,
};
