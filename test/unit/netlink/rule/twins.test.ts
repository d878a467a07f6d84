import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { Rule } from "../../../../src/netlink/rule/types.ts";
import { removalOf } from "../../../../src/netlink/rule/twins.ts";

const PLAIN: Rule = {
  family: 2,
  priority: 1000,
  action: "lookup",
  table: 100,
  not: false,
  l3mdev: false,
  protocol: 3,
  flags: 0,
};
const MARKED: Rule = { ...PLAIN, fwmark: 1, fwmask: 0xffffffff };
const OF_USER: Rule = { ...PLAIN, uidrange: [7, 9] };

describe("removalOf()", () => {
  it("deletes what the kernel finds first without anything else", () => {
    assertEquals(removalOf(PLAIN, [PLAIN, MARKED]), { append: [], remove: [PLAIN] });
    assertEquals(removalOf(MARKED, [PLAIN, OF_USER, MARKED]), { append: [], remove: [MARKED] });
    assertEquals(removalOf(PLAIN, [{ ...MARKED, priority: 999 }, PLAIN]), { append: [], remove: [PLAIN] });
  });

  it("appends the others in their order, if one that asks for more comes first", () => {
    const rules = [OF_USER, MARKED, PLAIN, { ...MARKED, fwmark: 2 }];
    assertEquals(removalOf(PLAIN, rules), { append: rules.filter((one) => one !== PLAIN), remove: rules });
  });

  it("compares bytes that this library does not know", () => {
    const unknown = [{ type: 26, bytes: Uint8Array.of(1) }];
    const newer = { ...PLAIN, unknown };
    assertEquals(removalOf(newer, [PLAIN, newer]), { append: [], remove: [newer] });
    assertEquals(removalOf({ ...PLAIN, unknown: [{ type: 26, bytes: Uint8Array.of(2) }] }, [PLAIN, newer]), undefined);
  });

  it("knows no rule that is not there, whatever fits it; flags do not count", () => {
    assertEquals(removalOf(PLAIN, [MARKED]), undefined);
    assertEquals(removalOf({ ...PLAIN, not: true, flags: 2 }, [PLAIN]), undefined);
    assertEquals(removalOf({ ...PLAIN, flags: 8 }, [PLAIN])?.remove, [PLAIN]);
  });
});
