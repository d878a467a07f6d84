/**
 * Each call of the command that fails, and each before which it is killed: as many as there is time for in each run.
 * `deno task faults` does all.
 */
import { spawnSync } from "node:child_process";
import process from "node:process";
import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { type Form, runFaults } from "../../scripts/faults/harness.ts";

const skip = process.env["CI"] !== "true" &&
  (process.geteuid?.() !== 0 || spawnSync("strace", ["-V"]).error !== undefined);
if (skip) console.warn("notice: faults from outside are skipped: this needs root and strace");

/** How many cases of each scenario. */
const SAMPLES: readonly (readonly [form: Form, scenario: string, sample: number])[] = [
  ["node", "add, where nothing is", 12],
  ["node", "del", 12],
  ["node", "del, of a stale file", 6],
  ["node", "apply, where nothing is", 11],
  ["node", "apply, over another", 9],
  ["node", "destroy", 11],
  ["node", "apply --adopt", 8],
  ["node", "apply --atomic", 8],
  ["deno", "add, where nothing is", 6],
  ["deno", "destroy", 4],
];

describe("netns, when a system call fails or is its last,", { skip }, () => {
  for (const [form, scenario, sample] of SAMPLES) {
    it(`says so, and leaves nothing that the next run does not mend: ${scenario} (${form})`, async () => {
      const [result] = await runFaults({
        form,
        only: (name) => name === scenario,
        errnos: "one",
        sample,
        jobs: 2,
      });
      assert(result !== undefined && result.faults > 0 && result.kills > 0, scenario);
      assertEquals(result.problems, []);
      // What a runtime does beside it shifts the count by which strace aims.
      assert(result.missed.length <= (result.faults + result.kills) / 4, result.missed.join("; "));
    });
  }
});
