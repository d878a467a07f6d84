/** Measurements as Markdown, and what of the targets is missed. */
import { comparison, MEASURE, type Results, type Took } from "./comparison.ts";
import { type Spread, spread } from "./statistics.ts";
import { type Work, WORKS } from "./works.ts";

/** Those that have a target. */
export const OURS: readonly string[] = ["netns in Deno", "netns in Node"];

/** A table, cells as wide as they need to be. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, head.map((_, column) => column === 0 ? "---" : "---:"), ...rows];
  return lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

/** The works side by side: microseconds of C, of all others the ratio to it, median and quartiles. */
export function sideBySide({ works }: Results): string {
  const names = contendersOf(works);
  const rows = WORKS.flatMap((work) => {
    const took = works[work.name];
    if (took === undefined) return [];
    const cells = names.map((name) => took[name] === undefined ? "" : cell(work, name, comparison(took, name)));
    return [[work.title, micros(spread(took[MEASURE] ?? []).median), String(work.target ?? ""), ...cells]];
  });
  return table(["", "C, µs", "target", ...names], rows);
}

/** The contenders besides C of which there is a figure, in the order in which they were measured. */
export function contendersOf(works: Results["works"]): string[] {
  const names = Object.values(works).flatMap((took) => Object.keys(took));
  const order = [...OURS, ...names.filter((name) => name !== MEASURE && !OURS.includes(name)).sort()];
  return [...new Set(order)].filter((name) => names.includes(name));
}

/** Each target that a median misses, in words. */
export function missed({ works }: Results): string[] {
  return WORKS.flatMap((work) => {
    const took: Took = works[work.name] ?? {};
    return OURS.filter((name) => isMissed(work, name, comparison(took, name)))
      .map((name) => `${work.title}, ${name}: ${ratio(comparison(took, name).median)}, the target is ${work.target}`);
  });
}

/** Shown with two places, a figure counts with two. */
const isMissed = ({ target = Infinity }: Work, name: string, { median }: Spread): boolean =>
  OURS.includes(name) && Math.round(median * 100) > target * 100;

function cell(work: Work, name: string, of: Spread): string {
  const text = `${ratio(of.median)} (${ratio(of.low)}–${ratio(of.high)})`;
  return isMissed(work, name, of) ? `${text} ✗` : text;
}

/** A ratio, with as many places as say something. */
export const ratio = (value: number): string => value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0);

/** Microseconds, with as many places as say something. */
export const micros = (value: number): string => value.toFixed(value < 100 ? 1 : 0);
