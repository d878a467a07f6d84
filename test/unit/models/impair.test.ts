import { describe, it } from "@std/testing/bdd";
import { assert, assertEquals } from "@std/assert";
import * as v from "npm:valibot@1.5.0";
import { impairmentSchema, quantitiesOf, rateText, timeText } from "../../../src/models/impair.ts";

const read = (given: unknown): unknown => quantitiesOf(v.parse(impairmentSchema, given));
const fault = (given: unknown, key: string | undefined, expected = ""): void => {
  const { success, issues = [] } = v.safeParse(impairmentSchema, given);
  const [issue] = issues;
  assert(!success && issues.length === 1, `${JSON.stringify(given)}: ${issues.length} faults`);
  assertEquals(issue?.path?.at(0)?.key, key, JSON.stringify(given));
  assert(issue?.message.includes(expected), `${JSON.stringify(given)}: ${issue?.message}`);
};

describe("impairmentSchema", () => {
  it("reads times as nanoseconds", () => {
    const times = [
      ["20ms", 20e6],
      ["1.5 s", 15e8],
      ["100us", 1e5],
      ["7ns", 7],
      ["2SECS", 2e9],
      [".5ms", 5e5],
      ["0", 0],
      [0, 0],
    ];
    for (const [delay, expected] of times) assertEquals(read({ delay }), { delay: expected });
    for (const delay of ["20", 20, ".", ".ms", "20m", "-1ms", "", "ms", "1e3ms", "2000000s", true, [1]]) {
      fault({ delay }, "delay", "a time with its unit");
    }
  });

  it("reads parts as percent", () => {
    for (
      const [loss, expected] of [["1%", 1], ["0.5 %", 0.5], [3, 3], ["100", 100], [1e-7, 1e-7], ["0%", 0], [".5%", 0.5]]
    ) {
      assertEquals(read({ loss }), { loss: expected });
    }
    for (const loss of ["101%", -1, "x", "", "1%%", {}]) fault({ loss }, "loss", "0% to 100%");
  });

  it("reads rates as bytes a second", () => {
    const rates = [["10mbit", 1_250_000], ["8bit", 1], ["1kbps", 1000], ["1Gibit", 2 ** 27], [".5mbit", 62_500]];
    for (const [rate, expected] of rates) assertEquals(read({ rate }), { rate: expected });
    for (const rate of ["10", "0mbit", 10, "10mb", "1bit"]) fault({ rate }, "rate", "a rate with its unit");
  });

  it("reads the others, and wants what they vary beside them", () => {
    const given = { delay: "20ms", jitter: "2ms", distribution: "normal", limit: 50, reorder: "25%", corrupt: 1 };
    const expected = { delay: 20e6, jitter: 2e6, distribution: "normal", limit: 50, reorder: 25, corrupt: 1 };
    assertEquals(read(given), expected);
    fault({ jitter: "2ms" }, "jitter", "a delay");
    fault({ delay: "2ms", distribution: "normal" }, "distribution", "a jitter");
    fault({ reorder: "2%" }, "reorder", "a delay");
    fault({ delay: "2ms", jitter: "1ms", distribution: "gauss" }, "distribution", "pareto");
    fault({}, undefined, "delay, loss, rate");
    fault({ dellay: "2ms" }, "dellay", "delay");
    fault([], undefined, "a mapping");
  });
});

describe("quantitiesOf()", () => {
  it("gives the same for the canonical text, which is read as itself", () => {
    const given = { delay: "0.02s", jitter: "1500ns", distribution: "pareto", loss: 0.10, rate: "1250kbps", limit: 7 };
    const canonical = v.parse(impairmentSchema, given);
    assertEquals(canonical, {
      delay: "20ms",
      jitter: "1500ns",
      distribution: "pareto",
      loss: "0.1%",
      rate: "10mbit",
      limit: 7,
    });
    assertEquals(v.parse(impairmentSchema, canonical), canonical);
    assertEquals(quantitiesOf(canonical).rate, 1_250_000);
    assertEquals(v.parse(impairmentSchema, { loss: 1e-7, rate: "8bit", delay: 0 }).loss, "1e-7%");
    assertEquals([timeText(0), timeText(3e9), rateText(3), rateText(125e9)], ["0ns", "3s", "24bit", "1tbit"]);
  });
});
