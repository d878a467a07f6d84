/** The program that measures: that it can, not what comes of it. */
import { spawnSync } from "node:child_process";
import process from "node:process";
import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { comparison, MEASURE, type Results } from "../../scripts/bench/comparison.ts";
import { WORKS } from "../../scripts/bench/works.ts";
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
      const took = works[name]?.took ?? {};
      const expected = [MEASURE, "netns in Deno", "netns in Node"];
      assertEquals(Object.keys(took).filter((one) => expected.includes(one)).sort(), expected, name);
      for (const one of Object.keys(took)) {
        const { median } = comparison(took, one);
        assert(median > 0 && Number.isFinite(median), `${name}, ${one}: ${median}`);
      }
    }
  });
});
