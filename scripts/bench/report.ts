/** What was measured, as tables, as claims and as a picture; and what of the targets is missed. */
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { root } from "../bundle.ts";
import { type Call, CALLS, ownOf } from "./calls.ts";
import { MEASURE } from "./contenders.ts";
import { type List, LISTS, TOOL } from "./lists.ts";
import type { At, Endured, Results, Took } from "./results.ts";
import { type Growth, GROWTHS, type Work, WORKS } from "./works.ts";

/** Those that have a target. */
export const OURS: readonly string[] = ["netns in Deno", "netns in Node"];

/** What is measured in a run. */
export type Mode = "works" | "lists" | "calls" | "growth" | "endurance";

/** The middle, and what half of all lie between: the quartiles. */
export type Spread = Readonly<Record<"median" | "low" | "high", number>>;

/** The quartiles; NaN of nothing. Between two values, the part of the way that is missing. */
export function spread(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (part: number): number => {
    const index = (sorted.length - 1) * part;
    const below = sorted[Math.floor(index)] ?? NaN;
    return below + ((sorted[Math.ceil(index)] ?? NaN) - below) * (index % 1);
  };
  return { median: at(0.5), low: at(0.25), high: at(0.75) };
}

/** The ratios of each round: what happened on the machine in a round happened to both. */
export function ratios(values: readonly number[], measure: readonly number[]): number[] {
  return values.flatMap((value, round) => measure[round] === undefined ? [] : value / measure[round]);
}

/** How a contender compares with another, which is C if nothing else is said. */
export const comparison = (took: Took, name: string, beside: string = MEASURE): Spread =>
  spread(ratios(took[name] ?? [], took[beside] ?? []));

// With as many places as say something.
const ratio = (value: number): string => value.toFixed(value < 0.01 ? 4 : value < 10 ? 2 : value < 100 ? 1 : 0);
const micros = (value: number): string => value.toFixed(value < 100 ? 1 : 0);

/** A table of Markdown; none without rows. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, head.map((_, column) => column === 0 ? "---" : "---:"), ...rows];
  return rows.length === 0 ? "" : lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

/** What was measured, as it is shown. */
export function tablesOf(results: Results, mode: Mode): string[] {
  if (mode === "endurance") return [enduranceTable(results)];
  if (mode === "lists") return [listsTable(results)];
  if (mode === "calls") return [callsTable(results)];
  if (mode === "works") return [results.machine, sideBySide(results), containersTable(results)];
  return GROWTHS.map((growth) => growthTable(growth, results)).filter((text) => text !== "");
}

/** A work, a list or a call of which there are figures. */
interface Compared<T> {
  readonly one: T;
  readonly took: Took;
  /** As a ratio to what a contender is compared with: what it took, and the most that it may take. */
  readonly of: (name: string) => Spread & { readonly target: number | undefined };
}

/** Those of which there are figures: `beside` is what a contender is compared with. */
function compared<T extends Pick<Work | List | Call, "name">>(
  all: readonly T[],
  figures: Readonly<Record<string, Took | undefined>>,
  beside: (name: string) => string,
  target: (one: T, name: string) => number | undefined,
): Compared<T>[] {
  return all.flatMap((one) => {
    const took = figures[one.name];
    if (took === undefined) return [];
    return { one, took, of: (name) => ({ ...comparison(took, name, beside(name)), target: target(one, name) }) };
  });
}

const worksOf = ({ works }: Results): Compared<Work>[] => compared(WORKS, works, () => MEASURE, ({ target }) => target);
const listsOf = ({ lists }: Results): Compared<List>[] => compared(LISTS, lists, () => TOOL, ({ target }) => target);
const callsOf = ({ calls }: Results): Compared<Call>[] =>
  compared(CALLS, calls, ownOf, ({ target }, name) => target[name]);

/** True where ours takes longer than it may. Shown with two places, a figure counts with two. */
const isMissed = (name: string, median: number, target: number = Infinity): boolean =>
  OURS.includes(name) && median >= target + 0.005;

