/** The units in which traffic control counts: ticks of the packet scheduler, and shares of a whole. */

import { shown } from "../../errors.ts";

/** The length of a tick, in nanoseconds: 1 << PSCHED_SHIFT, as /proc/net/psched says. */
export const TICK_NS = 64;
/** The highest number of 32 bits, which is the whole. */
const WHOLE = 0xffffffff;
/** More digits than 32 bits need. */
const MOST_DIGITS = 12;

/**
 * Ticks for nanoseconds, at most as many as 32 bits hold: longer times have attributes of their own.
 */
export function ticksOfTime(ns: number): number {
  return Math.min(Math.trunc(ns / TICK_NS), WHOLE);
}

/**
 * The share of 32 bits for a percentage, rounded as tc does: halves to the even number.
 *
 * @param name What an error calls it: `"loss"`.
 * @throws {RangeError} It is not from 0 to 100.
 */
export function shareOf(percent: number, name: string): number {
  if (typeof percent === "number" && percent >= 0 && percent <= 100) return rounded(percent / 100 * WHOLE);
  throw new RangeError(`Cannot use ${shown(percent)} as ${name}: expected a percentage from 0 to 100`);
}

function rounded(value: number): number {
  const below = Math.floor(value);
  return value - below === 0.5 ? below + below % 2 : Math.round(value);
}

/** The percentage of a share, with as few digits as give that share again. */
export function percentOf(share: number): number {
  return fewestDigits(share / WHOLE * 100, (percent) => shareOf(Math.min(percent, 100), "a share") === share);
}

/** The complement of a share. */
export function complementOf(share: number): number {
  return WHOLE - share;
}

/** The number with the fewest digits that is `exact` enough for `isSame`. */
export function fewestDigits(exact: number, isSame: (value: number) => boolean): number {
  for (let digits = 1; digits < MOST_DIGITS; digits++) {
    const value = Number(exact.toPrecision(digits));
    if (isSame(value)) return value;
  }
  return exact;
}
