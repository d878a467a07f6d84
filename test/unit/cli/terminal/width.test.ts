import { describe, it } from "@std/testing/bdd";
import { assertEquals } from "@std/assert";
import { cutTo, widthOf } from "../../../../src/cli/terminal/width.ts";

describe("widthOf()", () => {
  const widths: [text: string, width: number][] = [
    ["", 0],
    ["blue", 4],
    ["süß", 3],
    ["名前", 4],
    ["ﾊﾝｶｸ", 4],
    ["한글", 4],
    ["e\u0301", 1],
    ["🙂", 2],
    ["…", 1],
  ];
  for (const [text, width] of widths) it(`is ${width} for ${text}`, () => assertEquals(widthOf(text), width));
});

describe("cutTo()", () => {
  it("leaves what has room", () => assertEquals([cutTo("blue", 4), cutTo("", 0)], ["blue", ""]));

  it("ends with an ellipsis that has room too", () => {
    assertEquals([cutTo("green", 4), cutTo("green", 1), cutTo("green", 0)], ["gre…", "…", ""]);
  });

  it("cuts no wide character in half", () => assertEquals([cutTo("名前x", 4), cutTo("名前x", 3)], ["名…", "名…"]));
});
