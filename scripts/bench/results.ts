/** What was measured on one machine. It is kept from run to run, so that a long measurement can be made in pieces. */
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, release } from "node:os";
import { join } from "node:path";
import type { ContainerFigures } from "./containers.ts";
import { type Figures, KEPT } from "./contenders.ts";
import type { Use, WorkName } from "./works.ts";

/** What the rounds of a work took: the microseconds of each, by contender. */
export type Took = Readonly<Record<string, readonly number[]>>;

/** What a work took, round by round, by size. */
export type At = Readonly<Record<number, readonly Figures[]>>;

/** What was measured of one work and contender. */
export type GrowthRow = { readonly work: WorkName; readonly contender: string; readonly at: At };

/** What a process used at the start, after a tenth, and at the end. */
export type Endured = { readonly title: string; readonly uses: readonly Use[] };

/** What is known of one machine. */
export interface Results {
  readonly machine: string;
  /** The day of the newest measurement, as 2026-01-31. */
  date: string;
  readonly works: { [work in WorkName]?: Took };
  /** By the name of the list, of the tool and of ours. */
  readonly lists: { [list: string]: Took };
  /** By the name of the call, of ours and of what is the runtime's own. */
  readonly calls: { [call: string]: Took };
  /** By the name of what there is more and more of. */
  readonly growth: { [growth: string]: readonly GrowthRow[] };
  /** By the name of what is done again and again. */
  readonly endurance: { [work: string]: readonly Endured[] };
  containers: readonly ContainerFigures[];
}

const FILE = join(KEPT, "results.json");

/** Nothing is known of a machine. */
export function noResults(machine: string): Results {
  return { machine, date: "", works: {}, lists: {}, calls: {}, growth: {}, endurance: {}, containers: [] };
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
  mkdirSync(KEPT, { recursive: true });
  writeFileSync(FILE, JSON.stringify(results));
}

/** The machine and what is installed on it, in one line. */
export function machine(): string {
  const python = "import importlib.metadata as m; print(m.version('pyroute2'))";
  const programs: readonly (readonly [name: string, command: string, ...args: string[]])[] = [
    ...[["Node", "node", "--version"], ["gcc", "cc", "-dumpfullversion"], ["Go", "go", "version"]] as const,
    ...[["pyroute2", "/usr/bin/python3", "-c", python], ["iproute2", "ip", "-V"]] as const,
    ["util-linux", "nsenter", "--version"],
  ];
  const versions = programs.flatMap(([name, command, ...args]) => {
    const [number] = spawnSync(command, args, { encoding: "utf8" }).stdout?.match(/\d+(\.\d+)+/) ?? [];
    return number === undefined ? [] : [`${name} ${number}`]; // it is not there
  });
  const [{ model } = { model: "" }] = cpus();
  const parts = [model.trim() || "unknown processor", `${cpus().length} processors`, `Linux ${release()}`];
  return [...parts, `Deno ${Deno.version.deno}`, ...versions].join(", ");
}
