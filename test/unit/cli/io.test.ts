import { describe, it } from "@std/testing/bdd";
import { assertEquals } from "@std/assert";
import { withoutControls } from "../../../src/cli/io.ts";

describe("withoutControls()", () => {
  it("escapes what would speak to the terminal or turn the text", () => {
    assertEquals(withoutControls("a\x1b[31mb\r\x7f\x9b\u202ec"), "a\\u{1b}[31mb\\u{d}\\u{7f}\\u{9b}\\u{202e}c");
  });

  it("leaves text, line ends and other scripts as they are", () => {
    const text = 'Cannot use "süß 名前 🙂":\n  a\n  b';
    assertEquals(withoutControls(text), text);
  });
});
