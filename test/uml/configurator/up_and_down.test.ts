/** Links that the kernel sets up and down with others: those of bonds and teams, and VLANs. */
import { assertEquals, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { InterfaceInput, NetworkConfigInput } from "@netns/netns";
import { Scratch } from "../../integration/configurator/scratch.ts";
import { leavesNothing } from "./leaves_nothing.ts";
import { settle } from "./settle.ts";

describe("a bond or team", () => {
  leavesNothing();

  it("leaves a member down that the file has down, and says why a bond does not take an IFB", async () => {
    using scratch = new Scratch();
    const document = (
      mode: "active-backup" | "balance-rr",
      ...more: readonly InterfaceInput[]
    ): NetworkConfigInput => ({
      namespaces: ["a"],
      interfaces: [
        { name: "bond0", type: "BOND", namespace: "a", bond: { mode } },
        { name: "d0", type: "DUMMY", namespace: "a", master: "bond0", enabled: false },
        { name: "d1", type: "DUMMY", namespace: "a", master: "bond0" },
        ...more,
      ],
    });
    await settle(scratch, document("balance-rr"));
    await settle(scratch, document("active-backup")); // they come to another one
    const { d0, d1 } = scratch.look("a");
    assertEquals([d0?.up, d1?.up], [false, true]);
    const { failed: [refused] } = await scratch.apply(
      document("balance-rr", { name: "i0", type: "IFB", namespace: "a", master: "bond0" }),
    );
    assertEquals(refused?.item, "interface i0");
    assertMatch(
      refused?.reason ?? "",
      /takes no link whose hardware address the kernel does not change, such as an ifb/,
    );
    assertEquals(
      refused?.hint,
      `a bond gives its members its own hardware address, which i0 in ${
        scratch.name("a")
      } may not take: name another link`,
    );
    assertEquals((await scratch.destroy(document("balance-rr"))).failed, []);
  });

  it("gets a member again that somebody took off it, or set down and took off", async () => {
    using scratch = new Scratch();
    const document: NetworkConfigInput = {
      namespaces: ["a"],
      interfaces: [
        { name: "bond0", type: "BOND", namespace: "a" },
        { name: "d0", type: "DUMMY", namespace: "a", master: "bond0" },
        { name: "d1", type: "DUMMY", namespace: "a", master: "bond0", enabled: false },
      ],
    };
    await settle(scratch, document);
    for (const up of [undefined, true, false]) {
      for (const name of ["d0", "d1"]) {
        scratch.in("a", (netlink) => {
          netlink.setLink(name, { master: 0 }); // which leaves it down
          if (up !== undefined) netlink.setLink(name, { up });
        });
        await settle(scratch, document);
      }
      const { d0, d1 } = scratch.look("a");
      assertEquals([d0?.up, d1?.up], [true, false], `${up}`);
    }
    assertEquals((await scratch.destroy(document)).failed, []);
  });

  it("takes a link out of somebody's bond or team, and gives it back", async () => {
    for (const kind of ["bond", "team"] as const) {
      using scratch = new Scratch();
      scratch.make("a");
      scratch.in("a", (netlink) => {
        netlink.addLink(kind === "bond" ? { kind, name: "theirs" } : { kind, name: "theirs" });
        for (const name of ["d0", "d1"]) netlink.addLink({ kind: "dummy", name, master: "theirs" });
        netlink.setLink("theirs", { up: true });
        netlink.setLink("d1", { up: false });
      });
      const states = (): unknown => (
        scratch.in(
          "a",
          (netlink) =>
            netlink.listLinks().filter(({ name }) => name !== "lo").map(({ name, up, master }) => [name, up, master]),
        )
      );
      const before = states();
      const document: NetworkConfigInput = {
        interfaces: [
          { name: "br0", type: "BRIDGE", namespace: "a" },
          ...["d0", "d1"].map((name): InterfaceInput => ({ name, type: "EXISTING", namespace: "a", master: "br0" })),
        ],
      };
      await settle(scratch, document);
      const { failed } = await scratch.destroy(document);
      assertEquals([failed, states()], [[], before], kind);
      // And into another one, from where it goes back.
      const other: NetworkConfigInput = {
        interfaces: ["d0", "d1"].map((name): InterfaceInput => (
          { name, type: "EXISTING", namespace: "a", master: null, enabled: name === "d0" }
        )),
      };
      await settle(scratch, other);
      assertEquals([(await scratch.destroy(other)).failed, states()], [[], before], kind);
    }
  });
});

describe("a VLAN", () => {
  leavesNothing();

  it("stays down that the file has down, also when the link below is set up", async () => {
    using scratch = new Scratch();
    const document = (enabled: boolean): NetworkConfigInput => ({
      namespaces: ["a"],
      interfaces: [
        { name: "d0", type: "DUMMY", namespace: "a", enabled },
        { name: "v5", type: "VLAN", namespace: "a", vlan: { parent: "d0", id: 5 }, enabled: false },
      ],
    });
    for (const enabled of [true, false, true]) {
      await settle(scratch, document(enabled));
      const { d0, v5 } = scratch.look("a");
      assertEquals([d0?.up, v5?.up], [enabled, false]);
    }
    scratch.in("a", (netlink) => netlink.setLink("d0", { up: false }));
    await settle(scratch, document(true));
    assertEquals((await scratch.destroy(document(true))).failed, []);
  });
});
