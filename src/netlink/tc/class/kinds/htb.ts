/** Classes of htb: struct tc_htb_opt. The qdisc is in ../../qdisc/kinds/htb.ts. See tc-htb(8), linux/pkt_sched.h. */
import { attributes } from "../../../wire/attributes.ts";
import { messageCodec } from "../../../wire/codec.ts";
import { struct } from "../../../wire/struct.ts";
import { bytes } from "../../../wire/bytes.ts";
import { long, u32 } from "../../../wire/numbers.ts";
import { keptOf } from "../../kept_attributes.ts";
import type { TcKept, TcKind } from "../../tc_kind.ts";
import { bytesOf, encodeRate, mostBurst, type RateOptions, rateOptionsOf, rateSpec, ticksOfBurst } from "../../rate.ts";

/** What is particular to a class of htb. It needs `rate`. */
export interface HtbClassOptions extends RateOptions, TcKept {
  /** The rate that it always has, in bytes a second. */
  readonly rate?: number | undefined;
  /** The rate that it has at most, if others leave it some, in bytes a second. @default {rate} */
  readonly ceil?: number | undefined;
  /** How many bytes may leave at once at `rate`. @default {a packet, or what leaves in 274 seconds} */
  readonly burst?: number | undefined;
  /** How many bytes may leave at once at `ceil`. @default {a packet, or what leaves in 274 seconds} */
  readonly cburst?: number | undefined;
  /** Those with a lower number are offered first what is left, 0 to 7. @default {0} */
  readonly prio?: number | undefined;
  /** How many bytes it may send in a turn. @default {its rate, divided by the `r2q` of the qdisc} */
  readonly quantum?: number | undefined;
  /** The largest packet, in bytes; lists do not have it. @default {1600} */
  readonly mtu?: number | undefined;
  /** How far it is above those without classes below them; a request does not need it. */
  readonly level?: number | undefined;
}

const MTU = 1600;
/** How much of a rate leaves between two events of a timer: a billionth, as tc computes with high resolution. */
const TIMER_HZ = 1e9;

const data = attributes({
  // TCA_HTB_PARMS
  parameters: [
    1,
    struct({
      rate: rateSpec,
      ceil: rateSpec,
      buffer: u32,
      cbuffer: u32,
      quantum: u32,
      level: u32,
      prio: u32,
    }),
  ],
  ceilTable: [3, bytes], // TCA_HTB_CTAB
  rateTable: [4, bytes], // TCA_HTB_RTAB
  rate64: [6, long], // TCA_HTB_RATE64
  ceil64: [7, long], // TCA_HTB_CEIL64
  pad: [8, bytes], // TCA_HTB_PAD
});

const codec = messageCodec<HtbClassOptions>({
  write(out, options): void {
    const { rate, mtu = MTU } = options;
    if (rate === undefined) throw new TypeError("Cannot use a class of htb without rate: expected bytes a second");
    const { ceil = rate, burst = atOnce(rate, mtu), cburst = atOnce(ceil, mtu) } = options;
    const own = encodeRate(rate, options, mtu);
    const most = encodeRate(ceil, options, mtu);
    data.write(out, {
      rate64: own.rate64,
      ceil64: most.rate64,
      parameters: {
        rate: own.spec,
        ceil: most.spec,
        buffer: ticksOfBurst(rate, burst, "burst"),
        cbuffer: ticksOfBurst(ceil, cburst, "cburst"),
        quantum: options.quantum ?? 0,
        level: 0,
        prio: options.prio ?? 0,
      },
      rateTable: own.table,
      ceilTable: most.table,
      unknown: options.unknown,
    });
  },
  read(input): HtbClassOptions {
    const { parameters, rate64, ceil64, unknown } = data.read(input);
    if (parameters === undefined) return keptOf(unknown);
    const { rate: own, ceil: most, buffer, cbuffer, quantum, level, prio } = parameters;
    const rate = rate64 ?? own.rate;
    const ceil = ceil64 ?? most.rate;
    return {
      rate,
      ceil,
      burst: bytesOf(rate, buffer),
      cburst: bytesOf(ceil, cbuffer),
      prio,
      quantum,
      level,
      ...rateOptionsOf(own),
      ...keptOf(unknown),
    };
  },
});

/** A packet, or what a slow rate gives in the time that the kernel keeps of it. */
function atOnce(rate: number, mtu: number): number {
  return Math.min(Math.trunc(rate / TIMER_HZ) + mtu, mostBurst(rate));
}

/** {@linkcode HtbClassOptions} */
export const htbClass: TcKind<"htb", HtbClassOptions> = {
  kind: "htb",
  about: "a share of the rate of an htb",
  kernel: { option: "CONFIG_NET_SCH_HTB", module: "sch_htb" },
  fields: {
    rate: "number",
    ceil: "number",
    burst: "number",
    cburst: "number",
    prio: "number",
    quantum: "number",
    mtu: "number",
    level: "number",
    overhead: "number",
    mpu: "number",
    linklayer: true,
    unknown: "list",
  },
  encode: codec.encode,
  decode: codec.decode,
};
