/** What was measured on one machine: kept from run to run, as tables and as a picture; and what of the targets is missed. */
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { cpus, release } from "node:os";
import { dirname, join, relative } from "node:path";
import { root } from "../bundle.ts";
import { type AgentFigures, AGENTS, type AgentWork } from "./agents.ts";
import { KEPT } from "./contenders.ts";
import { BUN, C, ENTRIES, type Entry, GROWN, GROWTHS, isMeasure, OURS, OWN, TOOL } from "./entries.ts";

/** What a run measures. */
export const MODES = ["works", "lists", "calls", "growth", "endurance"] as const;
type Mode = typeof MODES[number];
type Compared = keyof typeof ENTRIES;

/** What the rounds of a work took: the microseconds of each, by contender. */
export type Took = Readonly<Record<string, readonly number[]>>;

const USES = ["descriptors", "threads", "mounts", "heap", "rss"] as const;
/** What a process uses: numbers, and MiB of JavaScript's heap after a collection and of all its memory. */
export type Use = Readonly<Record<typeof USES[number], number>>;

/** What is known of one machine, by the name of the work. */
export interface Results extends Readonly<Record<Compared, Record<string, Took>>> {
  /** The machine and what is installed on it, and the day of the newest measurement, as 2026-01-31. */
  readonly machine: string;
  date: string;
  /** By the name of what there is more and more of, the work and the size. */
  readonly growth: Record<string, Record<string, Readonly<Record<number, Took>>>>;
  /** What a process used after a hundredth, a tenth and all, by work and in words. */
  readonly endurance: Record<string, Readonly<Record<string, readonly Use[]>>>;
  /** By work and by form of the command. */
  readonly agents: Record<string, Readonly<Record<string, AgentFigures>>>;
}

const FILE = join(KEPT, "results.json");

/** Nothing is known of a machine. */
export function noResults(machine: string): Results {
  return { machine, date: "", works: {}, lists: {}, calls: {}, growth: {}, endurance: {}, agents: {} };
}

/** What earlier runs on this machine found; nothing if the machine or what is installed on it was another one. */
export function readResults(machine: string): Results {
  try {
    const results = JSON.parse(readFileSync(FILE, "utf8")) as Results; // as it was written below
    if (results.machine === machine) return { ...noResults(machine), ...results };
  } catch {
    // there was no earlier run, or it did not come to its end
  }
  return noResults(machine);
}

/** Keeps them, as of today. */
export function keepResults(results: Results): void {
  results.date = new Date().toISOString().slice(0, 10);
  writeFileSync(FILE, JSON.stringify(results));
}

const PROGRAMS = {
  ...{ Node: "node --version", gcc: "cc -dumpfullversion", Go: "go version", iproute2: "ip -V" },
  ...{ "util-linux": "nsenter -V", pyroute2: "/usr/bin/python3 -c 'import pyroute2; print(pyroute2.__version__)'" },
};

/** The machine and what is installed on it, in one line. */
export function machine(): string {
  const versions = Object.entries(PROGRAMS).flatMap(([name, command]) => {
    const [number] = spawnSync("sh", ["-c", command], { encoding: "utf8" }).stdout.match(/\d+(\.\d+)+/) ?? [];
    return number === undefined ? [] : [`${name} ${number}`]; // it is not there
  });
  const processors = [cpus()[0]?.model.trim() || "unknown processor", `${cpus().length} processors`];
  return [...processors, `Linux ${release()}`, `Deno ${Deno.version.deno}`, ...versions].join(", ");
}

/** The quartiles: the middle, and what half of all lie between. */
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
const micros = (values: readonly number[] = [], { median } = spread(values)): string =>
  median.toFixed(median < 100 ? 1 : 0);

/** A table of Markdown; none without rows. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, head.map((_, column) => column === 0 ? "---" : "---:"), ...rows];
  return rows.length === 0 ? "" : lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

/** What was measured, as it is shown. */
export function tablesOf(results: Results, modes: readonly Mode[]): string[] {
  return modes.flatMap((mode) => {
    if (mode === "growth") return growthTable(results);
    if (mode === "endurance") return enduranceTable(results);
    const agents = mode === "works" ? AGENTS.map((work) => agentTable(work, results.agents[work.name] ?? {})) : [];
    return [sideBySide(results, mode), ...agents];
  }).filter((text) => text !== "");
}

