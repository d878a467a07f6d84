/**
 * Measures the library beside C and the usual tools, in one run; with `--growth`, how its time grows with what is
 * there and with what there is to do; with `--lists`, how long lists take beside the tools that print them; with
 * `--calls`, how long asynchronous calls take beside the runtime's own; with `--endurance`, whether a process grows that
 * does the same again and again:
 *
 *     sudo deno task bench [--growth | --lists | --calls | --endurance] [--only WORK]... [--rounds N] [--count N]
 *                          [--check] [--json] [--kept] [--write]
 *
 * The measure is `bench/peer.c`, which does what the usual tools do; the figures are ratios to it, round by round. A
 * peer that is not installed is left out by name. Everything happens in mount and network namespaces of the run's own,
 * which end with it. What was measured is kept below `node_modules/`, work by work, so that a long measurement can be
 * made in pieces: `--kept` measures nothing and takes that, `--write` puts it into `bench/README.md`, `--check` ends with
 * status 1 if a target is missed. A run with a `--count` of its own says little, and is not kept.
 */
import { spawnSync } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { benchContainers } from "./bench/containers.ts";
import { contenders, type Figures, libraries, MEASURE, ours, output, type Run } from "./bench/contenders.ts";
import { CALLS, measureCall } from "./bench/calls.ts";
import { LISTS, measureList } from "./bench/lists.ts";
import { HUB, namespaces } from "./bench/namespaces.ts";
import { faultsOf, OURS, tablesOf, writePage } from "./bench/report.ts";
import { type GrowthRow, keepResults, machine, noResults, readResults, type Results } from "./bench/results.ts";
import { alone, ENDURANCES, type Growth, GROWTHS, namesFor, WORKS } from "./bench/works.ts";
import { apart } from "./isolation.ts";

const flag = { type: "boolean", default: false } as const;
const { values: options } = parseArgs({
  options: {
    ...{
      growth: flag,
      lists: flag,
      calls: flag,
      endurance: flag,
      json: flag,
      check: flag,
      kept: flag,
      write: flag,
      inside: flag,
    },
    only: { type: "string", multiple: true, default: [] },
    rounds: { type: "string" },
    count: { type: "string" },
  },
});
const mode = (["growth", "lists", "calls", "endurance"] as const).find((one) => options[one]) ?? "works";
const CONTAINERS = "containers";
const names = {
  growth: GROWTHS,
  lists: LISTS,
  calls: CALLS,
  endurance: ENDURANCES,
  works: [...WORKS, { name: CONTAINERS }],
}[mode]
  .map((
    { name },
  ) => name);
const wrong = options.only.find((name) => !names.some((one) => one === name));
if (wrong !== undefined) {
  console.error(`--only ${wrong}: expected ${names.join(", ")}`);
  process.exit(2);
}
const wanted = (name: string): boolean => options.only.length === 0 || options.only.includes(name);
const leftOut = (reason: string): void => console.error(`left out: ${reason}`);

if (!options.inside) {
  const program = ["run", "-A", "--node-modules-dir=manual", fileURLToPath(import.meta.url), "--inside"];
  const [command, args] = apart(Deno.execPath(), [...program, ...process.argv.slice(2)]);
  process.exit(spawnSync(command, args, { stdio: "inherit" }).status ?? 1);
}

const here = machine();
const results: Results = options.count === undefined ? readResults(here) : noResults(here);
const doing = { endurance: endure, lists, calls, works: measure, growth: measure }[mode];
if (!options.kept) await doing();
if (options.json) console.log(JSON.stringify(results));
else for (const text of tablesOf(results, mode)) console.log(`\n${text}`);
if (options.write) writePage(results);
const faults = faultsOf(results, mode);
for (const fault of faults) console.error(`missed: ${fault}`);
process.exit(options.check && faults.length > 0 ? 1 : 0);

/** Keeps what was found so far. */
function keep(): void {
  if (options.count === undefined) keepResults(results);
}

