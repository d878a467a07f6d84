import { describe, it } from "@std/testing/bdd";
import { assertEquals, assertMatch } from "@std/assert";
import type { LogRecord } from "npm:@logtape/logtape@2.4.2";
import { humanLine, jsonLine, logReport } from "../../../src/cli/agent_log.ts";
import type { ApplyReport } from "../../../src/configurator/report.ts";
import { step } from "./fake_step.ts";

const NOTHING: ApplyReport = { done: [], unchanged: 0, pending: [], failed: [] };

/** What {@linkcode logReport} logs: level and message. */
function logged(report: ApplyReport, last?: ApplyReport): string[] {
  const lines: string[] = [];
  const log = (level: string) => (template: string, values: Record<string, unknown>): void => {
    lines.push(`${level}: ${template.replace(/\{(\w+)\}/g, (_, key: string) => String(values[key]))}`);
  };
  logReport(report, last, { info: log("info"), error: log("error") });
  return lines;
}

describe("logReport()", () => {
  it("logs steps, pending and failed items, and the counts", () => {
    const report: ApplyReport = {
      done: [step("create namespace blue")],
      unchanged: 2,
      pending: [{ item: "interface a", reason: "no TAP" }],
      failed: [{ item: "route r", reason: "refused" }],
    };
    assertEquals(logged(report), [
      "info: create namespace blue",
      "info: pending: interface a: no TAP",
      "error: failed: route r: refused",
      "info: 1 done, 2 unchanged, 1 pending, 1 failed",
    ]);
  });

  it("logs an item again only if its reason has changed", () => {
    const pending = (reason: string): ApplyReport => ({ ...NOTHING, pending: [{ item: "interface a", reason }] });
    const counts = "info: 1 pending";
    assertEquals(logged(pending("no TAP"), pending("no TAP")), [counts]);
    assertEquals(logged(pending("no peer"), pending("no TAP")), ["info: pending: interface a: no peer", counts]);
  });
});

const RECORD: LogRecord = {
  category: ["netns", "agent"],
  level: "error",
  message: ["failed: ", "a\x1b[31m", ""],
  rawMessage: "failed: {item}",
  timestamp: Date.UTC(2026, 0, 2, 3, 4, 5, 6),
  properties: { item: "a\x1b[31m" },
};

describe("humanLine()", () => {
  it("has time, level and message, with control characters escaped", () => {
    assertEquals(humanLine(RECORD), "03:04:05.006 error: failed: a\\u{1b}[31m");
    assertMatch(humanLine({ ...RECORD, level: "info" }), /^03:04:05\.006 failed: /);
  });
});

describe("jsonLine()", () => {
  it("has the values as well as the message", () => {
    assertEquals(JSON.parse(jsonLine(RECORD)), {
      time: "2026-01-02T03:04:05.006Z",
      level: "error",
      category: "netns.agent",
      message: "failed: a\x1b[31m",
      item: "a\x1b[31m",
    });
  });
});
