/** Bridges, masters and what every link has, as a file describes them. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import { type InterfaceInput, type NetworkConfigInput, NsHandle } from "@netns/netns";
import { assertSameTraces, describeAsRoot, settled, traces } from "../support/traces.ts";
import { vethEnd } from "../../support/topologies.ts";
import { Scratch } from "./scratch.ts";

const BRIDGE: InterfaceInput = {
  name: "switch",
  type: "BRIDGE",
  namespace: "hub",
  hostIfName: "br0",
  ipAddresses: ["10.9.0.254/24", "fd09::fe/64"],
  bridge: { stp: false, ageingTime: 1000, multicastSnooping: false },
};

const port = (fields: Partial<InterfaceInput> = {}): InterfaceInput =>
  vethEnd("port", "eth0", { namespace: "hub", master: "switch", ...fields });

const end = (fields: Partial<InterfaceInput> = {}): InterfaceInput =>
  vethEnd("eth0", "port", { namespace: "leaf", ipAddresses: ["10.9.0.1/24"], ...fields });

const segment = (...interfaces: readonly InterfaceInput[]): NetworkConfigInput => ({
  namespaces: ["hub", "leaf"],
  interfaces,
});

/** The name of the master of a link. */
function masterOf(scratch: Scratch, short: string, name: string): string | undefined {
  return scratch.in(short, (netlink) => {
    const links = netlink.listLinks();
    const { master } = netlink.getLink({ name });
    return links.find(({ index }) => index === master)?.name;
  });
}

