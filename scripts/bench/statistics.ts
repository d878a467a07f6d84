/** What many rounds come to. */

/** The middle, and what half of all lie between. */
export interface Spread {
  readonly median: number;
  /** The first quartile. */
  readonly low: number;
  /** The third quartile. */
  readonly high: number;
}

/** The quartiles; NaN of nothing. Between two values, the part of the way that is missing. */
export function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (part: number): number => {
    const place = (sorted.length - 1) * part;
    const below = sorted[Math.floor(place)] ?? NaN;
    return below + ((sorted[Math.ceil(place)] ?? NaN) - below) * (place % 1);
  };
  return { median: at(0.5), low: at(0.25), high: at(0.75) };
}

/** The ratios of each round: what happened on the machine in a round happened to both. */
export function ratios(values: readonly number[], measure: readonly number[]): number[] {
  return values.flatMap((value, round) => measure[round] === undefined ? [] : value / measure[round]);
}
