import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { memoize } from "../../../ffi/memoize.ts";

describe("memoize()", () => {
  it("makes each result once, and keeps no more than a few hundred", () => {
    const made: string[] = [];
    const kept = memoize((text) => {
      made.push(text);
      return { text };
    });
    assertEquals(kept("a"), kept("a"));
    assertEquals(made, ["a"]);
    for (let i = 0; i < 1000; i++) kept(`${i}`);
    kept("a");
    assertEquals(made.filter((text) => text === "a").length, 2);
  });

  it("keeps no failure", () => {
    let fails = true;
    const kept = memoize((text) => {
      if (fails) throw new RangeError(text);
      return text;
    });
    assertThrows(() => kept("a"), RangeError);
    fails = false;
    assertEquals(kept("a"), "a");
  });
});
