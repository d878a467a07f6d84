/** What was measured on one machine: kept from run to run, as tables and as a picture; and what of the targets is missed. */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, release } from "node:os";
import { join } from "node:path";
import { root } from "../bundle.ts";
import { KEPT } from "./contenders.ts";
import { BUN, C, ENTRIES, type Entry, GROWN, GROWTHS, isMeasure, OURS, OWN, TOOL } from "./entries.ts";
import { numbered } from "./scene.ts";

/** What a run measures. */
export const MODES = ["works", "agents", "lists", "calls", "growth", "endurance"] as const;
export type Mode = typeof MODES[number];
type Compared = keyof typeof ENTRIES;

/** What the rounds of a work took: the microseconds of each, by contender. */
export type Took = Readonly<Record<string, readonly number[]>>;

const USES = ["descriptors", "threads", "mounts", "heap", "rss"] as const;
/** What a process uses: numbers, and MiB of JavaScript's heap after a collection and of all its memory. */
export type Use = Readonly<Record<typeof USES[number], number>>;

/** What was measured of one form of the command, by what it is, as it is shown; and what is more than it may be, in words. */
export interface AgentFigures {
  readonly cells: Readonly<Record<string, string>>;
  readonly faults?: readonly string[];
}

/** What is known of one machine and what is installed on it, by the name of the work. */
export interface Results extends Readonly<Record<Compared, Record<string, Took>>> {
  readonly machine: string;
  /** The day of the newest measurement, as 2026-01-31. */
  date: string;
  /** By the name of what there is more and more of, the work and the size. */
  readonly growth: Record<string, Record<string, Readonly<Record<number, Took>>>>;
  /** What a process used after a hundredth, a tenth and all of its work, by what that was in words. */
  readonly endurance: Record<string, readonly Use[]>;
  /** Of each form of the command, by work. */
  readonly agents: Record<string, readonly AgentFigures[]>;
}

const FILE = join(KEPT, "figures.json");

/** Nothing is known of a machine. */
export const noResults = (machine: string): Results => (
  { machine, date: "", works: {}, lists: {}, calls: {}, growth: {}, endurance: {}, agents: {} }
);

/** What earlier runs on this machine found; nothing if the machine or what is installed on it was another one. */
export function readResults(machine: string): Results {
  const kept = existsSync(FILE) ? JSON.parse(readFileSync(FILE, "utf8")) as Results : undefined; // as it was written below
  return { ...noResults(machine), ...kept?.machine === machine ? kept : {} };
}

/** Keeps them, as of today. */
export function keepResults(results: Results): void {
  results.date = new Date().toISOString().slice(0, 10);
  writeFileSync(FILE, JSON.stringify(results));
}

const VERSIONS = {
  ...{ Node: "node --version", gcc: "cc -dumpfullversion", Go: "go version", iproute2: "ip -V" },
  ...{ "util-linux": "nsenter -V", pyroute2: "/usr/bin/python3 -c 'import pyroute2; print(pyroute2.__version__)'" },
};

/** The machine and what is installed on it, in one line. */
export function machine(): string {
  const versions = Object.entries(VERSIONS).flatMap(([name, command]) => {
    const [number] = spawnSync("sh", ["-c", command], { encoding: "utf8" }).stdout.match(/\d+(\.\d+)+/) ?? [];
    return number === undefined ? [] : `${name} ${number}`; // it is not there
  });
  const processors = [cpus()[0]?.model.trim() || "unknown processor", `${cpus().length} processors`];
  return [...processors, `Linux ${release()}`, `Deno ${Deno.version.deno}`, ...versions].join(", ");
}

/** The value below which a part of all lies: between two of them, the part of the way that is missing; NaN of nothing. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const index = (sorted.length - 1) * part;
  const below = sorted[Math.floor(index)] ?? NaN;
  return below + ((sorted[Math.ceil(index)] ?? NaN) - below) * (index % 1);
}

const median = (values: readonly number[] = []): number => quantile(values, 0.5);

/** The ratios of each round: what happened on the machine in a round happened to both. */
export const ratios = (values: readonly number[] = [], measure: readonly number[] = []): number[] =>
  values.flatMap((value, round) => measure[round] === undefined ? [] : value / measure[round]);

/** How a contender compares with its measure in each round: its own if it has one, else that of all. */
export const comparison = (took: Took, name: string): number[] =>
  ratios(took[name], took[name + OWN] ?? took[C] ?? took[TOOL]);

// With as many places as say something.
const ratio = (value: number): string => value.toFixed(value < 0.01 ? 4 : value < 10 ? 2 : value < 100 ? 1 : 0);
const micros = (value: number): string => value.toFixed(value < 100 ? 1 : 0);

