/** How netem's delays are distributed: the tables of iproute2, computed as its programs do. See tc-netem(8). */
import { shown } from "../../errors.ts";

/**
 * A distribution: of a name that `tc` knows; `uniform` needs no table; or a table, of 16384 values at most: deviations from
 * the mean, 8192 being the jitter.
 */
export type Distribution = "uniform" | "normal" | "pareto" | "paretonormal" | readonly number[];

/** Deviations are multiples of the jitter by this: NETEM_DIST_SCALE. */
const SCALE = 8192;
/** NETEM_DIST_MAX */
const LONGEST = 16_384;
const [LOWEST, HIGHEST] = [-0x8000, 0x7fff];
/** How many values a table has. */
const VALUES = 4096;

const NAMED: Readonly<Record<Exclude<Distribution, "uniform" | readonly number[]>, () => readonly number[]>> = {
  normal,
  pareto,
  paretonormal: () => {
    const deviations = normal();
    return pareto().map((value, i) => Math.trunc((deviations[i] ?? 0) / 4 + value * 3 / 4));
  },
};

const made: Map<string, Uint8Array<ArrayBuffer>> = new Map();

/**
 * The table of a distribution: 16 bits, signed, for each value.
 *
 * @throws {TypeError} It is none.
 */
export function distributionTable(distribution: Distribution): Uint8Array<ArrayBuffer> | undefined {
  if (distribution === "uniform") return undefined;
  if (typeof distribution !== "string") return encode(distribution);
  const known = made.get(distribution);
  if (known !== undefined) return known;
  if (!Object.hasOwn(NAMED, distribution)) {
    throw new TypeError(
      `Cannot use ${shown(distribution)} as distribution: expected uniform, ${
        Object.keys(NAMED).join(", ")
      } or a table`,
    );
  }
  const table = encode(NAMED[distribution]());
  made.set(distribution, table);
  return table;
}

function encode(values: readonly number[]): Uint8Array<ArrayBuffer> {
  if (!Array.isArray(values) || values.length === 0 || values.length > LONGEST) {
    throw new TypeError(`Cannot use ${shown(values)} as distribution: expected 1 to ${LONGEST} numbers`);
  }
  const table = new Uint8Array(2 * values.length);
  const view = new DataView(table.buffer);
  for (const [i, value] of values.entries()) {
    view.setInt16(2 * i, Math.min(HIGHEST, Math.max(LOWEST, value)), true);
  }
  return table;
}

/** The quantiles of the normal distribution. */
function normal(): number[] {
  // As iproute2 does: of the steps from -10 on, the last before each bound, which is half a step below it on average.
  const step = 5e-5;
  return Array.from({ length: VALUES }, (_, i) => {
    const bound = quantile((4 * i + 0.5) / (4 * VALUES));
    return Math.round((Math.floor((bound + 10) / step) * step - 10) * SCALE);
  });
}

/** The quantiles of a Pareto distribution with the exponent 3, of mean 0. */
function pareto(): number[] {
  return Array.from({ length: VALUES }, (_, i) => {
    const value = (Math.pow(1 - i / VALUES, -1 / 3) - 1.5) * 4 / 3;
    return Math.min(HIGHEST, Math.round(value * SCALE));
  });
}

/** The value below which a normal deviate is with the chance `p`: by bisection of {@linkcode below}. */
function quantile(p: number): number {
  let [low, high] = [-10, 10];
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (below(middle) < p) low = middle;
    else high = middle;
  }
  return high;
}

/** The chance that a normal deviate is below `x`: the series of the error function, exact to 15 digits. */
function below(x: number): number {
  if (x < 0) return 1 - below(-x);
  if (x > 8) return 1;
  let term = x;
  let sum = x;
  for (let n = 1; term > 1e-18 * sum && n < 200; n++) {
    term *= x * x / (2 * n + 1);
    sum += term;
  }
  return 0.5 + sum * Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);
}
