import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  FILTER_PARENTS,
  formatFilterParent,
  formatHandle,
  formatParent,
  PARENTS,
  parseHandle,
} from "../../../../src/netlink/tc/handle.ts";

describe("parseHandle()", () => {
  it("reads both parts in hexadecimal", () => {
    for (
      const [text, number] of [["10:", 0x100000], ["10:1", 0x100001], ["ffff:fff1", 0xfffffff1], [":1", 1]] as const
    ) {
      assertEquals(parseHandle(text, "handle"), number);
      assertEquals(formatHandle(number), text === ":1" ? "0:1" : text);
    }
    assertEquals(parseHandle("0:", "handle"), 0);
  });

  it("reads words where they have a meaning", () => {
    assertEquals(parseHandle("root", "parent", PARENTS), 0xffffffff);
    assertEquals(parseHandle("clsact", "parent", PARENTS), 0xfffffff1);
    assertEquals(parseHandle("ingress", "parent", FILTER_PARENTS), 0xfffffff2);
    for (const text of ["root", "toString", "1", "10", "12345:", "g:", ":", ""]) {
      assertThrows(() => parseHandle(text, "handle"), TypeError, `Cannot use ${JSON.stringify(text)} as handle`);
    }
  });
});

describe("formatParent()", () => {
  it("says what the kernel's numbers mean", () => {
    assertEquals(formatParent(0), undefined);
    assertEquals(formatParent(0xffffffff), "root");
    assertEquals([formatParent(0xfffffff1), formatParent(0xfffffff1, "clsact")], ["ingress", "clsact"]);
    assertEquals(formatParent(0x10001), "1:1");
    assertEquals([0, 0xfffffff2, 0xfffffff3, 0x10000].map(formatFilterParent), ["root", "ingress", "egress", "1:"]);
  });
});
