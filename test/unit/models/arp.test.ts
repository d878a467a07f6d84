import { describe, it } from "@std/testing/bdd";
import { assert, assertEquals } from "@std/assert";
import { checkConfig, faults } from "./faults.ts";

const entry = { name: "a", interface: "eth0", ipAddr: "10.0.0.9", hwAddress: "02:00:00:00:00:09" };
const read = (fields: Record<string, unknown>): unknown =>
  checkConfig({ arpEntries: [{ ...entry, ...fields }] }).arpEntries[0];
const one = (fields: Record<string, unknown>, path: string): void => {
  const found = faults({ arpEntries: [{ ...entry, ...fields }] });
  assert(found.length === 1 && found[0]?.startsWith(`arpEntries[0].${path}: `), `${JSON.stringify(fields)}: ${found}`);
};

describe("arpEntrySchema", () => {
  it("fills in the family and the state", () => {
    assertEquals(read({}), { ...entry, ipFamily: "IPV4", state: { type: "PERMANENT" } });
    assertEquals(read({ ipAddr: "FD00::9" }), {
      ...entry,
      ipAddr: "fd00::9",
      ipFamily: "IPV6",
      state: { type: "PERMANENT" },
    });
  });

  it("reads the state and the family by number and by name, in their messages and without", () => {
    for (const state of [{ type: "STALE" }, { type: 3 }, "STALE", 3]) {
      assertEquals(read({ state }), { ...entry, ipFamily: "IPV4", state: { type: "STALE" } });
    }
    for (const ip_family of [{ family: "IPV4" }, { family: 0 }, "IPV4", 0]) assertEquals(read({ ip_family }), read({}));
  });

  it("refuses each field that is wrong", () => {
    one({ ipAddr: "10.0.0.9/24" }, "ipAddr");
    one({ ipAddr: undefined }, "ipAddr");
    one({ hwAddress: "02:00" }, "hwAddress");
    one({ hwAddress: undefined }, "hwAddress");
    one({ interface: "" }, "interface");
    one({ interface: undefined }, "interface");
    one({ name: undefined }, "name");
    one({ ipFamily: "IPV6" }, "ipFamily");
    one({ ipFamily: 7 }, "ipFamily");
    one({ state: "REACHED" }, "state");
    one({ state: { tpye: 1 } }, "state.tpye");
    one({ namespace: { type: 2, name: "" } }, "namespace.name");
  });
});
