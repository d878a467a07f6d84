import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { flag, presence } from "../../../../src/netlink/wire/flags.ts";
import { read, written } from "../check.ts";

describe("flag", () => {
  it("is a byte", () => {
    assertEquals([written(flag, true), written(flag, false)], [[1], [0]]);
    assertEquals([read(flag, 0), read(flag, 1), read(flag, 7)], [false, true, true]);
  });
});

describe("presence", () => {
  it("is an attribute without content", () => {
    assertEquals(written(presence, true), []);
    assertEquals([read(presence), read(presence, 1, 2)], [true, true]);
  });
});