/** What is not as it should be: the targets that are missed, and what grew between the tenth and the end that must not. */
export function faultsOf(results: Results, modes: readonly Mode[]): string[] {
  return modes.flatMap((mode) => {
    if (mode === "growth") return [];
    if (mode === "endurance") {
      return Object.values(results.endurance).flatMap(Object.entries).flatMap(([title, [, early, late]]) =>
        USES.slice(0, 3).filter((key) => early && late && late[key] > early[key])
          .map((key) => `${title}: ${early?.[key]} ${key} became ${late?.[key]}`)
      );
    }
    const agents = mode === "works" ? Object.values(results.agents) : [];
    const found = agents.flatMap((forms) =>
      Object.entries(forms).flatMap(([form, { faults = [] }]) => faults.map((fault) => `${form}: ${fault}`))
    );
    return [...missed(results, mode), ...found];
  });
}

/** A row of which there are figures. */
type Measured = Entry & { readonly took: Took };
const measured = (results: Results, mode: Compared): Measured[] =>
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
const targetOf = ({ target }: Entry, name: string): number | undefined => target?.[[...OURS, BUN].indexOf(name)];

/** True where ours takes longer than it may. Shown with two places, a figure counts with two. */
function isMissed(entry: Measured, name: string): boolean {
  if (isOurs(name) && spread(entry.took[name] ?? []).median > (entry.most ?? Infinity)) return true;
  return comparison(entry.took, name).median >= (targetOf(entry, name) ?? Infinity) + 0.005;
}

/** What is done side by side: microseconds of what is compared with, of all others the ratio to it, median and quartiles. */
export function sideBySide(results: Results, mode: Compared = "works"): string {
  const entries = measured(results, mode);
  const names = contendersOf(...entries.map(({ took }) => took));
  const rows = entries.map((entry) => {
    const { title, target, tool, took } = entry;
    const cells = names.map((name) => {
      if (took[name] === undefined) return "";
      if (isMeasure(name)) return micros(took[name]);
      const { median, low, high } = comparison(took, name);
      return `${ratio(median)} (${ratio(low)}–${ratio(high)})${isMissed(entry, name) ? " ✗" : ""}`;
    });
    return [title + (tool === undefined ? "" : ` (\`${tool[0]}\`)`), [...new Set(target)].join(", "), ...cells];
  });
  return table(["", "target", ...names.map((name) => isMeasure(name) ? `${name}, µs` : name)], rows);
}

/** Each target that a median misses, in words. */
export function missed(results: Results, mode: Compared = "works"): string[] {
  return measured(results, mode).flatMap((entry) =>
    contendersOf(entry.took).filter((name) => isMissed(entry, name)).map((name) =>
      `${entry.title}, ${name}: ${ratio(comparison(entry.took, name).median)}, the target is ${targetOf(entry, name)}`
    )
  );
}

/** The microseconds of each at all sizes and, in brackets, the ratio of the last to that from which on something is claimed. */
export function growthTable({ growth }: Results): string {
  const rows = GROWTHS.flatMap(({ name: of, title, from }) =>
    Object.entries(growth[of] ?? {}).map(([name, at]) => {
      const sizes = Object.keys(at).map(Number);
      const last = at[sizes.at(-1) ?? NaN] ?? {};
      const cells = [C, ...OURS].map((contender) => {
        if (last[contender] === undefined) return "";
        const grew = ratio(spread(ratios(last[contender], (at[from] ?? last)[contender] ?? [])).median);
        const mib = of === "wired" ? last[contender + GROWN] : undefined;
        const memory = mib === undefined ? "" : `; ${spread(mib).median.toFixed(0)} MiB`;
        return `${sizes.map((size) => micros(at[size]?.[contender])).join(", ")} (${grew}${memory})`;
      });
      return [`${name}, ${sizes.join(", ")} ${title}`, ...cells];
    })
  );
  return table(["µs each (how it grows)", C, ...OURS], rows);
}

