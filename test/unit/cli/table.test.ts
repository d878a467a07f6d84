import { describe, it } from "@std/testing/bdd";
import { assertEquals } from "@std/assert";
import { table } from "../../../src/cli/table.ts";

describe("table()", () => {
  it("aligns columns, without spaces at the ends of lines", () => {
    assertEquals(table([["NAME", "INODE", "PATH"], ["a-long-name", "1", ""], ["b", "23", "/x"]]), [
      "NAME         INODE  PATH",
      "a-long-name  1",
      "b            23     /x",
    ]);
  });

  it("makes nothing of nothing", () => {
    assertEquals(table([]), []);
  });
});
