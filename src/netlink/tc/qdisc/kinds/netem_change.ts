/** Changes of a netem: the kernel leaves what a change does not name, and does not take all of it. (`netem_change`) */
import { defined } from "../../../../collections.ts";
import type { Distribution } from "../../distribution.ts";
import type { NetemOptions } from "./netem.ts";

/** What a netem does not do. */
const NOTHING: NetemOptions = {
  ...{ delayCorrelation: 0, lossCorrelation: 0, duplicateCorrelation: 0 },
  ...{ reorder: 0, reorderCorrelation: 0, corrupt: 0, corruptCorrelation: 0, ecn: false },
  ...{ rate: 0, packetOverhead: 0, cellSize: 0, cellOverhead: 0 },
};

/** The options with which a netem that is there does what `options` say, and nothing else. */
export const wholeNetem = (options: NetemOptions): NetemOptions => ({ ...NOTHING, ...defined(options) });

const hasTable = (distribution: Distribution = "uniform"): boolean => distribution !== "uniform";

/**
 * True if the kernel can change a netem so that it does what `wanted` says and nothing else: it takes neither slots from one
 * nor the table of a distribution.
 *
 * @param known The distribution of `present`, if that is known: the kernel does not list it.
 */
export function isNetemChangeable(present: NetemOptions, wanted: NetemOptions, known?: Distribution): boolean {
  if (present.slot !== undefined) return false;
  return hasTable(wanted.distribution) || !present.jitter || known !== undefined && !hasTable(known);
}
