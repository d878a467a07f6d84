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
  it("leaves a text that fits", () => assertEquals([cutTo("blue", 4), cutTo("", 0)], ["blue", ""]));

  it("counts the ellipsis", () => {
    assertEquals([cutTo("green", 4), cutTo("green", 1), cutTo("green", 0)], ["gre…", "…", ""]);
  });

  it("keeps wide characters whole", () => assertEquals([cutTo("名前x", 4), cutTo("名前x", 3)], ["名…", "名…"]));
});
