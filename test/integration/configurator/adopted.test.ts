/** What was adopted: it is this configuration's, gives way to what the file describes, and comes back as it was. */
import { assertEquals, assertMatch } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import { createTun, deleteNamedNamespace, type InterfaceInput, NsHandle } from "@netns/netns";
import { leftEnd, rightEnd, vethEnd } from "../../support/topologies.ts";
import { assertSameTraces, describeAsRoot, traces } from "../support/traces.ts";
import { readSysctls, writeSysctl } from "../../../src/sysctl/sysctl.ts";
import { Scratch } from "./scratch.ts";

const FILE = { namespaces: ["blue", "green"], interfaces: [leftEnd(), rightEnd()] };

/** Both ends of a pair in `blue`. */
const pair = (left: string, right: string, fields: Partial<InterfaceInput> = {}): InterfaceInput[] => [
  vethEnd("left", "right", { namespace: "blue", hostIfName: left, ...fields }),
  vethEnd("right", "left", { namespace: "blue", hostIfName: right }),
];

/** Makes `blue` with a pair of somebody else. */
function foreignPair(scratch: Scratch): void {
  scratch.make("blue");
  scratch.in("blue", (netlink) => {
    netlink.addLink({ kind: "veth", name: "eth0", peer: { name: "eth1" } });
    for (const name of ["lo", "eth0", "eth1"]) netlink.setLink({ name }, { up: true });
    netlink.addAddress({ name: "eth0" }, "10.8.0.1/24");
  });
}

