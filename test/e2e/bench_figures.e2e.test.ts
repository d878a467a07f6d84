/** What the program that measures makes of its figures. */
import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { chart, missed, noResults, quantile, ratios, type Results, sideBySide } from "../../scripts/bench/report.ts";

const took = { C: [10, 20, 40], "netns in Deno": [7, 16, 28], "netns in Node": [5, 10, 20], Go: [15, 30, 60] };
const results: Results = { ...noResults("a machine"), works: { "switch-name": took } };

describe("quantile()", () => {
  it("gives the median and the quartiles, also between two values", () => {
    const quartiles = (...values: number[]): number[] => [0.25, 0.5, 0.75].map((part) => quantile(values, part));
    assertEquals(quartiles(4, 1, 3, 2, 5), [2, 3, 4]);
    assertEquals(quartiles(2, 1), [1.25, 1.5, 1.75]);
    assertEquals(quartiles(7), [7, 7, 7]);
  });
});

describe("ratios()", () => {
  it("compares what was measured in the same round", () => {
    assertEquals(ratios([5, 20], [10, 10]), [0.5, 2]);
    assertEquals(ratios([5, 20], [10]), [0.5]); // what has no measure says nothing
  });
});

describe("sideBySide()", () => {
  it("gives C in microseconds, everyone else as a ratio with its quartiles, ours with its target", () => {
    assertEquals(sideBySide(results).join().split("\n"), [
      "|  | target | C, µs | netns in Deno | netns in Node | Go |",
      "| --- | ---: | ---: | ---: | ---: | ---: |",
      "| switch by name and back | 0.75 | 20.0 | 0.70 (0.70–0.75) | 0.50 (0.50–0.50) | 1.50 (1.50–1.50) |",
    ]);
  });

  it("marks a target that is missed, and missed() names it", () => {
    const slow: Results = {
      ...noResults("a machine"),
      works: { "switch-name": { C: [10], "netns in Deno": [8], Go: [90] } },
    };
    assert(sideBySide(slow).join().includes("| 0.80 (0.80–0.80) ✗ | 9.00 (9.00–9.00) |"));
    assertEquals(missed(slow), ["switch by name and back, netns in Deno: 0.80, the target is 0.75"]);
    assertEquals(missed(results), []);
  });
});

describe("chart()", () => {
  it("has a bar for each contender: before the line if it is faster than C, behind it if it is slower", () => {
    const svg = chart(results);
    const bars = [...svg.matchAll(/<rect class="(\w+)" x="([\d.]+)" y="[\d.]+" width="([\d.]+)"/g)]
      .map(([, kind, x, width]) => ({ kind, x: Number(x), end: Number(x) + Number(width) }));
    const [, at] = svg.match(/<line class="line" x1="([\d.]+)"/) ?? [];
    const line = Number(at);
    assertEquals(bars.map(({ kind }) => kind), ["ours", "ours", "other"]);
    assert(bars[1] && bars[0] && bars[2]);
    assert(bars[1].x < bars[0].x && bars[0].x < line && bars[2].x === line && bars[2].end > line);
  });
});
