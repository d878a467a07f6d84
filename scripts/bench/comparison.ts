/** What was measured, and how that compares with C. */
import type { ContainerFigures } from "./containers.ts";
import type { Endured } from "./endurance.ts";
import type { GrowthRow } from "./growth.ts";
import { ratios, type Spread, spread } from "./statistics.ts";
import type { WorkName } from "./works.ts";

/** The contender that all others are compared with. */
export const MEASURE = "C";

/** What the rounds of a work took: the microseconds of each, by contender. */
export type Took = Readonly<Record<string, readonly number[]>>;

/** What is known of one machine. */
export interface Results {
  readonly machine: string;
  /** The day of the newest measurement, as 2026-01-31. */
  date: string;
  readonly works: { [work in WorkName]?: Took };
  /** By the name of what there is more and more of. */
  readonly growth: { [growth: string]: readonly GrowthRow[] };
  /** By the name of what is done again and again. */
  readonly endurance: { [work: string]: readonly Endured[] };
  containers: readonly ContainerFigures[];
}

/** Nothing is known of a machine. */
export const noResults = (machine: string): Results => ({
  machine,
  date: "",
  works: {},
  growth: {},
  endurance: {},
  containers: [],
});

/** How a contender compares with C. */
export const comparison = (took: Took, name: string): Spread => spread(ratios(took[name] ?? [], took[MEASURE] ?? []));