/** Has the works done side by side, or among more and more. */
async function measure(): Promise<void> {
  const growths = (mode === "growth" ? GROWTHS : WORKS.map(alone)).filter(({ name }) => wanted(name));
  const all = Object.entries(growths.length > 0 ? await contenders(leftOut) : {});
  // What grows for C, too, is the kernel's part.
  const who = mode === "growth" ? all.filter(([name]) => [MEASURE, ...OURS].includes(name)) : all;
  for (const growth of growths) {
    const sizes = options.count === undefined ? growth.sizes : [Number(options.count)];
    const rows = growth.works.flatMap((work) => rounds({ ...growth, sizes }, work, who));
    if (mode === "growth") results.growth[growth.name] = rows;
    for (const { work } of mode === "works" ? rows : []) {
      const took = rows.map(({ contender, at }) =>
        [contender, Object.values(at).flat().map(({ each }) => each)] as const
      );
      results.works[work] = Object.fromEntries(took);
    }
    keep();
  }
  // It takes minutes, whatever the count.
  if (mode === "growth" || options.count !== undefined || !wanted(CONTAINERS)) return;
  results.containers = await benchContainers(leftOut);
  keep();
}

/**
 * Has each contender do a work once a round at each size, each time from the same start. Who begins changes, so that nobody
 * always comes after the same one. The sizes come one right after the other, in every second round the other way round: what
 * happens on the machine in a round happens to all.
 */
function rounds(
  { name: title, sizes, there }: Growth,
  { name, count, measure = name }: Growth["works"][number],
  who: readonly (readonly [contender: string, run: Run])[],
): GrowthRow[] {
  const found = who.map(([contender, run]) => ({ contender, run, at: {} as Record<number, Figures[]> }));
  const total = Number(options.rounds ?? (mode === "growth" ? 3 : 7));
  for (let round = 0; round < total; round++) {
    console.error(`${title}${mode === "growth" ? `: ${name}` : ""}: round ${round + 1} of ${total}`);
    const first = round % found.length;
    for (const { contender, run, at } of [...found.slice(first), ...found.slice(0, first)]) {
      for (const size of round % 2 === 0 ? sizes : sizes.toReversed()) {
        const work = contender === MEASURE ? measure : name;
        using _others = there(size);
        using _own = namespaces(namesFor(work, count(size)));
        const figures = run(work, count(size));
        if (figures === undefined) break; // it does not do this work
        (at[size] ??= []).push(figures);
      }
    }
  }
  return found.map(({ contender, at }) => ({ work: name, contender, at })).filter(({ at }) =>
    Object.keys(at).length > 0
  );
}

/** Has the library and tools list the same. */
async function lists(): Promise<void> {
  const programs = await ours();
  const others = libraries(leftOut);
  for (const list of LISTS.filter(({ name }) => wanted(name))) {
    const size = Number(options.count ?? list.size);
    const all = list.peers ? { ...programs, ...others } : programs;
    results.lists[list.name] = await measureList(list, size, Number(options.rounds ?? 7), all);
    keep();
  }
}

/** Has the library and the runtime itself do the same. */
async function calls(): Promise<void> {
  const programs = await ours();
  for (const call of CALLS.filter(({ name }) => wanted(name))) {
    const count = Number(options.count ?? call.count);
    results.calls[call.name] = measureCall({ ...call, count }, Number(options.rounds ?? 7), programs);
    keep();
  }
}

/** Has the library do the same again and again, in both runtimes. */
async function endure(): Promise<void> {
  const programs = Object.entries(await ours());
  for (const { name, title, count: usual } of ENDURANCES.filter(({ name }) => wanted(name))) {
    const count = Number(options.count ?? usual);
    results.endurance[name] = programs.map(([runtime, [command = "", ...args]]) => {
      using _ = namespaces([HUB]);
      const uses = JSON.parse(output(command, [...args, "endure", name, `${count}`]));
      return { title: `${count.toLocaleString("en")} ${title}, ${runtime.replace("netns in ", "")}`, uses };
    });
    keep();
  }
}
