import { describe, it } from "@std/testing/bdd";
import { assertEquals, assertThrows } from "@std/assert";
import { ReportedError } from "../../../src/cli/errors.ts";
import { printPlan, printReport, showProgress } from "../../../src/cli/print_report.ts";
import type { ApplyReport } from "../../../src/configurator/report.ts";
import { fakeIo } from "./fake_io.ts";
import { step } from "./fake_step.ts";

const REPORT: ApplyReport = {
  done: [step("create namespace blue")],
  unchanged: 5,
  pending: [{ item: "interface web", reason: "no container with this label is running" }],
  failed: [],
};

describe("printReport()", () => {
  it("prints a line for each step and pending item, and the counts", () => {
    const io = fakeIo();
    printReport(REPORT, {}, io);
    assertEquals(io.printed, [
      "create namespace blue",
      "pending: interface web: no container with this label is running",
      "1 done, 5 unchanged, 1 pending",
    ]);
    assertEquals(io.complaints, []);
  });

  it("escapes line feeds and control characters in names", () => {
    const io = fakeIo();
    const item = "interface \u202eweb\nerror: forged";
    const reason = "none\x1b[2J";
    const report = {
      ...REPORT,
      done: [step("create\u2028x")],
      pending: [{ item, reason }],
      failed: [{ item, reason }],
    };
    assertThrows(() => printReport(report, {}, io), ReportedError);
    const shown = String.raw`interface \u{202e}web\u{a}error: forged: none\u{1b}[2J`;
    assertEquals(io.printed.slice(0, 2), [String.raw`create\u{2028}x`, `pending: ${shown}`]);
    assertEquals(io.complaints, [`error: ${shown}`]);
  });

  it("prints the report itself as JSON", () => {
    const io = fakeIo();
    printReport(REPORT, { json: true }, io);
    assertEquals(io.printed.map((line) => JSON.parse(line)), [{ version: 1, ...REPORT }]);
  });

  it("prints failures to standard error in both forms, and throws", () => {
    for (const json of [true, false]) {
      const io = fakeIo();
      const failed = [{ item: "route r", reason: "RTM_NEWROUTE: Network is unreachable (ENETUNREACH)" }];
      assertThrows(() => printReport({ ...REPORT, failed }, { json }, io), ReportedError);
      assertEquals(io.complaints, ["error: route r: RTM_NEWROUTE: Network is unreachable (ENETUNREACH)"]);
      assertEquals(io.printed.length, json ? 1 : 3);
    }
  });
});

describe("printPlan()", () => {
  it("prints the steps to do", () => {
    const io = fakeIo();
    const steps = [
      step("create namespace blue"),
      step("set lo in the default namespace: up", { kind: "change-link", namespace: "PID:0", link: "lo", to: "up" }),
      step("add the route", { kind: "add-route", to: "10.2.0.0/16 by eth0", why: "went with its address" }),
    ];
    printPlan({ steps, unchanged: 0, pending: [], failed: [] }, {}, io);
    assertEquals(io.printed, [
      "blue",
      "  create the namespace",
      "  add the route 10.2.0.0/16 by eth0 (went with its address)",
      "the default namespace",
      "  set lo: up",
      "3 to do",
    ]);
  });

  it("prints a reason that items share once, and nothing to do if there is nothing", () => {
    const io = fakeIo();
    const pending = ["a", "b"].map((item) => ({ item, reason: "there is no TAP" }));
    printPlan({ steps: [], unchanged: 2, pending, failed: [] }, {}, io);
    assertEquals(io.printed, ["pending: a, b: there is no TAP", "2 unchanged, 2 pending"]);
    printPlan({ steps: [], unchanged: 4, pending: [], failed: [] }, {}, io);
    assertEquals(io.printed.at(-1), "nothing to do");
  });
});

describe("showProgress()", () => {
  it("shows each step, and erases the last", () => {
    const shown: string[] = [];
    const show = showProgress({ ...fakeIo(), progress: (line) => shown.push(line) });
    show({ done: 1, total: 2, step: step("create namespace blue") });
    show({ done: 2, total: 2, step: step("create namespace green") });
    assertEquals(shown, ["[1/2] create namespace blue", ""]);
  });
});
