/** Entries that files gave a VXLAN go with the file that no longer has them, and those of others come back. */
import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { NetworkConfigInput } from "@netns/netns";
import { vethEnd } from "../../support/topologies.ts";
import { Scratch } from "../../integration/configurator/scratch.ts";
import { leavesNothing } from "./leaves_nothing.ts";

const [MINE, THEIRS, OTHERS] = ["02:00:00:00:00:43", "02:00:00:00:00:42", "00:00:00:00:00:00"];

const file = (...entries: readonly string[]): NetworkConfigInput => ({
  interfaces: [{
    name: "vx0",
    type: "VXLAN",
    namespace: "a",
    vxlan: {
      id: 42,
      remote: "10.50.0.9",
      ...entries.length === 0 ? {} : { entries: entries.map((mac) => ({ mac, remote: "10.50.0.68" })) },
    },
  }],
});

/** The permanent entries of the VXLAN. */
const entries = (scratch: Scratch): string[] =>
  scratch.in("a", (netlink) => {
    const { index } = netlink.getLink("vx0");
    return netlink.listForwardingEntries({ linkIndex: index }).filter(({ ip, state }) =>
      ip !== undefined && state === "permanent"
    )
      .map(({ address, ip }) => `${address} ${ip}`).sort();
  });

describe("Entries of a VXLAN", () => {
  leavesNothing();

  for (const isAdopted of [true, false]) {
    it(`${isAdopted ? "of somebody else come back" : "go"} with a file that no longer has any`, async () => {
      using scratch = new Scratch();
      scratch.make("a");
      if (isAdopted) {
        scratch.in("a", (netlink) => {
          netlink.addLink({ kind: "vxlan", name: "vx0", id: 42, remote: "10.50.0.9" });
          const { index } = netlink.getLink("vx0");
          netlink.addForwardingEntry({ linkIndex: index, address: THEIRS, ip: "10.50.0.67" });
        });
      }
      const byKernel = `${OTHERS} 10.50.0.9`;
      const initial = [byKernel, ...isAdopted ? [`${THEIRS} 10.50.0.67`] : []];
      await scratch.apply(file(MINE), { adopt: isAdopted });
      assertEquals(entries(scratch), [byKernel, `${MINE} 10.50.0.68`]);
      assertEquals((await scratch.apply(file())).failed, []);
      assertEquals(entries(scratch), initial);
      assertEquals((await scratch.apply(file())).lines, []);
      await scratch.apply(file(MINE));
      await scratch.applyCutShort(file("02:00:00:00:00:44"));
      assertEquals(entries(scratch), [byKernel, `${MINE} 10.50.0.68`], "nothing was done");
      await scratch.apply(file());
      assertEquals(entries(scratch), initial, "after the kill");
      const { failed } = await scratch.destroy(file());
      assertEquals(failed, []);
      if (isAdopted) assertEquals(entries(scratch), initial, "destroyed");
    });
  }

  it("come back whole where a VXLAN that went is made again by atomic: to the port that somebody gave", async () => {
    using scratch = new Scratch();
    scratch.make("a");
    await scratch.apply(file());
    const all = (): unknown =>
      scratch.in("a", (netlink) => {
        const { index } = netlink.getLink("vx0");
        return netlink.listForwardingEntries({ linkIndex: index }).filter(({ ip }) => ip !== undefined)
          .map(({ address, ip, port, vni }) => [address, ip, port, vni]).sort();
      });
    scratch.in("a", (netlink) => {
      const { index } = netlink.getLink("vx0");
      netlink.addForwardingEntry({ linkIndex: index, address: THEIRS, ip: "10.50.0.67", port: 4790, vni: 43 });
    });
    const initial = all();
    const failing = [
      vethEnd("p", "q", { namespace: "a", ipAddresses: ["::1/128"] }),
      vethEnd("q", "p", { namespace: "a" }),
    ];
    const { failed, undone } = await scratch.apply({ interfaces: failing }, { atomic: true });
    assertEquals([failed.map(({ item }) => item), undone?.length !== 0], [["interface p"], true]);
    assertEquals(all(), initial);
    await scratch.destroy(file());
  });
});
