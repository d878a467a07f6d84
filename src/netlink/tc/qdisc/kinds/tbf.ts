/** A token bucket that bounds the rate: TCA_TBF_…. See tc-tbf(8), linux/pkt_sched.h. */
import { attributes } from "../../../wire/attributes.ts";
import { messageCodec } from "../../../wire/codec.ts";
import { struct } from "../../../wire/struct.ts";
import { bytes } from "../../../wire/bytes.ts";
import { long, u32 } from "../../../wire/numbers.ts";
import type { QdiscKind, TcKept } from "../../tc_kind.ts";
import { burstInBytes } from "../../burst.ts";
import { keptOf } from "../../kept_attributes.ts";
import {
  bytesOf,
  encodeRate,
  MOST_TICKS,
  NO_RATE,
  type RateOptions,
  rateOptionsOf,
  rateSpec,
  ticksOf,
} from "../../rate.ts";

/** What is particular to tbf. It needs `rate`, `burst`, and `limit` or `latency`. */
export interface TbfOptions extends RateOptions, TcKept {
  /** How fast packets leave, in bytes a second. */
  readonly rate?: number | undefined;
  /** How many bytes may leave at once, before the rate counts. */
  readonly burst?: number | undefined;
  /** How many bytes may wait. */
  readonly limit?: number | undefined;
  /** How long a packet may wait at most, in nanoseconds: another way to say `limit`. Lists give `limit`. */
  readonly latency?: number | undefined;
  /** How fast a burst leaves, in bytes a second. @default {as fast as it can} */
  readonly peakrate?: number | undefined;
  /** How many bytes may leave at once at the peak rate: as many as the largest packet has. */
  readonly minburst?: number | undefined;
}

const NS_PER_S = 1e9;

const data = attributes({
  parameters: [1, struct({ rate: rateSpec, peakrate: rateSpec, limit: u32, buffer: u32, mtu: u32 })], // TCA_TBF_PARMS
  rateTable: [2, bytes], // TCA_TBF_RTAB
  peakTable: [3, bytes], // TCA_TBF_PTAB
  rate64: [4, long], // TCA_TBF_RATE64
  peakrate64: [5, long], // TCA_TBF_PRATE64
  burst: [6, u32], // TCA_TBF_BURST
  peakBurst: [7, u32], // TCA_TBF_PBURST
  pad: [8, bytes], // TCA_TBF_PAD
});

const codec = messageCodec<TbfOptions>({
  write(out, options): void {
    const { rate, burst, peakrate, minburst } = options;
    if (rate === undefined || burst === undefined) {
      throw new TypeError("Cannot use a tbf without rate and burst: expected both");
    }
    if (peakrate !== undefined && minburst === undefined) {
      throw new TypeError("Cannot use a peakrate without minburst: expected both");
    }
    const mtu = minburst === undefined ? undefined : Math.ceil(minburst);
    const own = encodeRate(rate, options, mtu);
    const peak = peakrate === undefined ? undefined : encodeRate(peakrate, options, mtu);
    const buffer = ticksOf(rate, burst);
    const peakBuffer = peakrate === undefined ? 0 : ticksOf(peakrate, minburst ?? 0);
    data.write(out, {
      parameters: {
        rate: own.spec,
        peakrate: peak?.spec ?? NO_RATE,
        limit: limitOf(options, rate, burst),
        // Longer ones are said in bytes.
        buffer: Math.min(buffer, MOST_TICKS),
        mtu: Math.min(peakBuffer, MOST_TICKS),
      },
      // Left out where the kernel reads it from the ticks: it rounds bytes another way, and counts the overhead in.
      burst: burstInBytes(rate, own.spec, buffer),
      peakBurst: peak === undefined ? undefined : burstInBytes(peakrate ?? 0, peak.spec, peakBuffer),
      rate64: own.rate64,
      rateTable: own.table,
      peakrate64: peak?.rate64,
      peakTable: peak?.table,
      unknown: options.unknown,
    });
  },
  read(input): TbfOptions {
    const { parameters, rate64, peakrate64, unknown } = data.read(input);
    if (parameters === undefined) return keptOf(unknown);
    const { rate: own, peakrate: peak, limit, buffer, mtu } = parameters;
    const rate = rate64 ?? own.rate;
    const peakrate = peakrate64 ?? peak.rate;
    return {
      rate,
      burst: bytesOf(rate, buffer),
      limit,
      ...peakrate === 0 ? {} : { peakrate, minburst: bytesOf(peakrate, mtu) },
      ...rateOptionsOf(own),
      ...keptOf(unknown),
    };
  },
});

/** How many bytes may wait: so many as leave in the latency, and a burst. */
function limitOf({ limit, latency, peakrate, minburst }: TbfOptions, rate: number, burst: number): number {
  if (limit !== undefined && latency !== undefined) {
    throw new TypeError(
      "Cannot use both limit and latency of a tbf: expected one, as latency is another way to say limit",
    );
  }
  if (limit !== undefined) return limit;
  if (latency === undefined) throw new TypeError("Cannot use a tbf without limit: expected limit or latency");
  if (latency < 0) throw new RangeError(`Cannot use ${latency} as latency: expected nanoseconds, 0 or more`);
  const waits = Math.trunc(rate * latency / NS_PER_S + burst);
  if (peakrate === undefined || minburst === undefined) return waits;
  return Math.min(waits, Math.trunc(peakrate * latency / NS_PER_S + minburst));
}

/** {@linkcode TbfOptions} */
export const tbf: QdiscKind<"tbf", TbfOptions> = {
  kind: "tbf",
  about: "a token bucket: packets leave no faster than a rate",
  kernel: { option: "CONFIG_NET_SCH_TBF", module: "sch_tbf" },
  fields: {
    rate: "number",
    burst: "number",
    limit: "number",
    latency: "number",
    peakrate: "number",
    minburst: "number",
    overhead: "number",
    mpu: "number",
    linklayer: true,
    unknown: "list",
  },
  probe: { rate: 125_000, burst: 5000, limit: 10_000 },
  encode: codec.encode,
  decode: codec.decode,
};
