/** What nf_tables says in User Mode Linux, which was built without tables of the family inet. */
import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { NetlinkError } from "@netns/netns";
import { Scratch } from "../../../integration/configurator/scratch.ts";

const REMEDY = "the kernel was built without tables of the family inet: CONFIG_NF_TABLES_INET";

describe("Nftables.apply()", () => {
  it("names what the kernel was built without", () => {
    using scratch = new Scratch();
    scratch.make("a");
    const family = "inet";
    const error = scratch.in("a", (_, ns) =>
      ns.run(() => {
        using nftables = ns.nftables();
        return assertThrows(() => nftables.apply([{ create: { table: { family, name: "t" } } }]), NetlinkError);
      }));
    assertEquals([error.code, error.remedy], ["EOPNOTSUPP", REMEDY]);
  });
});

describe("Configurator.apply(), of a firewall,", () => {
  it("says what the kernel was built without", async () => {
    using scratch = new Scratch();
    const firewall = [{ name: "f", namespace: "a", out: "drop" as const }];
    const { failed } = await scratch.apply({ namespaces: ["a"], firewall });
    assertEquals(
      failed.map(({ reason, hint }) => `${reason}; ${hint}`.includes(REMEDY)),
      [true],
      JSON.stringify(failed),
    );
  });
});