/** The median and the quartiles, marked where the target is missed; nothing of who did not do it. */
function cell({ took, of }: Compared<unknown>, name: string): string {
  const { median, low, high, target } = of(name);
  const mark = isMissed(name, median, target) ? " ✗" : "";
  return took[name] === undefined ? "" : `${ratio(median)} (${ratio(low)}–${ratio(high)})${mark}`;
}

const medianOf = ({ took }: Compared<unknown>, name: string): number => spread(took[name] ?? []).median;

/** The contenders of which there is a figure, without `measure`: ours first. */
function contendersOf(all: readonly Compared<unknown>[], measure: string): string[] {
  const names = new Set(all.flatMap(({ took }) => Object.keys(took)));
  const others = [...names].filter((name) => name !== measure && !OURS.includes(name)).sort();
  return [...OURS.filter((name) => names.has(name)), ...others];
}

/** The works side by side: microseconds of C, of all others the ratio to it, median and quartiles. */
export function sideBySide(results: Results): string {
  const works = worksOf(results);
  const names = contendersOf(works, MEASURE);
  const rows = works.map((work) => {
    const { one: { title, target = "" } } = work;
    return [title, micros(medianOf(work, MEASURE)), `${target}`, ...names.map((name) => cell(work, name))];
  });
  return table(["", "C, µs", "target", ...names], rows);
}

/** Lists beside the tool that prints them: milliseconds of the tool, of ours the ratio to it. */
function listsTable(results: Results): string {
  const lists = listsOf(results);
  const names = contendersOf(lists, TOOL);
  const rows = lists.map((list) => {
    const { one: { title, tool, target } } = list;
    const milliseconds = (medianOf(list, TOOL) / 1000).toFixed(1);
    return [title, `\`${tool.join(" ")}\``, milliseconds, `${target}`, ...names.map((name) => cell(list, name))];
  });
  return table(["", "tool, and its text read", "ms", "target", ...names], rows);
}

/** Calls beside what the runtime has for them: microseconds of that, and of ours the ratio to it. */
function callsTable(results: Results): string {
  const rows = callsOf(results).map((call) => [
    call.one.title,
    ...OURS.flatMap((name) => [micros(medianOf(call, ownOf(name))), `${call.of(name).target ?? ""}`, cell(call, name)]),
  ]);
  return table(["", ...OURS.flatMap((name) => ["own, µs", "target", name])], rows);
}

/** Each target that a median misses, in words. */
function missedOf(all: readonly Compared<Work | List | Call>[]): string[] {
  return all.flatMap(({ one, of }) => OURS.map((name) => ({ one, name, ...of(name) })))
    .filter(({ name, median, target }) => isMissed(name, median, target))
    .map(({ one, name, median, target }) => `${one.title}, ${name}: ${ratio(median)}, the target is ${target}`);
}

/** Each target that a work misses, in words. */
export const missed = (results: Results): string[] => missedOf(worksOf(results));

/** What is not as it should be: the targets that are missed, and what grew between the tenth and the end that must not. */
export function faultsOf(results: Results, mode: Mode): string[] {
  if (mode === "works") return missed(results);
  if (mode === "lists") return missedOf(listsOf(results));
  if (mode === "calls") return missedOf(callsOf(results));
  if (mode === "growth") return [];
  return enduredIn(results).flatMap(({ title, uses: [, early, late] }) =>
    (["descriptors", "threads", "mounts"] as const).filter((key) => early && late && late[key] > early[key])
      .map((key) => `${title}: ${early?.[key]} ${key} became ${late?.[key]}`)
  );
}

const eachIn = (at: At, size: number): number[] => (at[size] ?? []).map(({ each }) => each);
/** The microseconds of each at a size. */
const eachAt = (at: At, size: number): string => micros(spread(eachIn(at, size)).median);
/** The ratio of each at two sizes, in the middle of the rounds. */
const growthOf = (at: At, from: number, to: number): string =>
  ratio(spread(ratios(eachIn(at, to), eachIn(at, from))).median);
/** By how many MiB the process grew at a size, if it said so and did. */
const grownAt = (at: At, size: number): number => spread((at[size] ?? []).flatMap(({ grown }) => grown ?? [])).median;

