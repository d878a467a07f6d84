/** What was measured on one machine. It is kept from run to run, so that a long measurement can be made in pieces. */
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, release } from "node:os";
import { join } from "node:path";
import type { ContainerFigures } from "./containers.ts";
import { KEPT } from "./contenders.ts";

/** What the rounds of a work took: the microseconds of each, by contender. */
export type Took = Readonly<Record<string, readonly number[]>>;

/** By the name of the work. */
type ByWork<T> = Record<string, T>;

/** What a process uses: numbers, and MiB of JavaScript's heap after a collection and of all its memory. */
export type Use = Readonly<Record<"descriptors" | "threads" | "mounts" | "heap" | "rss", number>>;

/** What is known of one machine. */
export interface Results extends Readonly<Record<"works" | "lists" | "calls", ByWork<Took>>> {
  readonly machine: string;
  /** The day of the newest measurement, as 2026-01-31. */
  date: string;
  /** By the name of what there is more and more of, the work and the size. */
  readonly growth: Record<string, ByWork<Readonly<Record<number, Took>>>>;
  /** What a process used at the start, after a tenth, and at the end, by work and in words. */
  readonly endurance: ByWork<Readonly<Record<string, readonly Use[]>>>;
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
  const programs = {
    ...{ Node: ["node", "--version"], gcc: ["cc", "-dumpfullversion"], Go: ["go", "version"] },
    ...{ pyroute2: ["/usr/bin/python3", "-c", python], iproute2: ["ip", "-V"], "util-linux": ["nsenter", "-V"] },
  };
  const versions = Object.entries(programs).flatMap(([name, [command = "", ...args]]) => {
    const [number] = spawnSync(command, args, { encoding: "utf8" }).stdout?.match(/\d+(\.\d+)+/) ?? [];
    return number === undefined ? [] : [`${name} ${number}`]; // it is not there
  });
  const model = cpus()[0]?.model.trim() || "unknown processor";
  const parts = [model, `${cpus().length} processors`, `Linux ${release()}`, `Deno ${Deno.version.deno}`];
  return [...parts, ...versions].join(", ");
}
