import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { printable, quoted } from "../../../ffi/mod.ts";
import { cpath, cstring, keptCpath } from "../../../ffi/text.ts";

describe("printable()", () => {
  it("leaves visible text as it is", () => {
    for (const text of ["eth0", "a b", "日本", "é", "-"]) assertEquals(printable(text), text);
  });

  it("quotes and escapes what would speak to a terminal or deceive a reader", () => {
    assertEquals(printable("a\nb"), String.raw`"a\nb"`);
    assertEquals(printable("a\x1b[31m"), String.raw`"a\u001b[31m"`);
    assertEquals(printable("a\u202eb"), String.raw`"a\u{202e}b"`);
    assertEquals(printable("a\u2028b"), String.raw`"a\u{2028}b"`);
    assertEquals(printable("\u009b"), String.raw`"\u{9b}"`);
    assertEquals([printable(""), printable(" a"), printable('"')], ['""', '" a"', String.raw`"\""`]);
  });
});

describe("quoted()", () => {
  it("always quotes", () => assertEquals(quoted("a"), '"a"'));
});

describe("cstring()", () => {
  it("ends in NUL, and refuses one inside", () => {
    assertEquals([...cstring("é")], [0xc3, 0xa9, 0]);
    assertThrows(() => cstring("a\0b"), TypeError, "expected text without NUL");
  });
});

describe("cpath()", () => {
  it("ends in NUL, and has the bytes that are shown as digits", () => {
    assertEquals([...cpath("é")], [0xc3, 0xa9, 0]);
    assertEquals([...cpath("/a\\xff\\x5cx")], [0x2f, 0x61, 0xff, 0x5c, 0x78, 0]);
    for (const path of ["a\0b", "\\xffa\0b"]) assertThrows(() => cpath(path), TypeError, "expected text without NUL");
  });
});

describe("keptCpath()", () => {
  it("gives what cpath() gives, also of more texts than are kept", () => {
    const texts = Array.from({ length: 600 }, (_, i) => `/run/netns/${i % 300}`);
    for (const text of texts) assertEquals(keptCpath(text), cpath(text));
    assertThrows(() => keptCpath("a\0b"), TypeError, "expected text without NUL");
  });

  it("keeps the bytes of a text", () => {
    assertEquals(keptCpath("/run/netns/same") === keptCpath("/run/netns/same"), true);
  });
});