/** Microseconds of each and, in brackets, the ratio to the first size; at the end what the process grew by. */
function growthTable({ name, title }: Growth, { growth }: Results): string {
  const rows = growth[name] ?? [];
  const sizes = Object.keys(rows[0]?.at ?? {}).map(Number);
  const lines = rows.map(({ work, contender, at }) => [
    `${work}, ${contender}`,
    ...sizes.map((size) => `${eachAt(at, size)} (${growthOf(at, sizes[0] ?? NaN, size)})`),
    name === "wired" ? sizes.map((size) => grownAt(at, size)).filter((mib) => mib >= 0).map(Math.round).join(", ") : "",
  ]);
  return table([`µs each, with … ${title}`, ...sizes.map(String), "MiB grown"], lines);
}

/** How each work grows between the sizes about which something is claimed, and what it takes at the last. */
function growthClaims({ growth }: Results): string {
  const names = [...OURS, MEASURE];
  const rows = GROWTHS.flatMap(({ name, title, sizes, from, works }) => {
    const [to = from] = sizes.slice(-1);
    const measured = works.filter((one) => growth[name]?.some(({ work }) => work === one.name));
    return measured.map((one) => [
      `${one.name}, ${to.toLocaleString("en")} ${title} beside ${from}`,
      ...names.map((name_) => {
        const at = growth[name]?.find(({ work, contender }) => work === one.name && contender === name_)?.at ?? {};
        const memory = name === "wired" && grownAt(at, to) > 1 ? `, ${grownAt(at, to).toFixed(0)} MiB` : "";
        return at[to] === undefined ? "" : `${growthOf(at, from, to)} (${eachAt(at, to)} µs${memory})`;
      }),
    ]);
  });
  return table(["how it grows, as a ratio (each)", ...names], rows);
}

const enduredIn = ({ endurance }: Results): readonly Endured[] => Object.values(endurance).flat();

/** What a process used after a hundredth, a tenth and all of what it does again and again. */
function enduranceTable(results: Results): string {
  const keys = ["descriptors", "threads", "mounts", "heap", "rss"] as const;
  const rows = enduredIn(results).map(({ title, uses }) => [
    title,
    ...keys.map((key) => uses.map((use) => use[key].toFixed(key === "heap" ? 1 : 0)).join(", ")),
  ]);
  return table(["after 1 %, 10 %, all", "descriptors", "threads", "mounts", "heap, MiB", "RSS, MiB"], rows);
}

/** The agent with real containers. */
function containersTable({ containers }: Results): string {
  const at = (ascending: readonly number[], share: number): string =>
    `${ascending[Math.min(Math.floor(ascending.length * share), ascending.length - 1)]?.toFixed(1)} ms`;
  const head = [
    "`netns agent` in",
    "start to address, median (90 %)",
    "50 at once, after the last start, median (longest)",
  ];
  const rows = containers.map(({ form, startToAddress: one, fiftyAtOnce: fifty, idle, memory, exit }) => [
    ...[form, `${at(one, 0.5)} (${at(one, 0.9)})`, `${at(fifty, 0.5)} (${at(fifty, 1)})`],
    ...[`${(idle * 100).toFixed(2)} %`, `${memory.toFixed(0)} MiB`, `${exit.toFixed(0)} ms`],
  ]);
  return table([...head, "idle, of one CPU", "memory with 50", "end after SIGTERM"], rows);
}

const PAGE = "scripts/bench/README.md";
const PICTURE = "scripts/pictures/bench.svg";
/** This program writes what stands between. */
const SECTION = /(?<=<!-- bench -->\n)[^]*(?=\n<!-- \/bench -->)/;

/** Writes the picture and the tables of the page: all figures there come from here. */
export function writePage(results: Results): void {
  writeFileSync(join(root, PICTURE), chart(results));
  const picture = `![Time of each work as a ratio to C](${relative(dirname(PAGE), PICTURE)})`;
  const tables = [sideBySide, listsTable, callsTable, containersTable, growthClaims, enduranceTable].map((of) =>
    of(results)
  );
  const parts = [picture, ...tables, `${results.machine}; ${results.date}.`].filter((part) => part !== "");
  const page = readFileSync(join(root, PAGE), "utf8");
  if (!SECTION.test(page)) throw new Error(`${PAGE} has no lines <!-- bench --> and <!-- /bench -->`);
  writeFileSync(join(root, PAGE), page.replace(SECTION, () => parts.join("\n\n")));
}