describeAsRoot("What was adopted", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertSameTraces(start));

  it("gives way to another link in its place, and comes back when that is gone", async () => {
    using scratch = new Scratch();
    foreignPair(scratch);
    const before = scratch.state("blue");
    await scratch.apply({ interfaces: pair("eth0", "e2") }, { adopt: true });
    const moved = { namespaces: ["green"], interfaces: [leftEnd(), rightEnd()] };
    const report = await scratch.apply(moved);
    assertEquals([report.failed, report.pending], [[], []]);
    assertEquals((await scratch.apply(moved, { adopt: true })).lines, []);
    await scratch.destroy(moved);
    assertEquals(scratch.state("blue"), before);
  });

  it("is left, and said, where what was replaced later comes back to its name", async () => {
    using scratch = new Scratch();
    foreignPair(scratch);
    const described = FILE.interfaces.filter(({ namespace }) => namespace === "blue").map(({ hostIfName }) =>
      hostIfName
    );
    assertEquals(described, ["eth0"]);
    assertEquals((await scratch.apply(FILE, { adopt: true })).failed, []);
    scratch.in("blue", (netlink) => {
      netlink.deleteLink({ name: "eth0" });
      netlink.addLink({ kind: "veth", name: "eth0", peer: { name: "theirs" } });
      for (const name of ["eth0", "theirs"]) netlink.setLink({ name }, { up: true });
    });
    const later = scratch.state("blue");
    assertEquals((await scratch.apply(FILE, { adopt: true })).failed, []);
    const { failed, pending } = await scratch.destroy(FILE);
    assertEquals([failed, pending.map(({ reason }) => reason)], [[], [
      "eth0 is not made again: there is another link of its name",
    ]]);
    assertEquals(scratch.state("blue"), later);
  });

  it("gives way to another link that gets the name which it had, and comes back when that is gone", async () => {
    using scratch = new Scratch();
    for (const name of ["blue", "green"]) {
      scratch.make(name);
      scratch.in(name, (netlink) => netlink.setLink({ name: "lo" }, { up: true }));
    }
    using green = NsHandle.fromName(scratch.name("green"));
    scratch.in("blue", (netlink) => (
      netlink.addLink({ kind: "veth", name: "eth0", peer: { name: "theirs", netns: green } })
    ));
    const before = [scratch.state("blue"), scratch.state("green")];
    const renamed = [
      vethEnd("a", "b", { namespace: "blue", hostIfName: "eth0" }),
      vethEnd("b", "a", { namespace: "green" }),
    ];
    await scratch.apply({ interfaces: renamed }, { adopt: true });
    const moved = [
      vethEnd("a", "b", { namespace: "blue", hostIfName: "e1" }),
      vethEnd("b", "a", { namespace: "red", hostIfName: "e1" }),
      vethEnd("c", "d", { namespace: "red", hostIfName: "e2" }),
      vethEnd("d", "c", { namespace: "green", hostIfName: "theirs" }),
    ];
    const file = { namespaces: ["red"], interfaces: moved };
    const report = await scratch.apply(file);
    assertEquals([report.failed, report.pending], [[], []]);
    assertEquals((await scratch.apply(file, { adopt: true })).lines, []);
    await scratch.destroy(file);
    assertEquals([scratch.state("blue"), scratch.state("green")], before);
  });

  it("takes the routes of the file in the same apply in which it comes back, made again or renamed", async () => {
    using scratch = new Scratch();
    for (const near of ["eth0", "e1"]) {
      foreignPair(scratch);
      const before = scratch.state("blue");
      await scratch.apply({ interfaces: pair(near, "e2") }, { adopt: true });
      await scratch.apply({ namespaces: ["green"], interfaces: [leftEnd(), rightEnd()] }, { adopt: true });
      const routes = ["blue 10.9.0.0/16 dev eth1", "blue 10.7.0.0/16 via 10.8.0.9"];
      const file = { namespaces: ["blue"], routes };
      const { pending, failed } = await scratch.apply(file);
      assertEquals([pending, failed], [[], []]);
      assertEquals((await scratch.apply(file)).lines, []);
      await scratch.destroy(file);
      assertEquals(scratch.state("blue"), before);
      deleteNamedNamespace(scratch.name("blue"));
    }
  });

  it("is made again in a namespace that this configuration made, which stays with it", async () => {
    using scratch = new Scratch();
    await scratch.apply({ namespaces: ["blue"] });
    scratch.in("blue", (netlink) => netlink.addLink({ kind: "veth", name: "eth0", peer: { name: "theirs" } }));
    await scratch.apply(FILE, { adopt: true });
    const report = await scratch.destroy(FILE);
    assertMatch(report.pending.map(({ reason }) => reason).join(), /^it is left: the links eth0, theirs are in it$/);
    assertEquals(Object.keys(scratch.look("blue")).sort(), ["eth0", "theirs"]);
  });

  it("is not made again where somebody has taken a name of it meanwhile", async () => {
    using scratch = new Scratch();
    await scratch.apply({ namespaces: ["blue"] });
    scratch.in("blue", (netlink) => netlink.addLink({ kind: "veth", name: "eth0", peer: { name: "theirs" } }));
    await scratch.apply(FILE, { adopt: true });
    scratch.in("blue", (netlink) => netlink.addLink({ kind: "bridge", name: "theirs" }));
    const { failed, pending } = await scratch.destroy(FILE);
    assertEquals(failed, []);
    const reasons = pending.map(({ reason }) => reason).join();
    assertMatch(reasons, /theirs is not made again: there is another link of its name/);
    assertEquals(Object.keys(scratch.look("blue")), ["theirs"]);
  });

  it("gets back its bridge, its options as a port, its alias and its length of queue", async () => {
    using scratch = new Scratch();
    foreignPair(scratch);
    scratch.in("blue", (netlink) => {
      netlink.addLink({ kind: "bridge", name: "br0", address: "02:00:00:00:00:20" });
      netlink.addLink({ kind: "bridge", name: "br1", address: "02:00:00:00:00:21" });
      const { index: master } = netlink.getLink({ name: "br0" });
      netlink.setLink({ name: "eth0" }, { master, alias: "theirs", txQueueLength: 77 });
      netlink.setLink({ name: "eth0" }, { port: { cost: 9 } });
    });
    const look = (): unknown =>
      scratch.in("blue", (netlink) => {
        const { master, alias, txQueueLength, port } = netlink.getLink({ name: "eth0" });
        return { master, alias, txQueueLength, cost: port?.cost, state: scratch.state("blue") };
      });
    const before = look();
    const fields = { master: "br1", description: "ours", txQueueLength: 5, bridgePort: { cost: 3 } };
    const file = { interfaces: pair("eth0", "eth1", fields) };
    assertEquals((await scratch.apply(file, { adopt: true })).failed, []);
    assertEquals((await scratch.apply(file)).lines, []);
    assertEquals((await scratch.destroy(file)).failed, []);
    assertEquals(look(), before);
  });

  it("gets back its qdisc, its further names, its group, its features and its sysctls", async () => {
    using scratch = new Scratch();
    foreignPair(scratch);
    scratch.in("blue", (netlink, ns) => {
      const link = netlink.getLink({ name: "eth0" });
      netlink.addQdisc({ kind: "pfifo", limit: 7, link, handle: "10:" });
      netlink.addAltName(link, "a-longer-name-of-theirs");
      netlink.setLink(link, { group: 5, promisc: true });
      netlink.addAddress(link, "fe80::7/64", { noDad: true });
      writeSysctl(ns, "net.ipv4.conf.eth0.rp_filter", "2");
      writeSysctl(ns, "net.ipv4.neigh.eth0.gc_stale_time", "77");
      writeSysctl(ns, "net.ipv6.conf.eth0.mtu", "1300");
      using ethtool = ns.ethtool();
      ethtool.setFeatures(link, { "tx-checksum-ip-generic": false });
    });
    const look = (): unknown =>
      scratch.in("blue", (netlink, ns) => {
        const { index, altNames, group, promisc } = netlink.getLink({ name: "eth0" });
        using ethtool = ns.ethtool();
        const qdiscs = netlink.listQdiscs({ linkIndex: index }).map((
          one,
        ) => [one.kind, one.handle, "limit" in one && one.limit]);
        const sysctls = readSysctls(ns, [
          ...["net.ipv4.conf.eth0.rp_filter", "net.ipv4.neigh.eth0.gc_stale_time", "net.ipv6.conf.eth0.mtu"],
        ]);
        const addresses = netlink.listAddresses({ linkIndex: index }).map(({ cidr }) => cidr).sort();
        return { altNames, group, promisc, qdiscs, sysctls, addresses, features: ethtool.getFeatures({ index }) };
      });
    const before = look();
    assertEquals((await scratch.apply(FILE, { adopt: true })).failed, []);
    assertEquals((await scratch.destroy(FILE)).failed, []);
    assertEquals(look(), before);
    // Given up for another link in its place, it comes back as well.
    await scratch.apply({ interfaces: pair("eth0", "e2") }, { adopt: true });
    const moved = { namespaces: ["green"], interfaces: [leftEnd(), rightEnd()] };
    assertEquals((await scratch.apply(moved)).failed, []);
    assertEquals((await scratch.destroy(moved)).failed, []);
    assertEquals(look(), before);
  });

  it("is no link that could not be made again as it was", async () => {
    using scratch = new Scratch();
    foreignPair(scratch);
    const refused = async (): Promise<string> => {
      const { failed, done } = await scratch.apply(FILE, { adopt: true });
      assertEquals(done.map(({ kind }) => kind).filter((kind) => /link/.test(kind)), []);
      return failed.map(({ reason }) => reason.replace(/^.*is not adopted: /, "")).join();
    };
    const link = scratch.in("blue", (netlink) => netlink.getLink({ name: "eth0" }));
    scratch.in("blue", (netlink) => netlink.addQdisc({ kind: "clsact", link }));
    assertMatch(await refused(), /^its qdisc clsact could not be made again as it was,/);
    scratch.in("blue", (netlink) => netlink.deleteQdisc({ kind: "clsact", link }));
    scratch.in("blue", (netlink) => netlink.addNextHop({ id: 5, linkIndex: link.index, gateway: "10.8.0.9" }));
    assertMatch(await refused(), /^the nexthop object 5 goes by it,/);
    scratch.in("blue", (netlink) => netlink.deleteNextHop({ id: 5 }));
    const other = scratch.in("blue", (netlink) => netlink.getLink({ name: "lo" }));
    const nextHops = [link, other].map(({ index: linkIndex }) => ({ linkIndex, gateway: "10.8.0.2", onLink: true }));
    scratch.in("blue", (netlink) => netlink.addRoute({ dst: "10.9.0.0/16", nextHops }));
    assertMatch(await refused(), /^the route to 10.9.0.0\/16 by it could not be made again as it was,/);
    scratch.in("blue", (netlink) => netlink.deleteRoute({ dst: "10.9.0.0/16", nextHops }));
    using blue = NsHandle.fromName(scratch.name("blue"));
    writeSysctl(blue, "net.ipv6.conf.eth0.stable_secret", "2001:db8::1");
    assertMatch(await refused(), /^net.ipv6.conf.eth0.stable_secret is a secret, which is not recorded,/);
  });

  it("is a route with all its next hops, its metrics and its mark", async () => {
    using scratch = new Scratch();
    foreignPair(scratch);
    const routes = (): unknown[] =>
      scratch.in("blue", (netlink) => netlink.listRoutes({ table: 254 }).filter(({ dst }) => dst === "10.9.0.0/16"));
    scratch.in("blue", (netlink) => {
      const { index: linkIndex } = netlink.getLink({ name: "eth0" });
      const nextHops = ["10.8.0.2", "10.8.0.3"].map((gateway, i) => ({ linkIndex, gateway, weight: i + 1 }));
      netlink.addRoute({ dst: "10.9.0.0/16", nextHops, protocol: 4, metrics: { advertisedMss: 1200 } });
    });
    const before = routes();
    const file = { routes: [{ name: "r", namespace: "blue", interface: "lo", dstIpAddr: "10.9.0.0/16" }] };
    assertMatch(JSON.stringify(await scratch.apply(file)), /is not this configuration's/);
    assertEquals((await scratch.apply(file, { adopt: true })).failed, []);
    assertEquals((await scratch.destroy(file)).failed, []);
    assertEquals(routes(), before);
  });

  it("has the routes again that somebody gave it: with several next hops by it, and local ones", async () => {
    for (const other of ["eth1", "e2"]) {
      using scratch = new Scratch();
      foreignPair(scratch);
      const routes = () =>
        scratch.in("blue", (netlink) => netlink.listRoutes().filter(({ protocol }) => protocol === 4));
      scratch.in("blue", (netlink) => {
        const linkIndex = netlink.getLink("eth0").index;
        netlink.addAddress({ name: "eth0" }, "fd08::1/64", { noDad: true });
        const add = (dst: string, ...gateways: readonly string[]): void =>
          netlink.addRoute({ dst, protocol: 4, nextHops: gateways.map((gateway) => ({ linkIndex, gateway })) });
        add("10.9.0.0/16", "10.8.0.2", "10.8.0.3");
        add("fd09::/32", "fd08::2", "fd08::3");
        const local = { type: "local", protocol: 4, linkIndex } as const;
        netlink.addRoute({ ...local, dst: "10.7.7.7/32", table: 255, scope: "host" });
        netlink.addRoute({ ...local, dst: "10.7.8.0/24", table: 4242, scope: "host" });
        netlink.addRoute({ ...local, dst: "fd07::7/128", table: 255 });
      });
      const before = routes();
      assertEquals(before.length, 5);
      for (const ipAddresses of [["10.8.1.1/24"], []]) {
        const report = await scratch.apply({ interfaces: pair("eth0", other, { ipAddresses }) }, { adopt: true });
        assertEquals(report.failed, []);
      }
      assertEquals((await scratch.destroy({})).failed, []);
      assertEquals(routes(), before, other);
    }
  });

  /** A TAP of somebody else, and who may open it. */
  const foreignTap = (scratch: Scratch, owners: { readonly owner?: number; readonly group?: number }) => {
    scratch.make("blue");
    scratch.in("blue", (_netlink, ns) => {
      ns.run(() => createTun({ name: "tap0", mode: "tap", persistent: true, ...owners })).close();
    });
    return (): unknown[] =>
      scratch.in("blue", (netlink) => {
        const { mtu, data } = netlink.getLink("tap0");
        return data?.kind === "tun" ? [mtu, data.owner, data.group] : [];
      });
  };
  const tap = (owner: number, mtu: number): InterfaceInput => (
    { name: "t", type: "TAP", namespace: "blue", hostIfName: "tap0", mtu, tun: { owner, group: 8 } }
  );

  it("has the owner and the group again that a TAP had; what it had not, the kernel takes away from none", async () => {
    for (const [owners, left] of [[{ owner: 5, group: 6 }, []], [{ owner: 5 }, ["group 8"]]] as const) {
      using scratch = new Scratch();
      const state = foreignTap(scratch, owners);
      const adopted = await scratch.apply({ interfaces: [tap(9, 1400)] }, { adopt: true });
      assertEquals([adopted.failed, state()], [[], [1400, 9, 8]]);
      const again = await scratch.apply({ interfaces: [tap(10, 1300)] });
      assertEquals([again.failed, state()], [[], [1300, 10, 8]]);
      const { failed, pending: notes } = await scratch.destroy({});
      assertEquals([failed, state()], [[], [1500, 5, left.length === 0 ? 6 : 8]]);
      assertEquals(
        notes.map(({ reason }) => reason.replace(/^.* keeps its /, "")),
        left.map((one) => (
          `${one}: the kernel takes none away`
        )),
      );
    }
  });

  it("has its owner again where an atomic apply fails, and what cannot be taken back is said", async () => {
    using scratch = new Scratch();
    const state = foreignTap(scratch, { owner: 5 });
    scratch.in("blue", (netlink) => netlink.addLink({ kind: "veth", name: "w", peer: { name: "w1" } }));
    const wrong: InterfaceInput = { name: "w", type: "EXISTING", namespace: "blue", mtu: 65_536 }; // so the kernel says
    const { failed } = await scratch.apply({ interfaces: [tap(9, 1400), wrong] }, {
      adopt: true,
      atomic: true,
    });
    assertEquals([failed.map(({ item }) => item), state()], [["interface w", "interface t"], [1500, 5, 8]]);
    assertMatch(failed[1]?.reason ?? "", /keeps its group 8: the kernel takes none away/);
    await scratch.destroy({});
  });
});

