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
 * made in pieces: `--kept` measures nothing and takes that, `--write` puts it into the README, `--check` ends with
 * status 1 if a target is missed. A run with a `--count` of its own says little, and is not kept.
 */
import { spawnSync } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { MEASURE, type Results } from "./bench/comparison.ts";
import { type Contender, contenders } from "./bench/contenders.ts";
import { ENDURANCES, enduranceTable, endure, type Endured, grown } from "./bench/endurance.ts";
import { GROWTHS, measureGrowth } from "./bench/growth.ts";
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
const names = (options.growth ? GROWTHS : options.endurance ? ENDURANCES : WORKS).map(({ name }) => name as string);
const wrong = options.only.find((name) => !names.includes(name));
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

if (options.growth || options.endurance) {
  if (options.growth) showGrowth();
  else await showEndurance();
  process.exit(0);
}

const here = machine();
const results: Results = options.count === undefined ? readResults(here) : { machine: here, works: {} };
if (!options.kept) sideBySideNow();
console.log(options.json ? JSON.stringify(results) : `\n${results.machine}\n\n${sideBySide(results)}`);
if (options.write) writeReadme(results);
const misses = missed(results);
for (const miss of misses) console.error(`missed: ${miss}`);
if (options.check && misses.length > 0) process.exit(1);

/** Those that can be measured; of the others it is said why not. */
function usable(): readonly Contender[] {
  const { found, leftOut } = contenders();
  for (const reason of leftOut) console.error(`left out: ${reason}`);
  return found;
}

function sideBySideNow(): void {
  const found = usable();
  const rounds = Number(options.rounds ?? 7);
  for (const work of WORKS.filter(wanted)) {
    const count = Number(options.count ?? work.count);
    const took = measure(work, found, rounds, count, (round) => {
      console.error(`${work.name}: round ${round + 1} of ${rounds}`);
    });
    results.works[work.name] = { took, date: new Date().toISOString().slice(0, 10) };
    if (options.count === undefined) keepResults(results);
  }
}

/** What only the kernel can be blamed for grows for C, too. */
function showGrowth(): void {
  const measured = usable().filter(({ name, ours }) => ours || name === MEASURE);
  for (const growth of GROWTHS.filter(wanted)) {
    const sizes = options.count === undefined ? growth.sizes : [Number(options.count)];
    const rounds = Number(options.rounds ?? 3);
    console.log(`\n${measureGrowth(growth, measured, rounds, sizes, (work) => console.error(work))}`);
  }
}

async function showEndurance(): Promise<void> {
  const all: Endured[] = [];
  for (const work of ENDURANCES.filter(wanted)) all.push(...await endure(work, Number(options.count ?? work.count)));
  console.log(`\n${enduranceTable(all)}`);
  const faults = grown(all);
  for (const fault of faults) console.error(`grown: ${fault}`);
  if (options.check && faults.length > 0) process.exit(1);
}
