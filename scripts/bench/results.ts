/** What was measured, kept from run to run: a long measurement can be made in pieces. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { noResults, type Results } from "./comparison.ts";
import { SPACE } from "./contenders.ts";

const FILE = join(SPACE, "results.json");

/** What earlier runs on this machine found; nothing if the machine or what is installed on it was another one. */
export function readResults(machine: string): Results {
  try {
    const results = JSON.parse(readFileSync(FILE, "utf8")) as Results; // as it was written below
    const nothing = noResults(machine);
    if (results.machine === machine && Object.keys(nothing).every((key) => key in results)) return results;
  } catch {
    // there was no earlier run, or it did not come to its end
  }
  return noResults(machine);
}

/** Keeps them, as of today. */
export function keepResults(results: Results): void {
  results.date = new Date().toISOString().slice(0, 10);
  mkdirSync(dirname(FILE), { recursive: true });
  writeFileSync(FILE, JSON.stringify(results));
}