/** A table of Markdown; none without rows. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const lines = [head, head.map((_, column) => column === 0 ? "---" : "---:"), ...rows];
  return rows.length === 0 ? [] : [lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n")];
}

/** What was measured, as it is shown. */
export function tablesOf(results: Results, modes: readonly Mode[]): string[] {
  return modes.flatMap((mode) => {
    if (mode === "agents") return agentTables(results);
    if (mode === "growth") return growthTable(results);
    return mode === "endurance" ? enduranceTable(results) : sideBySide(results, mode);
  });
}

/** What is not as it should be: the targets that are missed, and what grew between the tenth and the end that must not. */
export function faultsOf(results: Results, modes: readonly Mode[]): string[] {
  return modes.flatMap((mode) => {
    if (mode === "growth") return [];
    if (mode === "endurance") {
      return Object.entries(results.endurance).flatMap(([title, [, early, late]]) =>
        USES.slice(0, 3).filter((use) => early && late && late[use] > early[use])
          .map((use) => `${title}: ${early?.[use]} ${use} became ${late?.[use]}`)
      );
    }
    if (mode !== "agents") return missed(results, mode);
    return Object.values(results.agents).flat().flatMap(({ faults = [] }) => faults);
  });
}

/** The rows of which there are figures. */
const measured = (results: Results, mode: Compared): (Entry & { readonly took: Took })[] =>
  ENTRIES[mode].flatMap((entry) => {
    const took = results[mode][entry.name];
    return took === undefined ? [] : { ...entry, took };
  });

/** The contenders of which there is a figure: what others are compared with, ours, and the others. */
function contendersOf(...all: readonly Took[]): string[] {
  const order = [C, TOOL, ...[...OURS, BUN].flatMap((name) => [name + OWN, name])];
  const found = [...new Set(all.flatMap(Object.keys))].filter((name) => !name.endsWith(GROWN)).sort();
  return [...order.filter((name) => found.includes(name)), ...found.filter((name) => !order.includes(name))];
}

const isOurs = (name: string): boolean => OURS.some((one) => one === name);
const targetOf = ({ target }: Entry, name: string): number | undefined => target[[...OURS, BUN].indexOf(name)];

/** True where ours takes longer than it may. Shown with two places, a figure counts with two. */
const isMissed = (entry: Entry, took: Took, name: string): boolean =>
  isOurs(name) && median(took[name]) > (entry.most ?? Infinity) ||
  median(comparison(took, name)) >= (targetOf(entry, name) ?? Infinity) + 0.005;

/** What is done side by side: microseconds of what is compared with, of all others the ratio to it, median and quartiles. */
export function sideBySide(results: Results, mode: Compared = "works"): string[] {
  const entries = measured(results, mode);
  const names = contendersOf(...entries.map(({ took }) => took));
  const rows = entries.map(({ took, ...entry }) => {
    const cells = names.map((name) => {
      if (took[name] === undefined) return "";
      if (isMeasure(name)) return micros(median(took[name]));
      const [middle, low, high] = [0.5, 0.25, 0.75].map((part) => ratio(quantile(comparison(took, name), part)));
      return `${middle} (${low}–${high})${isMissed(entry, took, name) ? " ✗" : ""}`;
    });
    const { title, tool, target } = entry;
    return [title + (tool === undefined ? "" : ` (\`${tool[0]}\`)`), [...new Set(target)].join(", "), ...cells];
  });
  return table(["", "target", ...names.map((name) => isMeasure(name) ? `${name}, µs` : name)], rows);
}

/** Each target that a median misses, in words. */
export const missed = (results: Results, mode: Compared = "works"): string[] =>
  measured(results, mode).flatMap(({ took, ...entry }) =>
    contendersOf(took).filter((name) => isMissed(entry, took, name)).map((name) =>
      `${entry.title}, ${name}: ${ratio(median(comparison(took, name)))}, the target is ${targetOf(entry, name)}`
    )
  );

/** The microseconds of each at all sizes and, in brackets, the ratio of the last to that from which on something is claimed. */
export function growthTable({ growth }: Results): string[] {
  const rows = GROWTHS.flatMap(({ name: of, title, from }) =>
    Object.entries(growth[of] ?? {}).map(([name, at]) => {
      const sizes = Object.keys(at).map(Number);
      const last = at[sizes.at(-1) ?? NaN] ?? {};
      const cells = [C, ...OURS].map((contender) => {
        if (last[contender] === undefined) return "";
        const grew = ratio(median(ratios(last[contender], (at[from] ?? last)[contender])));
        const memory = of === "wired" && last[contender + GROWN]
          ? `; ${median(last[contender + GROWN]).toFixed(0)} MiB`
          : "";
        return `${sizes.map((size) => micros(median(at[size]?.[contender]))).join(", ")} (${grew}${memory})`;
      });
      return [`${name}, ${sizes.join(", ")} ${title}`, ...cells];
    })
  );
  return table(["µs each (how it grows)", C, ...OURS], rows);
}

