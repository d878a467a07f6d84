/**
 * Measures the library beside C and the usual tools, in mount and network namespaces of the run's own, which end with it.
 * `bench/README.md` says what the options mean, and how one adds a row.
 *
 *     sudo deno task bench [--works] [--growth] [--lists] [--calls] [--endurance] [--only WORK]... [--rounds N] [--count N]
 *                          [--check] [--json] [--kept] [--write]
 */
import { spawnSync } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { AGENTS, measureAgent } from "./bench/agents.ts";
import { type Contender, contenders, PROGRAMS } from "./bench/contenders.ts";
import { C, ENDURANCES, ENTRIES, type Entry, GROWN, type Growth, GROWTHS, isMeasure, OURS } from "./bench/entries.ts";
import * as report from "./bench/report.ts";
import { HUB, LEAF, namesOf, namespaces, output } from "./bench/scene.ts";
import { root } from "./bundle.ts";
import { apart } from "./isolation.ts";

const flag = { type: "boolean" } as const;
const { values: options } = parseArgs({
  options: {
    ...{ works: flag, lists: flag, calls: flag, growth: flag, endurance: flag },
    ...{ json: flag, check: flag, kept: flag, write: flag, inside: flag },
    ...{ only: { type: "string", multiple: true, default: [] }, rounds: { type: "string" }, count: { type: "string" } },
  },
});
const { rounds, count: smoke, only } = options;
const asked = report.MODES.filter((mode) => options[mode === "agents" ? "works" : mode]);
const modes: readonly report.Mode[] = asked.length > 0 ? asked : ["works", "agents"];
const known = { ...ENTRIES, agents: AGENTS, growth: GROWTHS, endurance: ENDURANCES };
const names = modes.flatMap((mode) => known[mode].map(({ name }) => name));
const wrong = only.find((name) => !names.includes(name));
if (wrong !== undefined) {
  console.error(`--only ${wrong}: expected ${names.join(", ")}`);
  process.exit(2);
}

/** Works that need the leaves, too. */
const ON_STAR = ["wire", "wire-first", "again", "destroy"];

if (!options.inside) {
  if (smoke !== undefined) process.env["NETNS_BENCH_SMOKE"] = "1";
  const program = ["run", "-A", "--node-modules-dir=manual", fileURLToPath(import.meta.url), "--inside"];
  const [command, args] = apart(Deno.execPath(), [...program, ...process.argv.slice(2)]);
  process.exit(spawnSync(command, args, { stdio: "inherit", cwd: root }).status ?? 1);
}

const wanted = ({ name }: { readonly name: string }): boolean => only.length === 0 || only.includes(name);
const leftOut = (reason: string): void => console.error(`left out: ${reason}`);
const who = options.kept ? [] : await contenders(leftOut);
const results = smoke === undefined ? report.readResults(report.machine()) : report.noResults(report.machine());
for (const mode of options.kept ? [] : modes) {
  if (mode === "growth") await each(GROWTHS, grow);
  else if (mode === "endurance") await each(ENDURANCES, endure);
  else if (mode !== "agents") {
    await each(ENTRIES[mode], async (entry) => {
      results[mode][entry.name] = Object.values(await sideBySide(entry, who, 7))[0] ?? {};
    });
  } else if (smoke === undefined) { // these take minutes, whatever the count
    await each(AGENTS, async (work) => results.agents[work.name] = await measureAgent(work, leftOut));
  }
}
if (options.json) console.log(JSON.stringify(results));
else for (const text of [results.machine, ...report.tablesOf(results, modes)]) console.log(`\n${text}`);
if (options.write) report.writePage(results);
const faults = report.faultsOf(results, modes);
for (const fault of faults) console.error(`missed: ${fault}`);
process.exit(options.check && faults.length > 0 ? 1 : 0);

/** Measures each row that is wanted, and keeps what was found so far. */
async function each<T extends { readonly name: string }>(
  rows: readonly T[],
  measure: (row: T) => unknown,
): Promise<void> {
  for (const row of rows.filter(wanted)) {
    await measure(row);
    if (smoke === undefined) report.keepResults(results);
  }
}

/** Has ours, and C, do the works among more and more: what grows for C, too, is the kernel's part. */
async function grow(growth: Growth): Promise<void> {
  const few = who.filter(([name]) => [C, ...OURS].includes(name));
  const found: (typeof results.growth)[string] = results.growth[growth.name] = {};
  for (const [name, count] of Object.entries(growth.works)) {
    found[name] = await sideBySide({ ...growth, name, count }, few, 3);
  }
}

/** Has the library do the same again and again, in both runtimes. */
function endure({ name, title, count }: typeof ENDURANCES[number]): void {
  const often = Number(smoke ?? count);
  for (const runtime of OURS) {
    using _ = namespaces([HUB]);
    const uses = output([...PROGRAMS[runtime], name, HUB, LEAF, `${often}`, "endure"]);
    results.endurance[`${often.toLocaleString("en")} ${title}, ${runtime.replace("netns in ", "")}`] = JSON.parse(uses);
  }
}

/**
 * Has each contender do a work once a round at each size, each time from the same start. Who begins changes, so that nobody
 * always comes after the same one. The sizes come one right after the other, in every second round the other way round: what
 * happens on the machine in a round happens to all.
 */
async function sideBySide(
  { name, title, count, beside = name, besideCount, there, sizes = [count ?? NaN] }: Omit<Entry, "target">,
  some: readonly Contender[],
  usual: number,
): Promise<Record<number, report.Took>> {
  const found: Record<number, Record<string, number[]>> = {};
  const total = Number(rounds ?? usual);
  for (let round = 0; round < total; round++) {
    console.error(`${title}: ${name}: round ${round + 1} of ${total}`);
    const first = round % some.length;
    for (const [contender, run, works] of [...some.slice(first), ...some.slice(0, first)]) {
      const work = isMeasure(contender) ? beside : name;
      if (works?.includes(work) === false) continue;
      for (const size of smoke !== undefined ? [Number(smoke)] : round % 2 === 0 ? sizes : sizes.toReversed()) {
        const often = Number(smoke ?? (isMeasure(contender) ? besideCount : undefined) ?? count ?? size);
        using _own = namespaces(ON_STAR.includes(work) ? namesOf(HUB, LEAF, often) : [HUB]);
        await using _others = await there?.(size);
        const [micros = NaN, grown] = run(work, often);
        ((found[size] ??= {})[contender] ??= []).push(micros / often);
        if (grown !== undefined) (found[size][contender + GROWN] ??= []).push(grown);
      }
    }
  }
  return found;
}
