import { describe, it } from "@std/testing/bdd";
import { assertEquals } from "@std/assert";
import { type Cell, printTable } from "../../../../src/cli/terminal/table.ts";
import { fakeIo } from "../fake_io.ts";

const HEAD = ["NAME", "INODE", "PATH"];

/** The lines of a table whose path may be cut, and then its name. */
function lines(rows: readonly (readonly Cell[])[], columns?: number): string[] {
  const io = fakeIo("", columns);
  printTable(rows, [2, 0], io);
  return io.printed;
}

describe("printTable()", () => {
  it("aligns columns, without spaces at the ends of lines", () => {
    assertEquals(lines([HEAD, ["a-long-name", "1", ""], ["b", "23", "/x"]]), [
      "NAME         INODE  PATH",
      "a-long-name  1",
      "b            23     /x",
    ]);
  });

  it("cuts nothing without a terminal, and nothing that fits", () => {
    const long = "x".repeat(300);
    assertEquals(lines([HEAD, [long, "1", long]])[1], `${long}  1      ${long}`);
    assertEquals(lines([HEAD, ["blue", "1", "/run/netns/blue"]], 28), [
      "NAME  INODE  PATH",
      "blue  1      /run/netns/blue",
    ]);
  });

  it("cuts an elastic column down to its head before the next", () => {
    const rows = [HEAD, ["a-long-name", "4026532177", "/run/netns/a-long-name"]];
    assertEquals(lines(rows, 40), ["NAME         INODE       PATH", "a-long-name  4026532177  /run/netns/a-l…"]);
    assertEquals(lines(rows, 27), ["NAME       INODE       PATH", "a-long-n…  4026532177  /ru…"]);
    assertEquals(lines(rows, 5), ["NAME  INODE       PATH", "a-l…  4026532177  /ru…"], "not narrower than the heads");
  });

  it("counts columns of the terminal, not characters", () => {
    assertEquals(lines([HEAD, ["名前", "1", ""], ["e\u0301", "2", ""], ["🙂", "3", ""]]), [
      "NAME  INODE  PATH",
      "名前  1",
      "e\u0301     2",
      "🙂    3",
    ]);
  });

  it("colours a cell without counting the colour", () => {
    const io = { ...fakeIo(), paint: (colour: string, text: string) => `<${colour}>${text}</>` };
    printTable([HEAD, ["blue", { text: "stale", colour: "yellow" }, "/x"]], [], io);
    assertEquals(io.printed[1], "blue  <yellow>stale</>  /x");
  });
});
