/**
 * Measures the library beside C and the usual tools, in one run; with `--growth`, how its time grows with what is
 * there and with what there is to do; with `--endurance`, whether a process grows that does the same again and again:
 *
 *     sudo deno task bench [--growth | --endurance] [--only WORK]... [--rounds N] [--count N] [--check]
 *                          [--json] [--kept] [--write]
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
import { MEASURE, noResults, type Results } from "./bench/comparison.ts";
import { benchContainers, tableOf } from "./bench/containers.ts";
import { type Contender, contenders } from "./bench/contenders.ts";
import { ENDURANCES, enduranceTable, endure, grown } from "./bench/endurance.ts";
import { GROWTHS, growthTable, measureGrowth } from "./bench/growth.ts";
import { machine } from "./bench/machine.ts";
import { measure } from "./bench/measure.ts";
import { writeReadme } from "./bench/readme.ts";
import { keepResults, readResults } from "./bench/results.ts";
import { missed, sideBySide } from "./bench/table.ts";
import { WORKS } from "./bench/works.ts";
import { apart } from "./isolation.ts";

const { values: options } = parseArgs({
  options: {
    growth: { type: "boolean", default: false },
    endurance: { type: "boolean", default: false },
    only: { type: "string", multiple: true, default: [] },
    rounds: { type: "string" },
    count: { type: "string" },
    json: { type: "boolean", default: false },
    check: { type: "boolean", default: false },
    kept: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
    inside: { type: "boolean", default: false },
  },
});
const mode = options.growth ? "growth" : options.endurance ? "endurance" : "works";
const CONTAINERS = { name: "containers" };
const names = { growth: GROWTHS, endurance: ENDURANCES, works: [...WORKS, CONTAINERS] }[mode].map(({ name }) => name);
const wrong = options.only.find((name) => !(names as string[]).includes(name));
if (wrong !== undefined) {
  console.error(`--only ${wrong}: expected ${names.join(", ")}`);
  process.exit(2);
}
const wanted = ({ name }: { readonly name: string }): boolean =>
  options.only.length === 0 || options.only.includes(name);

if (!options.inside) {
  const program = ["run", "-A", "--node-modules-dir=manual", fileURLToPath(import.meta.url), "--inside"];
  const [command, args] = apart(Deno.execPath(), [...program, ...process.argv.slice(2)]);
  process.exit(spawnSync(command, args, { stdio: "inherit" }).status ?? 1);
}

const here = machine();
const results: Results = options.count === undefined ? readResults(here) : noResults(here);
if (!options.kept) {
  if (mode === "growth") growthNow();
  else await (mode === "endurance" ? enduranceNow() : worksNow());
}
if (options.json) console.log(JSON.stringify(results));
else for (const text of tables()) console.log(`\n${text}`);
if (options.write) writeReadme(results);
const faults = mode === "endurance" ? grown(Object.values(results.endurance).flat()) : missed(results);
for (const fault of mode === "growth" ? [] : faults) console.error(`missed: ${fault}`);
if (options.check && faults.length > 0) process.exit(1);

/** What was measured, as it is shown. */
function tables(): string[] {
  if (mode === "endurance") return [enduranceTable(Object.values(results.endurance).flat())];
  if (mode === "works") return [results.machine, sideBySide(results), tableOf(results.containers).join("\n")];
  return GROWTHS.filter(({ name }) => results.growth[name]).map((one) =>
    growthTable(one, results.growth[one.name] ?? [])
  );
}

/** Those that can be measured; of the others it is said why not. */
function usable(): readonly Contender[] {
  const { found, leftOut } = contenders();
  for (const reason of leftOut) console.error(`left out: ${reason}`);
  return found;
}

/** Keeps what was found so far. */
function keep(): void {
  if (options.count === undefined) keepResults(results);
}

async function worksNow(): Promise<void> {
  const found = WORKS.some(wanted) ? usable() : [];
  const rounds = Number(options.rounds ?? 7);
  for (const work of WORKS.filter(wanted)) {
    const count = Number(options.count ?? work.count);
    results.works[work.name] = measure(work, found, rounds, count, (round) => {
      console.error(`${work.name}: round ${round + 1} of ${rounds}`);
    });
    keep();
  }
  // It takes minutes, whatever the count.
  if (options.count === undefined && wanted(CONTAINERS)) {
    results.containers = await benchContainers(console.error);
    keep();
  }
}

/** What grows for C, too, is the kernel's part. */
function growthNow(): void {
  const measured = usable().filter(({ name, ours }) => ours || name === MEASURE);
  for (const growth of GROWTHS.filter(wanted)) {
    const sizes = options.count === undefined ? growth.sizes : [Number(options.count)];
    results.growth[growth.name] = measureGrowth(growth, measured, Number(options.rounds ?? 3), sizes, console.error);
    keep();
  }
}

async function enduranceNow(): Promise<void> {
  for (const work of ENDURANCES.filter(wanted)) {
    results.endurance[work.name] = await endure(work, Number(options.count ?? work.count));
    keep();
  }
}
