import { describe, it } from "@std/testing/bdd";
import { assertEquals } from "@std/assert";
import { columnsOf, shortened, wrapped } from "../../../../../src/graph/formats/svg/text.ts";

describe("columnsOf()", () => {
  it("counts two columns for a character that may be wide", () => {
    assertEquals([columnsOf("blue"), columnsOf("名前"), columnsOf("→…─")], [4, 4, 3]);
  });
});

describe("shortened()", () => {
  it("keeps the beginning and the end of a long text, in columns", () => {
    assertEquals(shortened("a".repeat(20), 20), "a".repeat(20));
    assertEquals(shortened("0123456789abcdefghij", 11), "012345…ghij");
    assertEquals(shortened("名前名前名前名前", 9), "名前…名前");
  });
});

describe("wrapped()", () => {
  it("breaks at spaces, and shortens longer words", () => {
    assertEquals(wrapped("one two three", 7), ["one two", "three"]);
    assertEquals(wrapped("x".repeat(9), 5), ["xxx…x"]);
    assertEquals(wrapped("", 5), [""]);
  });
});