const WIDTH = 760, LEFT = 132, RIGHT = 704, ROW = 17, HEAD = 26, GAP = 10, MARGIN = 12;

/** Colours that can be read on white and on black; what looks better on black is below. */
const STYLE = `
  text { font: 12px system-ui, sans-serif; fill: #24292f }
  .title { font-weight: 600 } .note, .tick { fill: #59636e; font-size: 11px }
  .ours { fill: #0969da } .other { fill: #9aa4af } .line { stroke: #24292f } .grid { stroke: #d1d9e0 }
  .target { stroke: #cf222e; stroke-width: 2 }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc } .note, .tick { fill: #9198a1 }
    .ours { fill: #4493f8 } .other { fill: #656c76 } .line { stroke: #f0f6fc } .grid { stroke: #3d444d }
    .target { stroke: #f85149 }
  }`;

/** The works as an SVG, light or dark as the page is: bars to the left of the line are faster than C, to the right slower. */
export function chart(results: Results): string {
  const works = worksOf(results);
  const groups = works.map(({ one, took, of }) => {
    const names = contendersOf(works, MEASURE).filter((name) => took[name] !== undefined);
    return { work: one, bars: names.map((name) => ({ name, median: of(name).median })) };
  });
  // The axis is logarithmic, so that half and double are equally long.
  const medians = groups.flatMap(({ bars }) => bars.map(({ median }) => median));
  const [from, to] = [Math.log2(Math.min(0.25, ...medians)), Math.log2(Math.max(4, ...medians))];
  const x = (value: number): number => round(LEFT + (Math.log2(value) - from) / (to - from) * (RIGHT - LEFT));
  const parts: string[] = [];
  let y = MARGIN + ROW;
  for (const { work: { title, target }, bars } of groups) {
    y += HEAD;
    parts.push(text(MARGIN, y - 8, title, "title"));
    for (const [i, { name, median }] of bars.entries()) {
      const [top, start, end] = [y + i * ROW, Math.min(x(1), x(median)), Math.max(x(1), x(median))];
      const box = `x="${start}" y="${top + 3}" width="${round(end - start)}" height="${ROW - 5}"`;
      parts.push(text(MARGIN, top + 13, name), `<rect class="${OURS.includes(name) ? "ours" : "other"}" ${box}/>`);
      parts.push(text(end + 5, top + 13, ratio(median), "tick"));
    }
    if (target !== undefined) parts.push(line(x(target), y, y + bars.length * ROW, "target"));
    y += bars.length * ROW + GAP;
  }
  const powers = Array.from({ length: Math.floor(to) - Math.ceil(from) + 1 }, (_, i) => 2 ** (Math.ceil(from) + i));
  const ticks = powers.flatMap((value) => [
    line(x(value), MARGIN + ROW, y, value === 1 ? "line" : "grid"),
    text(x(value) - 8, MARGIN + 8, value === 1 ? "C" : `${value} ×`, "tick"),
  ]);
  const note = "Time as a ratio to C in the same run, median; to the left of it is faster. Red: the target of netns.";
  const size = `viewBox="0 0 ${WIDTH} ${y + 24}" role="img" aria-label="netns beside other tools"`;
  const body = [`<style>${STYLE}\n</style>`, ...ticks, ...parts, text(MARGIN, y + 14, note, "note")];
  return [`<svg xmlns="http://www.w3.org/2000/svg" ${size}>`, ...body, "</svg>", ""].join("\n");
}

const round = (value: number): number => Math.round(value * 10) / 10;
const line = (x: number, top: number, bottom: number, kind: string): string =>
  `<line class="${kind}" x1="${x}" x2="${x}" y1="${top}" y2="${bottom}"/>`;
const text = (x: number, y: number, words: string, kind = "name"): string =>
  `<text class="${kind}" x="${round(x)}" y="${round(y)}">${
    words.replaceAll("&", "&amp;").replaceAll("<", "&lt;")
  }</text>`;
