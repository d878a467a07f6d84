/** Packets beyond a rate: TCA_POLICE_…, struct tc_police. See tc-police(8), linux/pkt_cls.h. */
import { defined } from "../../../../collections.ts";
import { attributes } from "../../../wire/attributes.ts";
import { messageCodec } from "../../../wire/codec.ts";
import { pad, struct } from "../../../wire/struct.ts";
import { bytes } from "../../../wire/bytes.ts";
import { long, u32 } from "../../../wire/numbers.ts";
import { keptOf } from "../../kept_attributes.ts";
import type { TcKept, TcKind } from "../../tc_kind.ts";
import { bytesOf, encodeRate, NO_RATE, type RateOptions, rateOptionsOf, rateSpec, ticksOfBurst } from "../../rate.ts";
import { TICK_NS } from "../../time.ts";
import { control, type TcControl } from "../verdict.ts";

/** What is particular to police. It needs `rate` and `burst`, or `pktsRate` and `pktsBurst`. */
export interface PoliceOptions extends RateOptions, TcKept {
  /** How fast packets may come, in bytes a second. */
  readonly rate?: number | undefined;
  /** How many bytes may come at once. */
  readonly burst?: number | undefined;
  /** The largest packet that conforms, in bytes. @default {any} */
  readonly mtu?: number | undefined;
  /** How fast a burst may come, in bytes a second; then `mtu` may come at once. */
  readonly peakrate?: number | undefined;
  /** Or how many packets may come a second. */
  readonly pktsRate?: number | undefined;
  /** How many packets may come at once. */
  readonly pktsBurst?: number | undefined;
  /** What happens to a packet beyond the rate. @default {"reclassify"} */
  readonly action?: TcControl | undefined;
  /** What happens to a packet within it. @default {"pass"} */
  readonly conform?: TcControl | undefined;
  /** Its number among those of its kind; filters that name the same share it. @default {one that the kernel chooses} */
  readonly index?: number | undefined;
}

const data = attributes({
  parameters: [
    1, // TCA_POLICE_TBF
    struct({
      index: u32,
      action: control,
      limit: u32,
      burst: u32,
      mtu: u32,
      rate: rateSpec,
      peakrate: rateSpec,
      counts: pad(12),
    }),
  ],
  rateTable: [2, bytes], // TCA_POLICE_RATE
  peakTable: [3, bytes], // TCA_POLICE_PEAKRATE
  averageRate: [4, u32], // TCA_POLICE_AVRATE
  conform: [5, control], // TCA_POLICE_RESULT
  times: [6, bytes], // TCA_POLICE_TM
  pad: [7, bytes], // TCA_POLICE_PAD
  rate64: [8, long], // TCA_POLICE_RATE64
  peakrate64: [9, long], // TCA_POLICE_PEAKRATE64
  pktsRate: [10, long], // TCA_POLICE_PKTRATE64
  pktsBurst: [11, long], // TCA_POLICE_PKTBURST64
});

const TICKS_A_SECOND = 1e9 / TICK_NS;

/** TCA_POLICE_PKTBURST64 is a time in ticks: that of so many packets. */
function packetTicks(packets: number, rate: number): number {
  return Math.trunc(packets / rate * TICKS_A_SECOND);
}

function packetsOf(ticks: number, rate: number): number {
  return Math.round(ticks * rate / TICKS_A_SECOND);
}

const codec = messageCodec<PoliceOptions>({
  write(out, options): void {
    const { rate, burst, mtu, peakrate, pktsRate, pktsBurst, action = "reclassify", index = 0 } = options;
    if (rate !== undefined && burst === undefined || pktsRate !== undefined && pktsBurst === undefined) {
      throw new TypeError("Cannot police a rate without a burst: expected rate and burst, or pktsRate and pktsBurst");
    }
    const own = rate === undefined ? undefined : encodeRate(rate, options, mtu);
    const peak = peakrate === undefined ? undefined : encodeRate(peakrate, options, mtu);
    data.write(out, {
      parameters: {
        index,
        action,
        limit: 0,
        burst: rate === undefined ? 0 : ticksOfBurst(rate, burst ?? 0, "burst"),
        mtu: mtu ?? 0,
        rate: own?.spec ?? NO_RATE,
        peakrate: peak?.spec ?? NO_RATE,
      },
      rateTable: own?.table,
      rate64: own?.rate64,
      peakTable: peak?.table,
      peakrate64: peak?.rate64,
      pktsRate,
      pktsBurst: pktsRate === undefined ? undefined : packetTicks(pktsBurst ?? 0, pktsRate),
      conform: options.conform,
      unknown: options.unknown,
    });
  },
  read(input): PoliceOptions {
    const { parameters, rate64, peakrate64, pktsRate, pktsBurst, conform, unknown } = data.read(input);
    const rate = rate64 ?? parameters?.rate.rate ?? 0;
    const peakrate = peakrate64 ?? parameters?.peakrate.rate ?? 0;
    return {
      ...parameters === undefined ? {} : { action: parameters.action, index: parameters.index },
      ...parameters === undefined || rate === 0
        ? {}
        : { rate, burst: bytesOf(rate, parameters.burst), ...rateOptionsOf(parameters.rate) },
      ...defined({
        mtu: parameters?.mtu || undefined,
        peakrate: peakrate || undefined,
        pktsRate,
        pktsBurst: pktsRate === undefined ? undefined : packetsOf(pktsBurst ?? 0, pktsRate),
        conform,
      }),
      ...keptOf(unknown),
    };
  },
});

/** {@linkcode PoliceOptions} */
export const police: TcKind<"police", PoliceOptions> = {
  kind: "police",
  about: "packets beyond a rate are dropped, or go another way",
  kernel: { option: "CONFIG_NET_ACT_POLICE", module: "act_police" },
  fields: {
    rate: "number",
    burst: "number",
    mtu: "number",
    peakrate: "number",
    pktsRate: "number",
    pktsBurst: "number",
    action: true,
    conform: true,
    index: "number",
    overhead: "number",
    mpu: "number",
    linklayer: true,
    unknown: "list",
  },
  encode: codec.encode,
  decode: codec.decode,
};
