import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { named, nameOf, numberOf } from "../../../../src/netlink/wire/named_numbers.ts";
import { u16 } from "../../../../src/netlink/wire/numbers.ts";
import { read, written } from "../check.ts";

const NAMES = { a: 1, b: 2 };

describe("named()", () => {
  it("is the number of a name, and a number that has none", () => {
    const codec = named(u16, NAMES);
    assertEquals([written(codec, "b"), written(codec, 258)], [[2, 0], [2, 1]]);
    assertEquals([read(codec, 2, 0), read(codec, 2, 1)], ["b", 258]);
  });
});

describe("nameOf(), numberOf()", () => {
  it("give the name of a number and the number of a name, or a number as it is", () => {
    assertEquals([nameOf(NAMES, 2), nameOf(NAMES, 3)], ["b", 3]);
    assertEquals([numberOf(NAMES, "b"), numberOf(NAMES, 3)], [2, 3]);
  });

  it("names the names that there are", () => {
    const names: Readonly<Record<string, number>> = NAMES;
    for (const wrong of ["c", "toString"]) {
      assertThrows(() => numberOf(names, wrong, "mode"), TypeError, `Cannot use "${wrong}" as mode: expected a, b`);
    }
  });
});