describeAsRoot("BRIDGE", () => {
  let start: unknown;
  before(() => {
    new Scratch()[Symbol.dispose]();
    start = traces();
  });
  after(() => assertSameTraces(start));

  it("gets a forward delay that spanning tree has not when that is set off; else it says which that takes", async () => {
    using scratch = new Scratch();
    const file = (bridge: InterfaceInput["bridge"]): NetworkConfigInput => ({
      namespaces: ["hub"],
      interfaces: [{ name: "br0", type: "BRIDGE", namespace: "hub", bridge }],
    });
    await scratch.apply(file({ stp: true }));
    const { failed: [refused] } = await scratch.apply(file({ forwardDelay: 7 }));
    assertMatch(refused?.reason ?? "", /forwardDelay is 7: expected 200 to 3000 while spanning tree is on/);
    assertEquals((await scratch.apply(file({ stp: false, forwardDelay: 0 }))).failed, []);
    assertEquals((await scratch.apply(file({ stp: false, forwardDelay: 0 }))).lines, []);
    await scratch.destroy(file({}));
  });

  it("is at rest while spanning tree's topology changes, in which the kernel shortens its ageing time", async () => {
    using scratch = new Scratch();
    const document = segment({ ...BRIDGE, bridge: { stp: true, forwardDelay: 200, ageingTime: 9000 } }, port(), end());
    await scratch.apply(document);
    const ageing = (): unknown =>
      scratch.in("hub", (netlink) => {
        const { data } = netlink.getLink("br0");
        return data?.kind === "bridge" ? data.ageingTime : undefined;
      });
    await settled(ageing, (time) => time === 400); // twice the forward delay, as soon as the port forwards
    assertEquals((await scratch.apply(document)).lines, []);
    assertEquals(ageing(), 400);
    await scratch.destroy(document);
  });

  it("keeps the MTU that the file gives it, whatever its ports have", async () => {
    using scratch = new Scratch();
    for (const mtu of [1400, 9000, 1500, 68, 65_535]) {
      const [narrow, other] = [port({ mtu: 1450 }), end({ mtu: 1450 })];
      const document = segment({ ...BRIDGE, ipAddresses: [], mtu }, narrow, other);
      assertEquals((await scratch.apply(document)).failed, [], `${mtu}`);
      assertEquals(scratch.in("hub", (netlink) => netlink.getLink("br0").mtu), mtu);
      const more: InterfaceInput = { name: "i", type: "IFB", namespace: "hub", master: "switch", mtu: 1300 };
      await scratch.apply(segment({ ...BRIDGE, ipAddresses: [], mtu }, narrow, other, more));
      assertEquals(scratch.in("hub", (netlink) => netlink.getLink("br0").mtu), mtu, "with one more port");
      await scratch.destroy(document);
    }
  });

  it("rests after one apply with an MTU that it has already, whatever comes to it, goes, or changes with that", async () => {
    using scratch = new Scratch();
    const bridge = (mtu?: number): InterfaceInput => ({ ...BRIDGE, ipAddresses: ["fd09::fe/64"], mtu });
    const more: InterfaceInput = { name: "i", type: "IFB", namespace: "hub", master: "switch" };
    const rests = async (mtu: number, ...ports: readonly InterfaceInput[]): Promise<readonly string[]> => {
      const { failed, lines } = await scratch.apply(segment(bridge(mtu), ...ports));
      assertEquals(failed, []);
      const { mtu: now, addresses } = scratch.look("hub")["br0"] ?? {};
      assertEquals([now, addresses], [mtu, ["fd09::fe/64"]]);
      assertEquals((await scratch.apply(segment(bridge(mtu), ...ports))).lines, [], "a second time");
      return lines.filter((line) => line.startsWith("interface switch: "));
    };
    const kept = (mtu: number): readonly string[] => [`interface switch: set br0 in hub: mtu ${mtu}`];
    const without = async (...ports: readonly InterfaceInput[]): Promise<void> => {
      await scratch.apply(segment(bridge(), ...ports));
    };
    await without();
    assertEquals(await rests(1500, { ...more, mtu: 1200 }), kept(1500), "a port comes");
    await scratch.destroy(segment(bridge()));
    await without({ ...more, mtu: 1400 });
    assertEquals(await rests(1400), kept(1400), "a port goes");
    assertEquals(await rests(1400, { ...more, mtu: 1300 }), [], "it is kept already");
    await scratch.destroy(segment(bridge()));
    await without({ ...more, mtu: 1400 }, port({ mtu: 1450 }), end());
    assertEquals(await rests(1400, { ...more, mtu: 1450 }, port({ mtu: 1450 }), end()), kept(1400), "a port changes");
    await scratch.destroy(segment(bridge()));
    await without({ ...more, mtu: 1400 });
    await rests(1500, port({ mtu: 1300 }), end());
    await scratch.destroy(segment(bridge()));
    await without({ ...more, mtu: 1500 });
    assertEquals(await rests(1500, { ...more, mtu: 1500 }, port(), end()), [], "nothing would change it");
    await scratch.destroy(segment(bridge()));
  });

  it("is made again with its MTU by an atomic apply that fails", async () => {
    using scratch = new Scratch();
    const document = segment({ ...BRIDGE, mtu: 1400 }, port(), end());
    await scratch.apply(document);
    scratch.in("leaf", (netlink) => netlink.addLink({ kind: "bridge", name: "there" }));
    const { failed } = await scratch.apply(
      segment({ name: "f", type: "IFB", namespace: "leaf", hostIfName: "there" }, port({ master: null }), end()),
      { atomic: true },
    );
    assertEquals(failed.map(({ item }) => item), ["interface f"]);
    assertEquals(masterOf(scratch, "hub", "port"), "br0");
    assertEquals(scratch.in("hub", (netlink) => netlink.getLink("br0").mtu), 1400);
    assertEquals((await scratch.apply(document)).lines, []);
    scratch.in("leaf", (netlink) => netlink.deleteLink("there"));
    await scratch.destroy(document);
  });

  it("is made with its ports, changed in place, and taken away", async () => {
    using scratch = new Scratch();
    const whole = segment(port(), end(), BRIDGE);
    const first = await scratch.apply(whole);
    assertEquals([first.failed, first.pending], [[], []]);
    assert(first.lines.includes("interface port: set port in hub: master br0"), first.lines.join("\n"));
    assertEquals(masterOf(scratch, "hub", "port"), "br0");
    scratch.in("hub", (netlink) => {
      const { up, data } = netlink.getLink({ name: "br0" });
      assertEquals(up, true);
      assert(data?.kind === "bridge");
      assertEquals([data.stpState, data.ageingTime, data.mcastSnooping], [0, 1000, false]);
    });
    assertEquals((await scratch.apply(whole)).lines, [], "a second time");

    const bridge = { stp: true, ageingTime: 2000, multicastSnooping: false };
    const changed = segment(port(), end(), { ...BRIDGE, bridge, ipAddresses: ["10.9.0.254/24"] });
    assertEquals((await scratch.apply(changed)).lines, [
      "interface switch: set br0 in hub: stp true, ageingTime 2000",
      "interface switch: take fd09::fe/64 from br0 in hub",
    ]);
    assertEquals((await scratch.apply(changed)).lines, []);

    // Somebody takes the port off its bridge.
    scratch.in("hub", (netlink) => netlink.setLink("port", { master: 0 }));
    assertEquals((await scratch.apply(changed)).lines, ["interface port: set port in hub: master br0"]);
    const without = segment(port({ master: null }), end(), { ...BRIDGE, bridge });
    assert((await scratch.apply(without)).lines.includes("interface port: set port in hub: no master"));
    assertEquals(masterOf(scratch, "hub", "port"), undefined);
    assertEquals((await scratch.apply(without)).lines, []);
    const last = await scratch.destroy(without);
    assertEquals([last.failed, last.pending, scratch.exists("hub"), scratch.exists("leaf")], [[], [], false, false]);
  });

  it("keeps its ports when it is made anew, and lets them wait for a bridge of somebody else", async () => {
    using scratch = new Scratch();
    scratch.make("hub");
    const waiting = segment(port({ master: "br7" }), end());
    const first = await scratch.apply(waiting);
    assertEquals(first.failed, []);
    assertEquals(first.pending, [{ item: "interface port", reason: "there is no bridge, bond or VRF br7 in hub" }]);
    scratch.in("hub", (netlink) => netlink.addLink({ kind: "bridge", name: "br7" }));
    assertEquals((await scratch.apply(waiting)).lines, ["interface port: set port in hub: master br7"]);
    assertEquals((await scratch.apply(waiting)).lines, []);
    const wrong = await scratch.apply(segment(port({ master: "lo" }), end()));
    assertEquals(wrong.pending, [{ item: "interface port", reason: "lo in hub is no bridge, bond or VRF" }]);

    const moved = segment(port(), end(), BRIDGE);
    assertEquals((await scratch.apply(moved)).failed, []);
    assertEquals(masterOf(scratch, "hub", "port"), "br0");
    const queues = segment(port(), end(), { ...BRIDGE, queues: 2 });
    const anew = await scratch.apply(queues);
    assertEquals([anew.failed, anew.pending], [[], []]);
    assertEquals(anew.lines.slice(0, 2), [
      "interface switch: delete br0 in hub",
      "interface switch: create bridge br0 in hub queues 2: stp false, ageingTime 1000, multicastSnooping false",
    ]);
    assertEquals(masterOf(scratch, "hub", "port"), "br0");
    assertEquals((await scratch.apply(queues)).lines, []);
    assertEquals((await scratch.destroy(queues)).failed, []);
    scratch.in("hub", (netlink) => assertEquals(netlink.getLink("br7").kind, "bridge"));
  });

  it("gives its ports what the file says", async () => {
    using scratch = new Scratch();
    const document = (bridgePort: InterfaceInput["bridgePort"]): NetworkConfigInput =>
      segment(port({ bridgePort }), end(), BRIDGE);
    const first = await scratch.apply(document({ cost: 7, isolated: true }));
    assertEquals([first.failed, first.pending], [[], []]);
    assert(first.lines.includes("interface port: set port in hub: cost 7, isolated true"), first.lines.join("\n"));
    assertEquals((await scratch.apply(document({ cost: 7, isolated: true }))).lines, []);
    scratch.in("hub", (netlink) => netlink.setLink("port", { port: { isolated: false } }));
    const changed = document({ cost: 8, isolated: true, flood: false });
    assertEquals((await scratch.apply(changed)).lines, [
      "interface port: set port in hub: cost 8, isolated true, flood false",
    ]);
    assertEquals((await scratch.apply(changed)).lines, []);
    assertEquals((await scratch.destroy(changed)).failed, []);
  });

  it("leaves a bridge of somebody else alone that is not as described", async () => {
    using scratch = new Scratch();
    scratch.make("hub");
    scratch.in("hub", (netlink) => netlink.addLink({ kind: "bridge", name: "br0", ageingTime: 500 }));
    const report = await scratch.apply({ namespaces: ["hub"], interfaces: [BRIDGE] });
    assertEquals(report.lines, ["namespace hub: set lo in hub: up"]);
    assertMatch(
      report.failed[0]?.reason ?? "",
      /^br0 in hub is not this configuration's: it is a link of the kind bridge/,
    );
  });
});

