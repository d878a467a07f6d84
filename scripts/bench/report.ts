/** What was measured, as tables and as a picture; and what of the targets is missed. */
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { root } from "../bundle.ts";
import type { Results, Took, Use } from "./results.ts";
import { C, GROWN, GROWTHS, isMeasure, type Mode, MODES, OURS, OWN, SIDE_BY_SIDE, TOOL, type Work } from "./works.ts";

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

/** How a contender compares with its measure: its own if it has one, else that of all. */
export function comparison(took: Took, name: string): Spread {
  return spread(ratios(took[name] ?? [], took[name + OWN] ?? took[C] ?? took[TOOL] ?? []));
}

// With as many places as say something.
const ratio = (value: number): string => value.toFixed(value < 0.01 ? 4 : value < 10 ? 2 : value < 100 ? 1 : 0);
const micros = (values: readonly number[] = []): string => {
  const { median } = spread(values);
  return median.toFixed(median < 100 ? 1 : 0);
};

/** A table of Markdown; none without rows. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, head.map((_, column) => column === 0 ? "---" : "---:"), ...rows];
  return rows.length === 0 ? "" : lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

/** What was measured, as it is shown. */
export function tablesOf(results: Results, modes: readonly Mode[]): string[] {
  const all = {
    works: [results.machine, sideBySide(results), containersTable(results)],
    ...{ lists: [sideBySide(results, "lists")], calls: [sideBySide(results, "calls")] },
    ...{ growth: [growthTable(results)], endurance: [enduranceTable(results)] },
  };
  return modes.flatMap((mode) => all[mode]).filter((text) => text !== "");
}

type Compared = keyof typeof SIDE_BY_SIDE;

/** Those of which there are figures. */
function measured(results: Results, mode: Compared): (Work & { readonly took: Took })[] {
  return SIDE_BY_SIDE[mode].flatMap((work) => {
    const took = results[mode][work.name];
    return took === undefined ? [] : { ...work, took };
  });
}

/** The contenders of which there is a figure: what others are compared with, ours, and the others. */
function contendersOf(works: readonly { readonly took: Took }[]): string[] {
  const names = [...new Set(works.flatMap(({ took }) => Object.keys(took)))].filter((name) => !name.endsWith(GROWN));
  const order = [C, TOOL, ...OURS.flatMap((name) => [name + OWN, name])];
  const others = names.filter((name) => !order.includes(name)).sort();
  return [...order.filter((name) => names.includes(name)), ...others];
}

/** The most that a contender may take, as a ratio; only ours has a target. */
function targetOf({ target }: Work, name: string): number | undefined {
  return !OURS.some((one) => one === name) ? undefined : typeof target === "object" ? target[name] : target;
}

/** True where ours takes longer than it may. Shown with two places, a figure counts with two. */
function isMissed(work: Work & { readonly took: Took }, name: string): boolean {
  return comparison(work.took, name).median >= (targetOf(work, name) ?? Infinity) + 0.005;
}

/** What is done side by side: microseconds of what is compared with, of all others the ratio to it, median and quartiles. */
export function sideBySide(results: Results, mode: Compared = "works"): string {
  const works = measured(results, mode);
  const names = contendersOf(works);
  const rows = works.map((work) => {
    const { title, target = "", tool, took } = work;
    const cells = names.map((name) => {
      const { median, low, high } = comparison(took, name);
      const mark = isMissed(work, name) ? " ✗" : "";
      if (took[name] === undefined) return "";
      return isMeasure(name) ? micros(took[name]) : `${ratio(median)} (${ratio(low)}–${ratio(high)})${mark}`;
    });
    const targets = typeof target === "object" ? Object.values(target).join(", ") : `${target}`;
    return [title + (tool === undefined ? "" : ` (\`${tool.words.join(" ")}\`)`), targets, ...cells];
  });
  return table(["", "target", ...names.map((name) => isMeasure(name) ? `${name}, µs` : name)], rows);
}

/** Each target that a median misses, in words. */
export function missed(results: Results, mode: Compared = "works"): string[] {
  return measured(results, mode).flatMap((work) =>
    OURS.filter((name) => isMissed(work, name)).map((name) =>
      `${work.title}, ${name}: ${ratio(comparison(work.took, name).median)}, the target is ${targetOf(work, name)}`
    )
  );
}

/** What is not as it should be: the targets that are missed, and what grew between the tenth and the end that must not. */
export function faultsOf(results: Results, modes: readonly Mode[]): string[] {
  const grown = Object.values(results.endurance).flatMap(Object.entries).flatMap(([title, [, early, late]]) =>
    (["descriptors", "threads", "mounts"] as const).filter((key) => early && late && late[key] > early[key])
      .map((key) => `${title}: ${early?.[key]} ${key} became ${late?.[key]}`)
  );
  return modes.flatMap((mode) => mode === "growth" ? [] : mode === "endurance" ? grown : missed(results, mode));
}

