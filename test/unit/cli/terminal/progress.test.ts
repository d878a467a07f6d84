import { describe, it } from "@std/testing/bdd";
import { assertEquals } from "@std/assert";
import { ProgressLine } from "../../../../src/cli/terminal/progress.ts";

/** A line whose clock the test sets, and what it has written. */
function progressLine() {
  const written: string[] = [];
  const clock = { now: 0 };
  return { written, clock, line: new ProgressLine((text) => written.push(text), () => clock.now) };
}

describe("ProgressLine", () => {
  it("rewrites the line in place, one column narrower than the terminal", () => {
    const { written, clock, line } = progressLine();
    line.show("first", 80);
    clock.now = 100;
    line.show("a line that is too long", 10);
    assertEquals(written, ["\rfirst\x1b[K", "\ra line t…\x1b[K"]);
  });

  it("skips a line that follows too soon", () => {
    const { written, clock, line } = progressLine();
    for (clock.now of [0, 10, 39, 40]) line.show(`${clock.now}`, 80);
    assertEquals(written, ["\r0\x1b[K", "\r40\x1b[K"]);
  });

  it("erases a visible line once, and shows the next at once", () => {
    const { written, line } = progressLine();
    line.clear();
    line.show("a", 80);
    line.clear();
    line.clear();
    line.show("b", 80);
    assertEquals(written, ["\ra\x1b[K", "\r\x1b[K", "\rb\x1b[K"]);
  });
});