describeAsRoot("what every link has", () => {
  it("gets an alias, queues and the length of its queue, and has nothing to do then", async () => {
    using scratch = new Scratch();
    const document = (fields: Partial<InterfaceInput> = {}): NetworkConfigInput => ({
      interfaces: [
        { name: "red", type: "IFB", namespace: "hub", description: "what is redirected", txQueueLength: 50, ...fields },
      ],
    });
    const first = await scratch.apply(document());
    assertEquals([first.failed, first.lines], [[], [
      "interface red: create namespace hub",
      "interface red: create ifb red in hub",
      'interface red: set red in hub: alias "what is redirected", txQueueLength 50, up',
    ]]);
    scratch.in("hub", (netlink) => {
      const { kind, alias, txQueueLength } = netlink.getLink("red");
      assertEquals([kind, alias, txQueueLength], ["ifb", "what is redirected", 50]);
    });
    assertEquals((await scratch.apply(document())).lines, []);
    const changed = document({ description: "", txQueueLength: 60, mtu: 1400 });
    assertEquals((await scratch.apply(changed)).lines, [
      "interface red: set red in hub: mtu 1400, no alias, txQueueLength 60",
    ]);
    assertEquals((await scratch.apply(changed)).lines, []);
    const queues = document({ queues: 3 });
    assertEquals((await scratch.apply(queues)).lines.slice(0, 2), [
      "interface red: delete red in hub",
      "interface red: create ifb red in hub queues 3",
    ]);
    scratch.in("hub", (netlink) => assertEquals(netlink.getLink("red").numTxQueues, 3));
    assertEquals((await scratch.apply(queues)).lines, []);
    assertEquals((await scratch.destroy(queues)).failed, []);
  });
});

