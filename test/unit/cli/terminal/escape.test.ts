import { describe, it } from "@std/testing/bdd";
import { assertEquals } from "@std/assert";
import { oneLine, withoutControls } from "../../../../src/cli/terminal/escape.ts";

describe("withoutControls()", () => {
  it("escapes control characters and direction marks", () => {
    assertEquals(withoutControls("a\x1b[31mb\r\x7f\x9b\u202ec"), "a\\u{1b}[31mb\\u{d}\\u{7f}\\u{9b}\\u{202e}c");
  });

  it("leaves text, line ends and other scripts as they are", () => {
    const text = 'Cannot use "süß 名前 🙂":\n  a\n  b';
    assertEquals(withoutControls(text), text);
  });
});

describe("oneLine()", () => {
  it("escapes line feeds as well", () => assertEquals(oneLine("a\nb\x1b"), "a\\u{a}b\\u{1b}"));
});
