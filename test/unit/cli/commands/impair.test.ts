import { describe, it } from "@std/testing/bdd";
import { assertEquals, assertMatch } from "@std/assert";
import { main } from "../../../../src/cli/main.ts";
import { fakeIo } from "../fake_io.ts";

describe("impairCommand()", () => {
  const cases: readonly (readonly [words: readonly string[], message: RegExp])[] = [
    [["fast"], /Cannot use fast: expected FIELD=VALUE, such as delay=20ms, or off alone/],
    [["delay=20"], /Cannot use delay=20: expected a time with its unit/],
    [["jitter=1ms"], /Cannot use jitter=1ms: expected a delay beside it/],
    [["speed=1"], /Cannot use speed=1: expected/],
    [["delay=1ms", "loss=1%", "delay=2ms"], /Cannot use delay twice: expected each field once/],
    [["off", "delay=1ms"], /Cannot use off: expected FIELD=VALUE/],
  ];
  for (const [words, message] of cases) {
    it(`refuses ${words.join(" ")}`, async () => {
      const io = fakeIo();
      assertEquals(await main(["impair", "PID:0", "lo", ...words], io), 2);
      assertMatch(io.complaints.join("\n"), message);
    });
  }

  it("refuses what no link can be named", async () => {
    for (const link of ["", "x".repeat(128)]) {
      const io = fakeIo();
      assertEquals(await main(["impair", "PID:0", link, "rate=1mbit"], io), 2);
      assertMatch(io.complaints.join("\n"), /is invalid for argument 'link'. Expected a name of 1 to 127 bytes/);
    }
  });
});
