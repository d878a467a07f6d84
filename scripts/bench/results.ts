/** What was measured, kept from run to run: a long measurement can be made in pieces. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Results } from "./comparison.ts";
import { SPACE } from "./contenders.ts";

const FILE = join(SPACE, "results.json");

/** What earlier runs on this machine found; nothing if the machine or what is installed on it was another one. */
export function readResults(machine: string): Results {
  try {
    const results = JSON.parse(readFileSync(FILE, "utf8")) as Results; // as it was written below
    if (results.machine === machine) return results;
  } catch {
    // there was no earlier run, or it did not come to its end
  }
  return { machine, works: {} };
}

/** Keeps them. */
export function keepResults(results: Results): void {
  mkdirSync(dirname(FILE), { recursive: true });
  writeFileSync(FILE, JSON.stringify(results));
}