/** What a process used after a hundredth, a tenth and all of what it does again and again. */
export function enduranceTable({ endurance }: Results): string[] {
  const rows = Object.entries(endurance).map(([title, uses]) => [
    title,
    ...USES.map((key) => uses.map((use) => use[key].toFixed(key === "heap" ? 1 : 0)).join(", ")),
  ]);
  return table(["after 1 %, 10 %, all", "descriptors", "threads", "mounts", "heap, MiB", "RSS, MiB"], rows);
}

/** What an agent takes in each form of the command: a form is a row, or a column where there is much of each. */
const agentTables = ({ agents }: Results): string[] =>
  Object.keys(agents).sort().flatMap((name) => {
    const forms = agents[name] ?? [];
    const titles = Object.keys(forms[0]?.cells ?? {});
    if (titles.length < 10) return table(titles, forms.map(({ cells }) => Object.values(cells)));
    const [first = [], ...rows] = titles.map((title) => [title, ...forms.map(({ cells }) => cells[title] ?? "")]);
    return table(first, rows);
  });

/** What `--write` writes; of the page what stands between two comments. */
const PAGE = join(root, "scripts/bench/README.md"), PICTURE = join(root, "scripts/pictures/bench.svg");
const SECTION = /(?<=<!-- bench -->\n)[^]*(?=\n<!-- \/bench -->)/;

/** Writes the picture and the tables of the page: all figures there come from here. */
export function writePage(results: Results): void {
  writeFileSync(PICTURE, chart(results));
  const page = readFileSync(PAGE, "utf8");
  if (!SECTION.test(page)) throw new Error(`${PAGE} has no lines <!-- bench --> and <!-- /bench -->`);
  const picture = "![Time of each work as a ratio to C](../pictures/bench.svg)";
  const section = [picture, ...tablesOf(results, MODES), `${results.machine}; ${results.date}.`].join("\n\n");
  writeFileSync(PAGE, page.replace(SECTION, () => section));
}

const STYLE = `<style>
  text { font: 12px system-ui, sans-serif; fill: #24292f } .title { font-weight: 600 } .tick { fill: #59636e }
  .ours { fill: #0969da } .other { fill: #9aa4af } .line { stroke: #24292f } .grid { stroke: #d1d9e0 }
  .target { stroke: #cf222e; stroke-width: 2 }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc } .tick { fill: #9198a1 } .ours { fill: #4493f8 } .other { fill: #656c76 }
    .line { stroke: #f0f6fc } .grid { stroke: #3d444d } .target { stroke: #f85149 }
  }
</style>`;
const NOTE = "Time as a ratio to C in the same run, median; to the left of it is faster. Red: the target of netns.";
const ROW = 18, TOP = 29;
const line = (x: number, top: number, bottom: number, kind: string): string =>
  `<line class="${kind}" x1="${x}" x2="${x}" y1="${top}" y2="${bottom}"/>`;
const text = (x: number, y: number, words: string, kind: string): string =>
  `<text class="${kind}" x="${x}" y="${y}">${words}</text>`;

/** The works as an SVG, light or dark as the page is: bars to the left of the line are faster than C, to the right slower. */
export function chart(results: Results): string {
  const rows = measured(results, "works").flatMap(({ title, took, target: [target] }) => [
    { words: title },
    ...contendersOf(took).filter((name) => !isMeasure(name))
      .map((name) => ({ words: name, value: median(comparison(took, name)), target })),
  ]);
  const bottom = TOP + rows.length * ROW;
  // The axis is logarithmic, so that half and double are equally long.
  const powers = rows.flatMap((row) => "value" in row ? Math.log2(row.value) : []);
  const [from, to] = [Math.min(-2, ...powers), Math.max(2, ...powers)];
  const x = (value: number): number => Math.round(132 + (Math.log2(value) - from) / (to - from) * 572);
  const axis = numbered(Math.floor(to) - Math.ceil(from) + 1, (i) => 2 ** (Math.ceil(from) + i)).flatMap((value) => [
    line(x(value), TOP, bottom, value === 1 ? "line" : "grid"),
    text(x(value) - 8, 20, value === 1 ? "C" : `${value} ×`, "tick"),
  ]);
  const bars = rows.flatMap((row, i) => {
    const y = TOP + i * ROW;
    if (!("value" in row)) return text(12, y + 14, row.words, "title");
    const [start, end] = [x(Math.min(1, row.value)), x(Math.max(1, row.value))];
    const kind = isOurs(row.words) ? "ours" : "other";
    return [
      `<rect class="${kind}" x="${start}" y="${y + 3}" width="${end - start}" height="12"/>`,
      ...[text(12, y + 13, row.words, "name"), text(end + 5, y + 13, ratio(row.value), "tick")],
      row.target === undefined ? "" : line(x(row.target), y, y + ROW, "target"),
    ];
  });
  const size = `viewBox="0 0 760 ${bottom + 24}" role="img" aria-label="netns beside other tools"`;
  const parts = [STYLE, ...axis, ...bars, text(12, bottom + 14, NOTE, "tick")].filter((part) => part !== "");
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size}>\n${parts.join("\n")}\n</svg>\n`;
}
