import { describe, it } from "@std/testing/bdd";
import { assertEquals } from "@std/assert";
import { countLine, topicLines } from "../../../../src/cli/commands/doctor.ts";
import type { Finding } from "../../../../src/doctor/check.ts";
import { fakeIo } from "../fake_io.ts";

const FINDINGS: readonly Finding[] = [
  { check: "setns", status: "ok", detail: "switched" },
  { check: "a longer one", status: "warning", detail: "in part", remedy: "do this" },
  { check: "veth", status: "failed", detail: "refused\x1b[31m", remedy: "do\u202ethat" },
];

describe("topicLines()", () => {
  it("aligns the checks of a topic, with remedies below, and escapes control characters", () => {
    assertEquals(topicLines({ title: "Kernel", findings: FINDINGS }, fakeIo()), [
      "Kernel",
      "  ok       setns         switched",
      "  warning  a longer one  in part",
      "           → do this",
      "  FAILED   veth          refused\\u{1b}[31m",
      "           → do\\u{202e}that",
      "",
    ]);
  });
});

describe("countLine()", () => {
  it("counts each status", () => {
    assertEquals(countLine(FINDINGS), "1 ok, 1 warning, 1 failed");
    assertEquals(countLine([]), "0 ok, 0 warnings, 0 failed");
  });
});
