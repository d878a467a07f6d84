/** How long to wait before the next attempt. */

/** The first wait, in milliseconds. */
const FIRST = 100;
/** The longest wait, in milliseconds. */
const LONGEST = 5000;

/**
 * The wait after `failures` attempts in a row that failed, in milliseconds: twice as long each time up to five
 * seconds, and by chance up to half of that shorter, so that the many that lost one daemon do not all return at once.
 *
 * @param failures From 1.
 * @param chance From 0 to 1.
 */
export function backoff(failures: number, chance: number = Math.random()): number {
  return Math.min(LONGEST, FIRST * 2 ** Math.min(failures - 1, 16)) * (1 - chance / 2);
}
