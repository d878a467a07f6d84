/** The program that measures: that it can, not what comes of it. */
import { spawnSync } from "node:child_process";
import process from "node:process";
import { assert, assertEquals, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { MEASURE } from "../../scripts/bench/contenders.ts";
import { LISTS, TOOL } from "../../scripts/bench/lists.ts";
import { comparison } from "../../scripts/bench/report.ts";
import type { Results } from "../../scripts/bench/results.ts";
import { ENDURANCES, GROWTHS, WORKS } from "../../scripts/bench/works.ts";
import { root } from "./support.ts";

const skip = process.env["CI"] !== "true" &&
  (process.geteuid?.() !== 0 || spawnSync("cc", ["--version"]).error !== undefined);
if (skip) console.warn("notice: scripts/bench.ts is skipped: this needs root and a C compiler");

/** Runs it, and gives what it prints. */
function bench(...args: string[]): string {
  const program = ["run", "-q", "-A", "--node-modules-dir=manual", `${root}scripts/bench.ts`];
  const { status, stdout, stderr } = spawnSync(process.execPath, [...program, ...args], { encoding: "utf8" });
  assertEquals(status, 0, stderr);
  return stdout;
}

describe("scripts/bench.ts", { skip }, () => {
  it("has each work done by the library in both runtimes, and by what else is installed, beside C", () => {
    const { works } = JSON.parse(bench("--rounds", "1", "--count", "2", "--json")) as Results;
    for (const { name } of WORKS) {
      const took = works[name] ?? {};
      const expected = [MEASURE, "netns in Deno", "netns in Node"];
      assertEquals(Object.keys(took).filter((one) => expected.includes(one)).sort(), expected, name);
      for (const one of Object.keys(took)) {
        const { median } = comparison(took, one);
        assert(median > 0 && Number.isFinite(median), `${name}, ${one}: ${median}`);
      }
    }
  });

  it("shows how each work grows", () => {
    const only = GROWTHS.flatMap(({ name }) => name === "namespaces" ? [] : ["--only", name]); // it has no work of its own
    const rows = bench("--growth", "--rounds", "1", "--count", "2", ...only).split("\n").filter((line) =>
      line.includes(", ")
    );
    for (const work of new Set(GROWTHS.flatMap(({ works }) => works.map(({ name }) => name)))) {
      for (const runtime of ["Deno", "Node"]) {
        const found = rows.filter((row) => row.startsWith(`| ${work}, netns in ${runtime} |`));
        assert(found.length > 0, `${work} in ${runtime}`);
        for (const row of found) assertMatch(row, /\| [\d.]+ \(1\.00\) \|/);
      }
    }
  });

  it("has each list made by the library in both runtimes, beside the tool", () => {
    const { lists } = JSON.parse(bench("--lists", "--rounds", "1", "--count", "10", "--json")) as Results;
    for (const { name } of LISTS) {
      const took = lists[name] ?? {};
      const names = Object.keys(took).filter((one) => one !== "Go" && one !== "pyroute2").sort();
      assertEquals(names, ["netns in Deno", "netns in Node", TOOL], name);
      for (const [micros = NaN] of Object.values(took)) assert(micros > 0 && Number.isFinite(micros), name);
    }
  });

  it("shows what a process uses that does the same again and again", () => {
    const rows = bench("--endurance", "--count", "12").split("\n").filter((line) => line.startsWith("| 12 "));
    assertEquals(rows.length, 2 * ENDURANCES.length);
    for (const row of rows) assertMatch(row, /^\| 12 [\w ]+, (Deno|Node) (\| \d+, \d+, \d+ ){3}(\| [\d., ]+ ){2}\|$/);
  });
});