/** The microseconds of each at all sizes and, in brackets, the ratio of the last to that from which on something is claimed. */
export function growthTable({ growth }: Results): string {
  const rows = GROWTHS.flatMap(({ name: of, title, from, works }) =>
    works.flatMap(({ name }) => {
      const at = growth[of]?.[name];
      if (at === undefined) return [];
      const sizes = Object.keys(at).map(Number);
      const last = at[sizes.at(-1) ?? NaN] ?? {};
      const cells = [C, ...OURS].map((contender) => {
        const grew = ratios(last[contender] ?? [], (at[from] ?? last)[contender] ?? []);
        const mib = of === "wired" ? last[contender + GROWN] : undefined;
        const memory = mib === undefined ? "" : `; ${spread(mib).median.toFixed(0)} MiB`;
        const each = sizes.map((size) => micros(at[size]?.[contender])).join(", ");
        return last[contender] === undefined ? "" : `${each} (${ratio(spread(grew).median)}${memory})`;
      });
      return [[`${name}, ${sizes.join(", ")} ${title}`, ...cells]];
    })
  );
  return table(["µs each (how it grows)", C, ...OURS], rows);
}

/** What a process used after a hundredth, a tenth and all of what it does again and again. */
export function enduranceTable({ endurance }: Results): string {
  const keys = ["descriptors", "threads", "mounts", "heap", "rss"] as const;
  const rows = Object.values(endurance).flatMap(Object.entries).map(([title, uses]) => [
    title,
    ...keys.map((key) => uses.map((use: Use) => use[key].toFixed(key === "heap" ? 1 : 0)).join(", ")),
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
  const [, ...tables] = tablesOf(results, MODES);
  const page = readFileSync(join(root, PAGE), "utf8");
  if (!SECTION.test(page)) throw new Error(`${PAGE} has no lines <!-- bench --> and <!-- /bench -->`);
  const section = [picture, ...tables, `${results.machine}; ${results.date}.`].join("\n\n");
  writeFileSync(join(root, PAGE), page.replace(SECTION, () => section));
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
  const works = measured(results, "works");
  const bars = (took: Took): [name: string, median: number][] =>
    contendersOf([{ took }]).filter((name) => !isMeasure(name)).map((name) => [name, comparison(took, name).median]);
  // The axis is logarithmic, so that half and double are equally long.
  const medians = works.flatMap(({ took }) => bars(took).map(([, median]) => median));
  const [from, to] = [Math.log2(Math.min(0.25, ...medians)), Math.log2(Math.max(4, ...medians))];
  const x = (value: number): number => Math.round(LEFT + (Math.log2(value) - from) / (to - from) * (RIGHT - LEFT));
  const parts: string[] = [];
  let y = MARGIN + ROW;
  for (const { title, took, target } of works) {
    const top = y += HEAD;
    parts.push(text(MARGIN, y - 8, title, "title"));
    for (const [name, median] of bars(took)) {
      const [start, end] = [x(Math.min(1, median)), x(Math.max(1, median))];
      const kind = OURS.some((one) => one === name) ? "ours" : "other";
      parts.push(`<rect class="${kind}" x="${start}" y="${y + 3}" width="${end - start}" height="${ROW - 5}"/>`);
      parts.push(text(MARGIN, y + 13, name), text(end + 5, y + 13, ratio(median), "tick"));
      y += ROW;
    }
    if (typeof target === "number") parts.push(line(x(target), top, y, "target"));
    y += GAP;
  }
  const ticks: string[] = [];
  for (let power = Math.ceil(from); power <= to; power++) {
    ticks.push(line(x(2 ** power), MARGIN + ROW, y, power === 0 ? "line" : "grid"));
    ticks.push(text(x(2 ** power) - 8, MARGIN + 8, power === 0 ? "C" : `${2 ** power} ×`, "tick"));
  }
  const note = "Time as a ratio to C in the same run, median; to the left of it is faster. Red: the target of netns.";
  const size = `viewBox="0 0 ${WIDTH} ${y + 24}" role="img" aria-label="netns beside other tools"`;
  const body = [`<style>${STYLE}\n</style>`, ...ticks, ...parts, text(MARGIN, y + 14, note, "note")];
  return [`<svg xmlns="http://www.w3.org/2000/svg" ${size}>`, ...body, "</svg>", ""].join("\n");
}

const line = (x: number, top: number, bottom: number, kind: string): string =>
  `<line class="${kind}" x1="${x}" x2="${x}" y1="${top}" y2="${bottom}"/>`;
const text = (x: number, y: number, words: string, kind = "name"): string =>
  `<text class="${kind}" x="${x}" y="${y}">${words.replaceAll("&", "&amp;").replaceAll("<", "&lt;")}</text>`;