describeAsRoot("A namespace that this configuration made", () => {
  it("stays while the file describes it by its file, and goes then", async () => {
    using scratch = new Scratch();
    await scratch.apply({ namespaces: ["blue"] });
    const namespace = `FILE:/run/netns/${scratch.name("blue")}`;
    const file = { interfaces: pair("a", "b").map((one) => ({ ...one, namespace })) };
    await scratch.apply(file);
    assertEquals([(await scratch.apply(file)).lines, scratch.exists("blue")], [[], true]);
    await scratch.destroy(file);
    assertEquals(scratch.exists("blue"), false);
  });
});

describeAsRoot("A neighbour", () => {
  it("that somebody deleted and made anew is foreign", async () => {
    using scratch = new Scratch();
    foreignPair(scratch);
    const entry = {
      name: "n",
      namespace: "blue",
      interface: "eth0",
      ipAddr: "10.8.0.9",
      hwAddress: "02:00:00:00:00:01",
    };
    const neighbours = (): unknown[] =>
      scratch.in("blue", (netlink) => netlink.listNeighbours().filter(({ state }) => state === "permanent"));
    await scratch.apply({ arpEntries: [entry] });
    scratch.in("blue", (netlink) => {
      const { index: linkIndex } = netlink.getLink({ name: "eth0" });
      netlink.deleteNeighbour({ linkIndex, ip: "10.8.0.9" });
      netlink.setNeighbour({ linkIndex, ip: "10.8.0.9", address: "02:00:00:00:00:02", state: "permanent" });
    });
    const before = neighbours();
    assertMatch(JSON.stringify((await scratch.apply({ arpEntries: [entry] })).failed), /is not this configuration's/);
    await scratch.destroy({ arpEntries: [entry] });
    assertEquals(neighbours(), before);
  });

  it("of somebody else keeps its flags and its mark, whatever is adopted", async () => {
    using scratch = new Scratch();
    foreignPair(scratch);
    scratch.in("blue", (netlink) => {
      const { index: linkIndex } = netlink.getLink({ name: "eth0" });
      const theirs = { linkIndex, address: "02:00:00:00:00:02", protocol: 99, external: true };
      netlink.addAddress({ index: linkIndex }, "2001:db8::1/64", { noDad: true });
      netlink.addNeighbour({ ...theirs, ip: "10.8.0.9" });
      netlink.addNeighbour({ ...theirs, ip: "2001:db8::9", router: true });
    });
    const flags = (): unknown =>
      scratch.in("blue", (netlink) =>
        netlink.listNeighbours().filter(({ state }) => state === "permanent")
          .map(({ ip, address, flags, protocol }) => ({ ip, address, flags, protocol })));
    const had = flags();
    const entry = (name: string, ipAddr: string) => (
      { name, namespace: "blue", interface: "eth0", ipAddr, hwAddress: "02:00:00:00:00:01" }
    );
    const entries = { arpEntries: [entry("n4", "10.8.0.9"), entry("n6", "2001:db8::9")] };
    assertEquals((await scratch.apply(entries, { adopt: true })).failed, []);
    const described = (flags() as { address: string }[]).map((one) => ({ ...one, address: "02:00:00:00:00:02" }));
    assertEquals(described, had, "they are set");
    assertEquals((await scratch.destroy(entries)).failed, []);
    assertEquals(flags(), had);
    // Another link takes the place of theirs, which is made again.
    const links = { interfaces: pair("eth0", "e2") };
    assertEquals((await scratch.apply(links, { adopt: true })).failed, []);
    assertEquals((await scratch.destroy(links)).failed, []);
    assertEquals(flags(), had, "it was made again");
  });
});
