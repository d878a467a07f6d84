/** The program that measures: that it can, not what comes of it. */
import { spawnSync } from "node:child_process";
import process from "node:process";
import { assert, assertEquals, assertMatch } from "@std/assert";
import { before, describe, it } from "@std/testing/bdd";
import { C, ENDURANCES, ENTRIES, GROWN, GROWTHS, isMeasure, OURS, OWN, TOOL } from "../../scripts/bench/entries.ts";
import { comparison, enduranceTable, growthTable, type Results } from "../../scripts/bench/report.ts";
import { root } from "./support.ts";

const skip = process.env["CI"] !== "true" &&
  (process.geteuid?.() !== 0 || spawnSync("cc", ["--version"]).error !== undefined);
if (skip) console.warn("notice: scripts/bench.ts is skipped: this needs root and a C compiler");

/** Has everything measured once, but what grows among other namespaces, which has no work of its own. */
function measured(): Results {
  const program = ["run", "-q", "-A", "--node-modules-dir=manual", `${root}scripts/bench.ts`];
  const { works, lists, calls } = ENTRIES;
  const grown = GROWTHS.filter(({ name }) => name !== "namespaces");
  const only = [...works, ...lists, ...calls, ...grown, ...ENDURANCES].flatMap(({ name }) => ["--only", name]);
  const modes = ["--works", "--lists", "--calls", "--growth", "--endurance"];
  const args = [...program, ...modes, ...only, "--rounds", "1", "--count", "2", "--json"];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
  assertEquals(status, 0, stderr);
  return JSON.parse(stdout);
}

describe("scripts/bench.ts", { skip }, () => {
  let results: Results;
  before(() => void (results = measured()));

  it("has everything done by the library in both runtimes, beside C, a tool or the runtime itself", () => {
    const measures = { works: [C], lists: [TOOL], calls: OURS.map((name) => name + OWN) };
    for (const mode of ["works", "lists", "calls"] as const) {
      for (const { name } of ENTRIES[mode]) {
        const took = results[mode][name] ?? {};
        for (const one of [...measures[mode], ...OURS]) assert(one in took, `${name}, ${one}`);
        for (const one of Object.keys(took)) {
          const [ratio = NaN] = comparison(took, one);
          assert(
            isMeasure(one) || one.endsWith(GROWN) || ratio > 0 && Number.isFinite(ratio),
            `${name}, ${one}: ${ratio}`,
          );
        }
      }
    }
  });

  it("shows how each work grows", () => {
    const rows = growthTable(results).join("\n").split("\n");
    for (const work of new Set(GROWTHS.flatMap(({ works }) => Object.keys(works)))) {
      const found = rows.filter((row) => row.startsWith(`| ${work}, 2 `));
      assert(found.length > 0, work);
      for (const row of found) assertMatch(row, /( \| [\d.]+ \(1\.00(; -?\d+ MiB)?\)){2} \|$/);
    }
  });

  it("shows what a process uses that does the same again and again", () => {
    const rows = enduranceTable(results).join("\n").split("\n").filter((line) => line.startsWith("| 2 "));
    assertEquals(rows.length, 2 * ENDURANCES.length);
    for (const row of rows) assertMatch(row, /^\| 2 [\w ]+, (Deno|Node) (\| \d+, \d+, \d+ ){3}(\| [\d., ]+ ){2}\|$/);
  });
});
