/** What was measured, and how that compares with C. */
import { ratios, type Spread, spread } from "./statistics.ts";
import type { WorkName } from "./works.ts";

/** The contender that all others are compared with. */
export const MEASURE = "C";

/** What the rounds of a work took: the microseconds of each, by contender. */
export type Took = Readonly<Record<string, readonly number[]>>;

/** What one run found of one work. */
export interface Result {
  readonly took: Took;
  /** The day, as 2026-01-31. */
  readonly date: string;
}

/** What is known of one machine. */
export interface Results {
  readonly machine: string;
  readonly works: { [work in WorkName]?: Result };
}

/** How a contender compares with C. */
export const comparison = (took: Took, name: string): Spread => spread(ratios(took[name] ?? [], took[MEASURE] ?? []));
