import { describe, it } from "@std/testing/bdd";
import { assertEquals } from "@std/assert";
import { describeEvent } from "../../../src/etcd/events.ts";

describe("describeEvent()", () => {
  it("is one line, whatever a member or a key says", () => {
    const reason = "no\n\x1b[31mall is well";
    assertEquals(describeEvent({ kind: "lost", address: "a:1", reason }), "etcd: a:1: no\\u{a}\\u{1b}[31mall is well");
    assertEquals(describeEvent({ kind: "sound", key: "a\tb" }), "a\\u{9}b is sound again");
  });
});