describeAsRoot("a kind that the kernel lacks", () => {
  it("fails its item, names its module, and leaves the others", async () => {
    using scratch = new Scratch();
    using probe = NsHandle.create();
    using netlink = probe.netlink();
    const [refusal] = netlink.tryBatch((batch) => batch.addLink({ kind: "dummy", name: "d0" }));
    if (refusal === undefined) return; // this kernel has it
    const report = await scratch.apply({
      interfaces: [
        { name: "d0", type: "DUMMY", namespace: "hub", ipAddresses: ["10.0.0.1/24"] },
        { name: "red", type: "IFB", namespace: "hub" },
      ],
    });
    assertEquals(report.failed.map(({ item, code }) => `${item} ${code}`), ["interface d0 EOPNOTSUPP"]);
    assertMatch(report.failed[0]?.reason ?? "", /the kernel lacks links of the kind dummy: modprobe dummy on the host/);
    assertEquals(Object.keys(scratch.look("hub")), ["red"]);
  });

  it("is not taken for one that has VLANs on bridges: their default is refused as they are", async () => {
    using scratch = new Scratch();
    using probe = NsHandle.create();
    using netlink = probe.netlink();
    const [refusal] = netlink.tryBatch((batch) => batch.addLink({ kind: "bridge", name: "b", vlanFiltering: true }));
    if (refusal === undefined) return; // this kernel has them
    const file = (bridge: InterfaceInput["bridge"]): NetworkConfigInput => segment({ ...BRIDGE, bridge });
    const reasonOf = async (bridge: InterfaceInput["bridge"]): Promise<string | undefined> =>
      (await scratch.apply(file(bridge))).failed[0]?.reason;
    assertMatch(await reasonOf({ vlanDefaultPvid: 1 }) ?? "", /vlanDefaultPvid needs CONFIG_BRIDGE_VLAN_FILTERING/);
    assertEquals(await reasonOf({}), undefined);
    assertMatch(await reasonOf({ vlanDefaultPvid: 7 }) ?? "", /vlanDefaultPvid needs CONFIG_BRIDGE_VLAN_FILTERING/);
    await scratch.destroy(file({}));
  });

  it("says of what stands on its link, or has it as its master, that this was not made", async () => {
    using scratch = new Scratch();
    using probe = NsHandle.create();
    using netlink = probe.netlink();
    const refusals = netlink.tryBatch((batch) => {
      batch.addLink({ kind: "dummy", name: "d0" });
      batch.addLink({ kind: "bridge", name: "br0", vlanFiltering: true });
    });
    if (refusals.includes(undefined)) return; // this kernel has one of them
    const { failed, lines } = await scratch.apply({
      interfaces: [
        { name: "d0", type: "DUMMY", namespace: "hub" },
        { name: "m0", type: "MACVLAN", namespace: "leaf", ipAddresses: ["10.0.0.1/24"], macvlan: { parent: "d0" } },
        { ...BRIDGE, bridge: { vlanFiltering: true } },
        port({ bridgePort: { cost: 7, vlans: [{ id: 5 }] } }),
        end(),
      ],
    });
    assertEquals(failed.map(({ item, reason }) => [item, reason.split(":")[0]]).sort(), [
      ["interface d0", "RTM_NEWLINK d0"],
      ["interface m0", "d0 in hub was not made"],
      ["interface port", "br0 in hub was not made"],
      ["interface switch", "RTM_NEWLINK br0"],
    ]);
    assert(lines.includes("interface port: set port in hub: up"), lines.join("\n"));
  });
});
