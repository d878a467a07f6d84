/** How the kernel reads a burst of tbf: as a time, or as bytes. See psched_ratecfg_precompute() and tbf_change(). */
import { TC_LINK_LAYERS } from "../constants/tc.ts";
import type { WireRate } from "./rate.ts";
import { TICK_NS } from "./time.ts";

const NS_PER_S = 1_000_000_000n;
const TICK = BigInt(TICK_NS);
/** The kernel reads at most so much time out of a request to find how large a packet may be. */
const MOST_NS = 0xffffffffn;
/** Lists have the ticks of a burst in so many; more are cut off. */
const TICKS_LISTED = 2n ** 32n;
/** How often ticks may have been cut off: at 1 byte a second, 4096 times are a burst of a million bytes. */
const MOST_CUTS = 4096n;
const MOST_BYTES = 0xffffffffn;
const CELL = 53n;
const CELL_PAYLOAD = 48n;

/** What the kernel computes with. */
interface Scale {
  readonly rate: bigint;
  /** Nanoseconds of a byte are `multiplier >> shift`. */
  readonly multiplier: bigint;
  readonly shift: bigint;
  readonly overhead: bigint;
  readonly mpu: bigint;
  readonly isAtm: boolean;
}

/** The kernel's approximation of the time that a byte takes. */
function scaleOf(bytesPerSecond: number, { overhead, mpu, linkLayer }: WireRate): Scale {
  const rate = BigInt(bytesPerSecond);
  let multiplier = 1n;
  let shift = 0n;
  for (let factor = NS_PER_S; rate > 0n; factor <<= 1n, shift++) {
    multiplier = (factor / rate) & 0xffffffffn;
    if ((multiplier & (1n << 31n)) !== 0n || (factor & (1n << 63n)) !== 0n) break;
  }
  const isAtm = linkLayer === TC_LINK_LAYERS.atm;
  return { rate, multiplier, shift, overhead: BigInt(overhead), mpu: BigInt(mpu), isAtm };
}

/** The ticks that the kernel computes for a burst in bytes: psched_l2t_ns(). */
function ticksOfBurst({ multiplier, shift, overhead, mpu, isAtm }: Scale, burst: bigint): bigint {
  let length = burst + overhead;
  if (length < mpu) length = mpu;
  if (isAtm) length = (length + CELL_PAYLOAD - 1n) / CELL_PAYLOAD * CELL;
  return (length * multiplier >> shift) / TICK;
}

/** The largest burst in bytes for which the kernel computes these ticks, if there is one. */
function burstOfTicks(scale: Scale, ticks: bigint): bigint | undefined {
  const { multiplier, shift, overhead, isAtm } = scale;
  let length = (((ticks + 1n) * TICK << shift) - 1n) / multiplier;
  if (isAtm) length = length / CELL * CELL_PAYLOAD;
  const burst = length - overhead;
  const isOne = burst >= 1n && burst <= MOST_BYTES && ticksOfBurst(scale, burst) === ticks;
  return isOne ? burst : undefined;
}

/** The largest packet that the kernel reads out of the ticks of a burst: psched_ns_t2l(). */
function packetOfTicks({ rate, overhead, isAtm }: Scale, ticks: bigint): bigint {
  const time = ticks * TICK;
  let length = (time < MOST_NS ? time : MOST_NS) * rate / NS_PER_S;
  if (isAtm) length = length / CELL * CELL_PAYLOAD;
  return length - overhead;
}

/**
 * TCA_TBF_BURST and TCA_TBF_PBURST: a burst in bytes, where the kernel does not read it out of its ticks. It reads no
 * more than 4.3 seconds, and refuses less than a byte, though it lists both: ticks are rounded and cut to 32 bits.
 *
 * @returns A burst that is listed with these ticks; `undefined` if the ticks say it, or if there is none.
 */
export function burstInBytes(bytesPerSecond: number, spec: WireRate, ticks: number): number | undefined {
  if (!Number.isSafeInteger(bytesPerSecond) || !Number.isSafeInteger(ticks)) return undefined; // refused elsewhere
  const scale = scaleOf(bytesPerSecond, spec);
  const listed = BigInt(ticks);
  if (listed * TICK <= MOST_NS && packetOfTicks(scale, listed) > 0n) return undefined;
  for (let cuts = 0n; cuts < MOST_CUTS; cuts++) {
    const burst = burstOfTicks(scale, listed + cuts * TICKS_LISTED);
    if (burst !== undefined) return Number(burst);
  }
  return undefined;
}
