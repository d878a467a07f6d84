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

/** How a contender compares with C. */
export const comparison = (took: Took, name: string): Spread => spread(ratios(took[name] ?? [], took[MEASURE] ?? []));

// With as many places as say something.
const ratio = (value: number): string => value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0);
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

/** The works side by side: microseconds of C, of all others the ratio to it, median and quartiles. */
export function sideBySide({ works }: Results): string {
  const names = contendersOf(works);
  const rows = WORKS.filter(({ name }) => works[name] !== undefined).map((work) => {
    const took = works[work.name] ?? {};
    const cells = names.map((name) => {
      const { median, low, high } = comparison(took, name);
      const cell = `${ratio(median)} (${ratio(low)}–${ratio(high)})${isMissed(work, name, median) ? " ✗" : ""}`;
      return took[name] === undefined ? "" : cell;
    });
    return [work.title, micros(spread(took[MEASURE] ?? []).median), String(work.target ?? ""), ...cells];
  });
  return table(["", "C, µs", "target", ...names], rows);
}

/** Lists beside the tool that prints them: milliseconds of the tool, of ours the ratio to it. */
export function listsTable({ lists }: Results): string {
  const names = contendersOf(lists).filter((name) => name !== TOOL);
  const rows = LISTS.filter(({ name }) => lists[name] !== undefined).map((list) => {
    const took = lists[list.name] ?? {};
    const cells = names.map((name) => {
      const { median, low, high } = spread(ratios(took[name] ?? [], took[TOOL] ?? []));
      const cell = `${ratio(median)} (${ratio(low)}–${ratio(high)})${isMissed(list, name, median) ? " ✗" : ""}`;
      return took[name] === undefined ? "" : cell;
    });
    const tool = (spread(took[TOOL] ?? []).median / 1000).toFixed(1);
    return [list.title, `\`${list.tool.join(" ")}\``, tool, String(list.target), ...cells];
  });
  return table(["", "tool, and its text read", "ms", "target", ...names], rows);
}

/** How a call compares with the runtime's own, in a runtime. */
const comparedCall = (took: Took, name: string): Spread => spread(ratios(took[name] ?? [], took[ownOf(name)] ?? []));

/** Shown with two places, a figure counts with two; a small one with three. */
const isSlow = ({ target }: Call, name: string, median: number): boolean =>
  Math.round(median * 1000) > (target[name] ?? Infinity) * 1000 + 5;

/** Calls beside what the runtime has for them: microseconds of that, and of ours the ratio to it. */
export function callsTable({ calls }: Results): string {
  const rows = CALLS.filter(({ name }) => calls[name] !== undefined).map((call) => {
    const took = calls[call.name] ?? {};
    const cells = OURS.flatMap((name) => {
      const { median, low, high } = comparedCall(took, name);
      const cell = [median, low, high].map((value) => value < 0.1 ? value.toFixed(4) : ratio(value));
      const compared = `${cell[0]} (${cell[1]}–${cell[2]})${isSlow(call, name, median) ? " ✗" : ""}`;
      return [micros(spread(took[ownOf(name)] ?? []).median), String(call.target[name] ?? ""), compared];
    });
    return [call.title, ...cells];
  });
  return table(["", ...OURS.flatMap((name) => ["own, µs", "target", name])], rows);
}

/** Each call that takes longer than its target, in words. */
function missedCalls({ calls }: Results): string[] {
  return CALLS.flatMap((call) => OURS.map((name) => ({ call, name, ...comparedCall(calls[call.name] ?? {}, name) })))
    .filter(({ call, name, median }) => isSlow(call, name, median))
    .map(({ call, name, median }) => `${call.title}, ${name}: ${ratio(median)}, the target is ${call.target[name]}`);
}

/** The contenders besides C of which there is a figure: ours first. */
function contendersOf(works: Results["works"] | Results["lists"]): string[] {
  const names = new Set(Object.values(works).flatMap((took) => Object.keys(took)));
  const others = [...names].filter((name) => name !== MEASURE && !OURS.includes(name)).sort();
  return [...OURS.filter((name) => names.has(name)), ...others];
}

/** Shown with two places, a figure counts with two. */
const isMissed = ({ target = Infinity }: Pick<Work | List, "target">, name: string, median: number): boolean =>
  OURS.includes(name) && Math.round(median * 100) > target * 100;

/** Each target that a median misses, in words. */
export function missed({ works }: Results): string[] {
  const all = WORKS.flatMap((work) =>
    OURS.map((name) => ({ work, name, ...comparison(works[work.name] ?? {}, name) }))
  );
  return all.filter(({ work, name, median }) => isMissed(work, name, median))
    .map(({ work, name, median }) => `${work.title}, ${name}: ${ratio(median)}, the target is ${work.target}`);
}

/** Each list that takes longer than its target, in words. */
function missedLists({ lists }: Results): string[] {
  return LISTS.flatMap((list) => (
    OURS.map((name) => ({
      name,
      median: spread(ratios(lists[list.name]?.[name] ?? [], lists[list.name]?.[TOOL] ?? [])).median,
    })).filter(({ name, median }) => isMissed(list, name, median))
      .map(({ name, median }) => `${list.title}, ${name}: ${ratio(median)}, the target is ${list.target}`)
  ));
}

/** What is not as it should be: the targets that are missed, and what grew between the tenth and the end that must not. */
export function faultsOf(results: Results, mode: Mode): string[] {
  if (mode === "lists") return missedLists(results);
  if (mode === "calls") return missedCalls(results);
  if (mode !== "endurance") return mode === "works" ? missed(results) : [];
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
export function chart({ works }: Results): string {
  const groups = WORKS.map((work) => ({ work, took: works[work.name] ?? {} })).map(({ work, took }) => {
    const names = contendersOf(works).filter((name) => took[name] !== undefined);
    return { work, bars: names.map((name) => ({ name, median: comparison(took, name).median })) };
  }).filter(({ bars }) => bars.length > 0);
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
