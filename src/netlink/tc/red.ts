/** Random early detection: the logarithms that the kernel computes with. See tc-red(8), linux/pkt_sched.h. */
import type { FieldRules } from "../../argument_fields.ts";
import { ticksOf } from "./rate.ts";
import { fewestDigits, shareOf } from "./time.ts";

/** What random early detection does with a packet. */
export interface RedFlags {
  /** Packets are marked instead of dropped, where they can be (ECN). @default {false} */
  readonly ecn?: boolean | undefined;
  /** Above `max` packets are dropped even if they could be marked. @default {false} */
  readonly harddrop?: boolean | undefined;
  /** The probability follows the load. @default {false} */
  readonly adaptive?: boolean | undefined;
  /** Packets that cannot be marked are not dropped. @default {false} */
  readonly nodrop?: boolean | undefined;
}

/** TC_RED_… */
const BITS: Readonly<Record<keyof RedFlags, number>> = { ecn: 1, harddrop: 2, adaptive: 4, nodrop: 8 };

/** The fields of {@linkcode RedFlags}. */
export const RED_FLAGS: FieldRules<RedFlags> = {
  ecn: "boolean",
  harddrop: "boolean",
  adaptive: "boolean",
  nodrop: "boolean",
};

/** The bits of the flags. */
export function redFlags({ ecn = false, harddrop = false, adaptive = false, nodrop = false }: RedFlags): number {
  return Number(ecn) * BITS.ecn + Number(harddrop) * BITS.harddrop + Number(adaptive) * BITS.adaptive +
    Number(nodrop) * BITS.nodrop;
}

/** The flags of the bits. */
export function redFlagsOf(flags: number): Required<RedFlags> {
  return {
    ecn: (flags & BITS.ecn) !== 0,
    harddrop: (flags & BITS.harddrop) !== 0,
    adaptive: (flags & BITS.adaptive) !== 0,
    nodrop: (flags & BITS.nodrop) !== 0,
  };
}

/** What the logarithms follow from. */
interface RedCurve {
  readonly min: number;
  readonly max: number;
  /** The size of an average packet, in bytes. */
  readonly avpkt: number;
  /** The highest probability, in percent. */
  readonly probability: number;
  /** How many packets may come at once. */
  readonly burst?: number | undefined;
  readonly ewma?: number | undefined;
  readonly plog?: number | undefined;
}

/** The logarithms of how slowly the average follows, and of the probability: tc_red_eval_ewma, tc_red_eval_P. */
export function redShape(curve: RedCurve): { readonly ewma: number; readonly plog: number } {
  return { ewma: curve.ewma ?? ewmaOf(curve), plog: curve.plog ?? plogOf(curve) };
}

function ewmaOf({ min, max, avpkt, burst }: RedCurve): number {
  const most = burst ?? Math.trunc((2 * min + max) / (3 * avpkt));
  const least = most + 1 - min / avpkt;
  for (let ewma = 1, weight = 0.5; least >= 1 && ewma < 32; ewma++, weight /= 2) {
    if (least <= (1 - Math.pow(1 - weight, most)) / weight) return ewma;
  }
  throw new RangeError(
    `Cannot use ${most} as burst: no average of ${avpkt} bytes a packet fits it and a min of ${min} bytes`,
  );
}

function plogOf({ min, max, probability }: RedCurve): number {
  if (max <= min) throw new RangeError(`Cannot use ${max} as max: expected more than min, ${min}`);
  let share = probability / 100 / (max - min);
  for (let plog = 0; plog < 32; plog++, share *= 2) if (share > 1) return plog;
  throw new RangeError(`Cannot use ${probability} as probability: expected more, or max nearer to min`);
}

/** The table of how an idle queue is forgotten: tc_red_eval_idle_damping. */
export interface RedDamping {
  readonly scellLog: number;
  readonly table: Uint8Array<ArrayBuffer>;
}

const TABLE = 256;
const LARGEST = 31;

/** That table, for the size of an average packet in bytes and the rate of the link in bytes a second. */
export function redDamping(ewma: number, avpkt: number, rate: number, scellLog?: number): RedDamping {
  const decay = -Math.log(1 - 1 / (1 << ewma)) / ticksOf(rate, avpkt);
  const longest = LARGEST / decay;
  let log = scellLog ?? 0;
  if (scellLog === undefined) { while (log < 32 && longest / 2 ** log >= 512) log++; }
  const table = new Uint8Array(TABLE).fill(LARGEST);
  table[0] = 0;
  for (let i = 1; i < TABLE - 1; i++) table[i] = Math.min(LARGEST, i * 2 ** log * decay);
  return { scellLog: log, table };
}

/** The highest probability as a part of 32 bits, as tc computes it. */
export function maxShareOf(percent: number): number {
  return Math.min(Math.trunc(percent / 100 * 2 ** 32), shareOf(100, "probability"));
}

/** The percentage of that part, with as few digits as give it again. */
export function maxPercentOf(part: number): number {
  return fewestDigits(part / 2 ** 32 * 100, (percent) => maxShareOf(percent) === part);
}
