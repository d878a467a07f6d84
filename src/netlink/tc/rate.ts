/** Rates and the time that packets take at them: struct tc_ratespec and its tables. See tc(8), linux/pkt_sched.h. */
import { TC_LINK_LAYERS, type TcLinkLayer } from "../constants/tc.ts";
import type { FixedCodec } from "../wire/codec.ts";
import { struct } from "../wire/struct.ts";
import { nameOf, numberOf } from "../wire/named_numbers.ts";
import { checkedU16, s16, u16, u32, u8 } from "../wire/numbers.ts";
import { TICK_NS } from "./time.ts";

/** What counts of a packet beside its bytes. */
export interface RateOptions {
  /** Bytes that count for each packet beside its own. @default {0} */
  readonly overhead?: number | undefined;
  /** The least that a packet counts as, in bytes. @default {0} */
  readonly mpu?: number | undefined;
  /** What is below IP: ATM has cells, of which a packet needs whole ones. @default {"ethernet"} */
  readonly linklayer?: TcLinkLayer | number | undefined;
}

/** struct tc_ratespec */
export interface WireRate {
  /** The logarithm of how many bytes share an entry of the table. */
  readonly cellLog: number;
  readonly linkLayer: number;
  readonly overhead: number;
  readonly cellAlign: number;
  readonly mpu: number;
  /** Bytes a second; the highest number stands for a rate that has an attribute of its own. */
  readonly rate: number;
}

/** The codec of struct tc_ratespec. */
export const rateSpec: FixedCodec<WireRate> = struct({
  cellLog: u8,
  linkLayer: u8,
  overhead: u16,
  cellAlign: s16,
  mpu: u16,
  rate: u32,
});

/** No rate. */
export const NO_RATE: WireRate = { cellLog: 0, linkLayer: 0, overhead: 0, cellAlign: 0, mpu: 0, rate: 0 };

/** The most that struct tc_ratespec holds. */
const MOST_IN_SPEC = 0xffffffff;
const TABLE_ENTRIES = 256;
/** The largest packet for which a table is made, if none is given: as tc does. */
const TABLE_MTU = 2047;
const NS_PER_S = 1e9;
/** The most ticks that a request holds: 275 seconds. */
export const MOST_TICKS = 0xffffffff;

/** A rate as a request has it. */
export interface EncodedRate {
  /** struct tc_ratespec */
  readonly spec: WireRate;
  /** Which time a packet of a size takes; only old kernels and policers read it. */
  readonly table: Uint8Array<ArrayBuffer>;
  /** The rate, if struct tc_ratespec does not hold it. */
  readonly rate64: number | undefined;
}

/** A rate in bytes a second, as a request has it; `mtu` is the largest packet. */
export function encodeRate(rate: number, options: RateOptions, mtu: number = TABLE_MTU): EncodedRate {
  const { linklayer = "ethernet" } = options;
  const overhead = checkedU16(options.overhead ?? 0, "overhead");
  const mpu = checkedU16(options.mpu ?? 0, "mpu");
  const linkLayer = numberOf(TC_LINK_LAYERS, linklayer, "linklayer");
  let cellLog = 1; // a policer refuses a table with 0
  while ((mtu >> cellLog) >= TABLE_ENTRIES) cellLog++;
  const table = new Uint8Array(TABLE_ENTRIES * u32.size);
  const view = new DataView(table.buffer);
  const within = Math.min(rate, MOST_IN_SPEC);
  for (let i = 0; i < TABLE_ENTRIES; i++) {
    const size = onWire(Math.max((i + 1) << cellLog, mpu), linkLayer);
    view.setUint32(i * u32.size, Math.min(ticksOf(rate, size), MOST_TICKS), true);
  }
  return {
    spec: { cellLog, linkLayer, overhead, cellAlign: -1, mpu, rate: within },
    table,
    rate64: rate > MOST_IN_SPEC ? rate : undefined,
  };
}

/** The options of a rate that was read, without those that say nothing. */
export function rateOptionsOf({ overhead, mpu, linkLayer }: WireRate): RateOptions {
  return { overhead, mpu, linklayer: nameOf(TC_LINK_LAYERS, linkLayer) };
}

/** ATM sends 48 bytes in cells of 53. */
function onWire(size: number, linkLayer: number): number {
  return linkLayer === TC_LINK_LAYERS.atm ? Math.ceil(size / 48) * 53 : size;
}

/** The time that bytes take at a rate, in ticks, rounded up. tc rounds it down to microseconds before. */
export function ticksOf(rate: number, bytes: number): number {
  if (rate === 0) return 0; // as {@linkcode bytesOf}
  const ticks = bytes * (NS_PER_S / TICK_NS) / rate;
  // A fraction of a byte is what was listed of whole ticks.
  return Number.isInteger(bytes) ? Math.ceil(ticks) : Math.round(ticks);
}

/**
 * The ticks of a burst that a request has in 32 bits.
 *
 * @param name What an error calls the burst.
 * @throws {RangeError} It takes longer at this rate than they hold: the kernel would get another one.
 */
export function ticksOfBurst(rate: number, burst: number, name: string): number {
  const ticks = ticksOf(rate, burst);
  if (!(ticks > MOST_TICKS)) return ticks;
  throw new RangeError(
    `Cannot use ${burst} as ${name}: expected at most ${mostBurst(rate)}, which takes 274 seconds at a rate of ${rate}`,
  );
}

/** The largest burst in whole bytes that {@linkcode ticksOfBurst} takes. */
export const mostBurst = (rate: number): number => Math.floor(rate * MOST_TICKS * TICK_NS / NS_PER_S);

/**
 * How many bytes go in some ticks at a rate: those that {@linkcode ticksOf} gives these ticks for. Ticks of a fraction of
 * a byte give that fraction.
 */
export function bytesOf(rate: number, ticks: number): number {
  if (rate === 0) return 0;
  const exact = rate * ticks * TICK_NS / NS_PER_S;
  const whole = Math.floor(exact + 1e-6);
  return ticksOf(rate, whole) === ticks ? whole : exact;
}
