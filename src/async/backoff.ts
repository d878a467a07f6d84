/** How long to wait before the next attempt. */

/** Options of {@linkcode backoff}. */
export interface BackoffOptions {
  /** The first wait, in milliseconds. @default {100} */
  readonly first?: number | undefined;
  /** The longest wait, in milliseconds. @default {5000} */
  readonly longest?: number | undefined;
  /** By how much the wait is shortened, from 0 to 1. @default {Math.random()} */
  readonly chance?: number | undefined;
}

/**
 * The wait after `failures` failed attempts in a row, in milliseconds. It doubles each time up to the longest, and is
 * shortened at random by up to half, so that clients that lost one daemon do not all return at once.
 *
 * @param failures From 1.
 */
export function backoff(failures: number, options: BackoffOptions = {}): number {
  const { first = 100, longest = 5000, chance = Math.random() } = options;
  return Math.min(longest, first * 2 ** Math.min(failures - 1, 16)) * (1 - chance / 2);
}
