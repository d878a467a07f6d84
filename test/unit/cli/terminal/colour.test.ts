import { describe, it } from "@std/testing/bdd";
import { assertEquals } from "@std/assert";
import { coloured, wantsColours } from "../../../../src/cli/terminal/colour.ts";

describe("wantsColours()", () => {
  const cases: [isTerminal: boolean, environment: Record<string, string>, wanted: boolean][] = [
    [true, {}, true],
    [false, {}, false],
    [true, { TERM: "xterm" }, true],
    [true, { TERM: "dumb" }, false],
    [true, { NO_COLOR: "1" }, false],
    [true, { NO_COLOR: "" }, true],
    [false, { FORCE_COLOR: "1" }, true],
    [false, { FORCE_COLOR: "" }, true],
    [true, { FORCE_COLOR: "0" }, false],
    [true, { NO_COLOR: "1", FORCE_COLOR: "1" }, false],
  ];
  for (const [isTerminal, environment, wanted] of cases) {
    it(`is ${wanted} ${isTerminal ? "on a terminal" : "elsewhere"} with ${JSON.stringify(environment)}`, () => {
      assertEquals(wantsColours(isTerminal, environment), wanted);
    });
  }
});

describe("coloured()", () => {
  it("sets a colour and resets it", () => assertEquals(coloured("red", "x"), "\x1b[31mx\x1b[39m"));
});
