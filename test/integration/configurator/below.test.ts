/** Links on other links: an MTU that these leave no room for, and links that take none on them. */
import { assertEquals } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import type { InterfaceInput, NetworkConfigInput } from "@netns/netns";
import { vethEnd } from "../../support/topologies.ts";
import { assertSameTraces, describeAsRoot, traces } from "../support/traces.ts";
import { Scratch } from "./scratch.ts";

/** A bridge with a port, whose other end is in the same namespace, and more. */
const file = (port: Partial<InterfaceInput>, ...more: readonly InterfaceInput[]): NetworkConfigInput => ({
  namespaces: ["a"],
  interfaces: [
    { name: "br", type: "BRIDGE", namespace: "a" },
    vethEnd("p", "q", { namespace: "a", master: "br", ...port }),
    vethEnd("q", "p", { namespace: "a", mtu: 1400 }),
    ...more,
  ],
});

const macvlan = (name: string, parent: string, mtu?: number): InterfaceInput => (
  { name, type: "MACVLAN", namespace: "a", macvlan: { parent }, ...mtu === undefined ? {} : { mtu } }
);

/** What fails, by its item; and the same of the plan before. */
async function failures(scratch: Scratch, document: NetworkConfigInput): Promise<Record<string, string>> {
  const said = (all: readonly { item: string; reason: string; hint?: string }[]): Record<string, string> =>
    Object.fromEntries(
      all.map((
        { item, reason, hint = "" },
      ) => [item, `${reason}; ${hint}`.replaceAll(scratch.name("a"), "a").replace(/link \d+/, "link N")]),
    );
  const { failed: planned } = await scratch.configurator.plan(scratch.config(document));
  const { failed } = await scratch.apply(document);
  const [before, after] = [said(planned), said(failed)];
  for (const [item, reason] of Object.entries(before)) assertEquals(after[item], reason);
  return Object.fromEntries(
    Object.entries(after).map(([item, reason]) => [item, `${item in before ? "planned: " : ""}${reason}`]),
  );
}

describeAsRoot("A link on another one", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertSameTraces(start));

  it("has no larger MTU than the link below leaves it: plan names both, and what may be", async () => {
    using scratch = new Scratch();
    const document = (mtu: number, below: number): NetworkConfigInput => ({
      interfaces: [
        { name: "br", type: "BRIDGE", namespace: "a", mtu: below },
        macvlan("m", "br", mtu),
        {
          name: "x",
          type: "VXLAN",
          namespace: "a",
          mtu,
          vxlan: { id: 5, remote: "10.0.0.1", parent: "br", port: 4789 },
        },
        {
          name: "y",
          type: "VXLAN",
          namespace: "a",
          mtu,
          vxlan: { id: 6, remote: "fd00::1", parent: "br", port: 4789 },
        },
      ],
    });
    assertEquals(await failures(scratch, document(1431, 1500)), {
      "interface y": "planned: mtu 1431 of y in a is above 1430, what the mtu 1500 of br in a leaves it; " +
        "give it an mtu of at most 1430, or the link below a larger one",
    });
    assertEquals(Object.keys(await failures(scratch, document(1430, 1480))), ["interface y"]);
    // A link below that gets smaller would lower it, and the next apply could not give it back.
    assertEquals(
      (await failures(scratch, document(1430, 1400)))["interface m"],
      "planned: mtu 1430 of m in a is above 1400, the mtu of br in a; give it an mtu of at most 1400, or the link below a larger one",
    );
    assertEquals(await failures(scratch, document(9000, 9070)), {});
    const look = scratch.look("a");
    assertEquals(["br", "m", "x", "y"].map((name) => look[name]?.mtu), [9070, 9000, 9000, 9000]);
    assertEquals((await scratch.apply(document(9000, 9070))).lines, []);
    await scratch.destroy({});
  });

  it("stands on no port of a bridge, and on no link without Ethernet packets: plan says which and why", async () => {
    using scratch = new Scratch();
    scratch.make("a");
    const document = file({}, macvlan("m", "p"), macvlan("l", "lo"), macvlan("b", "br"), macvlan("n", "q", 1401));
    assertEquals(await failures(scratch, document), {
      "interface m": "planned: the kernel puts no MACVLAN on p in a, which is a port of br in a; " +
        "name another link as its parent: br in a itself, for one",
      "interface l": "planned: the kernel puts no MACVLAN on lo in a, which has no Ethernet packets; " +
        "name another link as its parent",
      "interface n": "planned: mtu 1401 of n in a is above 1400, the mtu of q in a; " +
        "give it an mtu of at most 1400, or the link below a larger one",
    });
    assertEquals(Object.keys(scratch.look("a")).sort(), ["b", "br", "p", "q"]);
    assertEquals(await failures(scratch, file({ master: null }, macvlan("m", "p"), macvlan("b", "br"))), {});
    assertEquals((await scratch.apply(file({ master: null }, macvlan("m", "p"), macvlan("b", "br")))).lines, []);
    await scratch.destroy({});
  });

  it("stands on a link of somebody else that goes back to none", async () => {
    using scratch = new Scratch();
    scratch.make("a");
    scratch.in("a", (netlink) => netlink.addLink({ kind: "veth", name: "d", peer: { name: "far" } }));
    const document = (master: string | undefined, ...more: readonly InterfaceInput[]): NetworkConfigInput => ({
      interfaces: [
        { name: "br", type: "BRIDGE", namespace: "a" },
        { name: "d", type: "EXISTING", namespace: "a", ...master === undefined ? {} : { master } },
        ...more,
      ],
    });
    assertEquals(await failures(scratch, document("br")), {});
    assertEquals(await failures(scratch, document(undefined, macvlan("m", "d"))), {});
    assertEquals((await scratch.apply(document(undefined, macvlan("m", "d")))).lines, []);
    await scratch.destroy({});
  });

  it("says what the kernel demands where no plan can know it", async () => {
    using scratch = new Scratch();
    // The bridge takes the MTU of its port, and somebody's MACVLAN is on what is to be a port.
    const lowered = file({ mtu: 1300 }, macvlan("m", "br", 1400));
    assertEquals(await failures(scratch, lowered), {});
    assertEquals(await failures(scratch, lowered), {
      "interface m": "RTM_NEWLINK link N: Invalid argument (EINVAL); " +
        "mtu 1400 of m in a may be above that of the link below, or what this leaves it",
    });
    assertEquals((await scratch.apply(file({ mtu: 1300 }, macvlan("m", "br")))).failed, []);
    await scratch.apply(file({ master: null }));
    scratch.in("a", (netlink) => {
      netlink.addLink({ kind: "macvlan", name: "theirs", link: netlink.getLink("p").index });
    });
    assertEquals(await failures(scratch, file({})), {
      "interface p": "RTM_NEWLINK link N: Device or resource busy (EBUSY); " +
        "a MACVLAN or IPVLAN stands on p in a: with that it is no port of br in a",
    });
    scratch.in("a", (netlink) => netlink.deleteLink("theirs"));
    assertEquals(await failures(scratch, file({})), {});
    await scratch.destroy({});
  });
});
