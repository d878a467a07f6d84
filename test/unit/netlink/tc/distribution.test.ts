import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { distributionTable } from "../../../../src/netlink/tc/distribution.ts";
import { hex } from "../check.ts";

/** SHA-256 of TCA_NETEM_DELAY_DIST as `tc` (iproute2 6.1) sends it: `tc qdisc add … netem delay 100ms 10ms distribution …`. */
const SENT_BY_TC = {
  normal: "ea496767068d0be9eb46cb69ee90470105525b9090a6d479dadf04db0f3d44a5",
  pareto: "bb133e76721f7df4fd75dd647aad368fa8e9eaf9b9797fc8d208dde5f9ffbd2a",
  paretonormal: "ca372e5f4871aa11f38e71c82bd18e074e068f0704291e8a859ebd1aaee2f9f1",
} as const;

describe("distributionTable()", () => {
  for (const [name, sum] of Object.entries(SENT_BY_TC)) {
    it(`computes the table that tc sends: ${name}`, async () => {
      const table = distributionTable(name as keyof typeof SENT_BY_TC);
      const digest = await crypto.subtle.digest("SHA-256", table ?? new Uint8Array());
      assertEquals(hex(new Uint8Array(digest)), sum);
    });
  }

  it("takes a table, whose values fit 16 bits", () => {
    assertEquals([...distributionTable([1, -1, 40_000]) ?? []], [1, 0, 0xff, 0xff, 0xff, 0x7f]);
    assertEquals(distributionTable("uniform"), undefined);
  });

  it("refuses a table without values, and one that is too long", () => {
    assertThrows(() => distributionTable([]), TypeError, "1 to 16384 numbers");
    assertThrows(() => distributionTable(new Array(16_385).fill(0)), TypeError, "1 to 16384 numbers");
  });
});
