import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { text } from "../../../../src/netlink/wire/text.ts";
import { read, written } from "../check.ts";

describe("text", () => {
  it("ends in NUL, and is read up to the first", () => {
    assertEquals(written(text, "ab"), [97, 98, 0]);
    assertEquals(read(text, 97, 98, 0), "ab");
    assertEquals(read(text, 97, 98), "ab");
    assertEquals(read(text, 97, 0, 98), "a");
    assertEquals(read(text), "");
  });

  it("refuses a NUL, at which the kernel would end it", () => {
    assertThrows(() => written(text, "a\0b"), TypeError);
  });
});