/** What a process used after a hundredth, a tenth and all of what it does again and again. */
export function enduranceTable({ endurance }: Results): string {
  const rows = Object.values(endurance).flatMap(Object.entries).map(([title, uses]) => [
    title,
    ...USES.map((key) => uses.map((use: Use) => use[key].toFixed(key === "heap" ? 1 : 0)).join(", ")),
  ]);
  return table(["after 1 %, 10 %, all", "descriptors", "threads", "mounts", "heap, MiB", "RSS, MiB"], rows);
}

/** What an agent takes in each form of the command. */
function agentTable({ head, formsAcross }: AgentWork, figures: Readonly<Record<string, AgentFigures>>): string {
  const forms = Object.entries(figures).map(([form, { cells }]) => ({ [head]: form, ...cells }));
  const lines = Object.keys(forms[0] ?? {}).map((title) => [title, ...forms.map((cells) => cells[title] ?? "")]);
  const [first = [], ...rows] = formsAcross ? lines : lines[0]?.map((_, i) => lines.map((line) => line[i] ?? "")) ?? [];
  return table(first, rows);
}

const PAGE = "scripts/bench/README.md";
const PICTURE = "scripts/pictures/bench.svg";
/** This program writes what stands between. */
const SECTION = /(?<=<!-- bench -->\n)[^]*(?=\n<!-- \/bench -->)/;

/** Writes the picture and the tables of the page: all figures there come from here. */
export function writePage(results: Results): void {
  writeFileSync(join(root, PICTURE), chart(results));
  const picture = `![Time of each work as a ratio to C](${relative(dirname(PAGE), PICTURE)})`;
  const page = readFileSync(join(root, PAGE), "utf8");
  if (!SECTION.test(page)) throw new Error(`${PAGE} has no lines <!-- bench --> and <!-- /bench -->`);
  const section = [picture, ...tablesOf(results, MODES), `${results.machine}; ${results.date}.`].join("\n\n");
  writeFileSync(join(root, PAGE), page.replace(SECTION, () => section));
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

/** The works as an SVG, light or dark as the page is: bars to the left of the line are faster than C, to the right slower. */
export function chart(results: Results): string {
  const works = measured(results, "works").map(({ title, took, target }) => {
    const names = contendersOf(took).filter((name) => !isMeasure(name));
    return { title, target, bars: names.map((name) => [name, comparison(took, name).median] as const) };
  });
  // The axis is logarithmic, so that half and double are equally long.
  const powers = works.flatMap(({ bars }) => bars.map(([, median]) => Math.log2(median)));
  const [from, to] = [Math.min(-2, ...powers), Math.max(2, ...powers)];
  const x = (value: number): number => Math.round(132 + (Math.log2(value) - from) / (to - from) * 572);
  const parts: string[] = [];
  let y = 29;
  for (const { title, bars, target } of works) {
    const top = y += 26;
    parts.push(text(12, y - 8, title, "title"));
    for (const [name, median] of bars) {
      const [start, end, kind] = [x(Math.min(1, median)), x(Math.max(1, median)), isOurs(name) ? "ours" : "other"];
      parts.push(`<rect class="${kind}" x="${start}" y="${y + 3}" width="${end - start}" height="12"/>`);
      parts.push(text(12, y + 13, name, "name"), text(end + 5, y + 13, ratio(median), "tick"));
      y += 17;
    }
    if (target?.[0] !== undefined) parts.push(line(x(target[0]), top, y, "target"));
    y += 10;
  }
  for (let power = Math.ceil(from); power <= to; power++) {
    const at = x(2 ** power);
    parts.unshift(line(at, 29, y, power === 0 ? "line" : "grid"));
    parts.push(text(at - 8, 20, power === 0 ? "C" : `${2 ** power} ×`, "tick"));
  }
  const size = `viewBox="0 0 760 ${y + 24}" role="img" aria-label="netns beside other tools"`;
  const body = [STYLE, ...parts, text(12, y + 14, NOTE, "tick")];
  return [`<svg xmlns="http://www.w3.org/2000/svg" ${size}>`, ...body, "</svg>", ""].join("\n");
}

const line = (x: number, top: number, bottom: number, kind: string): string =>
  `<line class="${kind}" x1="${x}" x2="${x}" y1="${top}" y2="${bottom}"/>`;
const text = (x: number, y: number, words: string, kind: string): string =>
  `<text class="${kind}" x="${x}" y="${y}">${words.replaceAll("&", "&amp;").replaceAll("<", "&lt;")}</text>`;
