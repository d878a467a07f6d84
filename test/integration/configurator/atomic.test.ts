import { assertEquals } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import { createTun, type InterfaceInput, Netlink } from "@netns/netns";
import { leftEnd, rightEnd, vethEnd } from "../../support/topologies.ts";
import { assertSameTraces, describeAsRoot, scratchName, traces } from "../support/traces.ts";
import { Scratch } from "./scratch.ts";

/** The kernel refuses ::1 on a link that is not the loopback link; nothing says so before. */
const REFUSED = vethEnd("last", "tsal", { namespace: "blue", ipAddresses: ["::1/128"] });

const FIRST = {
  namespaces: ["blue", "green", "red"],
  interfaces: [
    leftEnd({ mtu: 1400, ipAddresses: ["10.1.0.1/24", "10.1.0.5/24", "10.7.0.1/16"] }),
    rightEnd(),
    vethEnd("x", "y", { namespace: "blue", ipAddresses: ["10.4.0.1/24"] }),
    vethEnd("y", "x", { namespace: "red", ipAddresses: ["10.4.0.2/24", "fd04::2/64"] }),
  ],
  routes: [
    { name: "far", interface: "left", dstIpAddr: "10.2.0.0/16", gwAddr: "10.1.0.2", metric: 10 },
    { name: "near", interface: "x", dstIpAddr: "10.3.0.0/16" },
  ],
  arpEntries: [{ name: "a", interface: "left", ipAddr: "10.1.0.9", hwAddress: "02:00:00:00:00:09" }],
};

const SECOND = {
  namespaces: ["blue", "green", "new"],
  interfaces: [
    leftEnd({ hostIfName: "wan", mtu: 1300, ipAddresses: ["10.1.0.5/24", "10.9.0.1/24"] }),
    rightEnd({ enabled: false, physAddress: "02:00:00:00:00:77" }),
    vethEnd("p", "q", { namespace: "blue" }),
    vethEnd("q", "p", { namespace: "new" }),
    REFUSED,
    vethEnd("tsal", "last", { namespace: "blue" }),
  ],
  routes: [{ name: "far", interface: "left", dstIpAddr: "10.2.0.0/16", gwAddr: "10.1.0.3", metric: 10 }],
  arpEntries: [{ name: "a", interface: "left", ipAddr: "10.1.0.9", hwAddress: "02:00:00:00:00:10" }],
};

describeAsRoot("Configurator.apply() with atomic", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertSameTraces(start));

  it("takes everything back if one item fails", async () => {
    using scratch = new Scratch();
    await scratch.apply(FIRST);
    const look = (): unknown => ["blue", "green", "red"].map((name) => scratch.state(name));
    const name = String(scratch.config({}).name);
    const [state, remembered] = [look(), await scratch.store.load(name)];
    const report = await scratch.apply(SECOND, { atomic: true });
    assertEquals(report.failed.map(({ item }) => item), ["interface last"], JSON.stringify(report.failed));
    assertEquals(report.done, []);
    assertEquals(look(), state);
    assertEquals(scratch.exists("new"), false);
    assertEquals((await scratch.apply(FIRST)).lines, []);
    assertEquals((await scratch.store.load(name))?.records.length, remembered?.records.length);
    await scratch.destroy(FIRST);
  });

  it("leaves the IPv6 routes of somebody else on a link that it used", async () => {
    using scratch = new Scratch();
    scratch.make("blue");
    scratch.in("blue", (netlink) => {
      netlink.addLink({ kind: "veth", name: "eth0", up: true, peer: { name: "far" } });
      netlink.setLink("far", { up: true });
      netlink.addAddress("eth0", "fd01::1/64", { noDad: true });
      const { index: linkIndex } = netlink.getLink("eth0");
      netlink.addRoute({ dst: "fd05::/64", linkIndex, gateway: "fd01::9", metric: 1024 });
      netlink.addRoute({ dst: "fd02::/64", linkIndex, metric: 100 });
      netlink.addRoute({ dst: "fd03::/64", linkIndex, metric: 256 });
    });
    const before = scratch.state("blue");
    const ipAddresses = ["fd02::1/64", "fd03::1/64"];
    const eth0: InterfaceInput = { name: "eth0", type: "EXISTING", namespace: "blue", ipAddresses };
    const report = await scratch.apply(
      { interfaces: [eth0, REFUSED, vethEnd("tsal", "last", { namespace: "blue" })] },
      {
        atomic: true,
      },
    );
    assertEquals(report.failed.map(({ item }) => item), ["interface last"]);
    assertEquals(scratch.state("blue"), before);
  });

  it("does nothing at all if the plan says already that an item fails", async () => {
    using scratch = new Scratch();
    scratch.make("blue");
    scratch.in("blue", (netlink) => netlink.addLink({ kind: "bridge", name: "eth0" }));
    const report = await scratch.apply(FIRST, { atomic: true });
    assertEquals([report.done, report.failed.length, scratch.exists("green")], [[], 2, false]);
  });

  it("gives a TAP back that it borrowed, with its routes, and not with the addresses of the file", async () => {
    using scratch = new Scratch();
    using host = Netlink.open();
    const name = scratchName().slice(-8);
    createTun({ name, mode: "tap", persistent: true }).close();
    try {
      host.setLink(name, { up: true, mtu: 1400 });
      const { index: linkIndex } = host.getLink(name);
      host.addAddress({ index: linkIndex }, "198.51.100.1/24");
      host.addAddress({ index: linkIndex }, "198.51.100.9/32", { peer: "203.0.113.9" });
      host.addRoute({ dst: "203.0.113.0/28", linkIndex, gateway: "198.51.100.7" });
      const look = (): unknown => {
        const { index, up, mtu, address } = host.getLink(name);
        const of = { linkIndex: index };
        return [index, up, mtu, address, host.listAddresses(of).map(({ cidr, peer }) => [cidr, peer]).sort()]
          .concat(host.listRoutes(of).map(({ dst, nextHops: [hop] }) => [dst, hop?.gateway]).sort());
      };
      const before = look();
      const tap = { name: "t", type: "AUTO_TAP", tap: { tempIfName: name }, namespace: "blue", mtu: 1300 } as const;
      const interfaces = [{ ...tap, hostIfName: "eth0", ipAddresses: ["10.1.0.1/24"] }];
      const failing = [REFUSED, vethEnd("tsal", "last", { namespace: "blue" })];
      const report = await scratch.apply({ interfaces: [...interfaces, ...failing] }, { atomic: true });
      assertEquals(report.failed.map(({ item }) => item), ["interface last"], JSON.stringify(report.failed));
      assertEquals([look(), scratch.exists("blue")], [before, false]);
      host.deleteRoute({ dst: "203.0.113.0/28", linkIndex: host.getLink(name).index, gateway: "198.51.100.7" });
      const withoutRoute = look();
      assertEquals((await scratch.apply({ interfaces })).failed, []);
      assertEquals(Object.values(scratch.look("blue")).map(({ addresses }) => addresses), [["10.1.0.1/24"]]);
      const inBlue = scratch.state("blue");
      const given = await scratch.apply({ interfaces: failing }, { atomic: true });
      assertEquals(given.failed.map(({ item }) => item), ["interface last"], JSON.stringify(given.failed));
      assertEquals(scratch.state("blue"), inBlue);
      await scratch.destroy({ interfaces });
      assertEquals(look(), withoutRoute);
    } finally {
      for (const link of host.listLinks()) if (link.name === name) host.deleteLink(link);
    }
  });

  it("makes a VXLAN again on a link of another namespace, and a TUN", async () => {
    using scratch = new Scratch();
    const vxlan = { id: 7, local: "10.1.0.1", remote: "10.1.0.2", parent: "left" };
    const entries = [{ mac: "00:00:00:00:00:00", remote: "10.1.0.8" }];
    const first = {
      namespaces: ["blue", "green", "red"],
      interfaces: [
        leftEnd({ ipAddresses: ["10.1.0.1/24"] }),
        rightEnd(),
        { name: "x", type: "VXLAN", namespace: "red", ipAddresses: ["10.5.0.1/24"], vxlan: { ...vxlan, entries } },
        { name: "u", type: "TUN", namespace: "red", ipAddresses: ["10.6.0.1/24"], tun: { owner: 5, group: 6 } },
      ] satisfies InterfaceInput[],
    };
    const failing = [REFUSED, vethEnd("tsal", "last", { namespace: "blue" })];
    const second = { ...first, interfaces: [leftEnd({ ipAddresses: ["10.1.0.1/24"] }), rightEnd(), ...failing] };
    assertEquals((await scratch.apply(first)).failed, []);
    const look = (): unknown =>
      scratch.in("red", (netlink) => {
        const links = netlink.listLinks().filter(({ name }) => name !== "lo");
        return {
          state: scratch.state("red"),
          links: links.map(({ name, linkNetnsid, data, address }) => [name, linkNetnsid, data, address])
            .sort(),
          entries: links.flatMap((link) => netlink.listForwardingEntries({ link })).map(({ ip }) => ip).sort(),
        };
      });
    const before = look();
    const report = await scratch.apply(second, { atomic: true });
    assertEquals(report.failed.map(({ item }) => item), ["interface last"], JSON.stringify(report.failed));
    assertEquals(look(), before);
    assertEquals((await scratch.apply(first)).lines, []);
    assertEquals((await scratch.destroy(first)).failed, []);
  });

  it("makes a deleted bridge again with its options and its ports, and a VXLAN with its entries", async () => {
    using scratch = new Scratch();
    scratch.make("blue");
    scratch.in("blue", (netlink) => netlink.addLink({ kind: "veth", name: "theirs", peer: { name: "sriehs" } }));
    const bridge = {
      name: "br",
      type: "BRIDGE",
      namespace: "blue",
      bridge: { stp: true, ageingTime: 6000 },
    } as const;
    const vxlan = {
      name: "vx",
      type: "VXLAN",
      namespace: "blue",
      vxlan: { id: 7, entries: [{ mac: "00:00:00:00:00:00", remote: "10.1.0.8" }] },
    } as const;
    const port = { master: "br", bridgePort: { cost: 7 } };
    const end = vethEnd("y", "x", { namespace: "blue", ipAddresses: ["10.4.0.2/24"] });
    const first = { interfaces: [bridge, vxlan, vethEnd("x", "y", { namespace: "blue", ...port }), end] };
    const failing = [REFUSED, vethEnd("tsal", "last", { namespace: "blue" })];
    const second = [
      {
        interfaces: [
          vethEnd("x", "y", { namespace: "blue", mtu: 1400, master: null, description: "new" }),
          end,
          ...failing,
        ],
      },
      {
        interfaces: [
          { ...bridge, bridge: { stp: false, ageingTime: 9000 } },
          { ...vxlan, vxlan: { id: 7, entries: [{ mac: "00:00:00:00:00:00", remote: "10.1.0.9" }] } },
          vethEnd("x", "y", { namespace: "blue", ...port, bridgePort: { cost: 9 } }),
          end,
          ...failing,
        ],
      },
    ];
    assertEquals((await scratch.apply(first)).failed, []);
    scratch.in("blue", (netlink) => netlink.setLink({ name: "theirs" }, { master: { name: "br" } }));
    const look = (): unknown =>
      scratch.in("blue", (netlink) => {
        const links = netlink.listLinks();
        const vxlanIndex = links.find(({ name }) => name === "vx")?.index ?? 0;
        return {
          state: scratch.state("blue"),
          masters: links.map(({ name, master, port }) => [
            name,
            links.find(({ index }) => index === master)?.name,
            port?.cost,
          ])
            .sort(),
          bridge: links.flatMap(({ data }) => data?.kind === "bridge" ? [data.ageingTime, data.stpState] : []),
          alias: links.map(({ alias }) => alias).filter((one) => one !== undefined),
          entries: netlink.listForwardingEntries({ link: { index: vxlanIndex } }).map(({ ip }) => ip),
        };
      });
    const before = look();
    for (const file of second) {
      const report = await scratch.apply(file, { atomic: true });
      assertEquals(report.failed.map(({ item }) => item), ["interface last"], JSON.stringify(report.failed));
      assertEquals(look(), before);
      assertEquals((await scratch.apply(first)).lines, []);
    }
    await scratch.destroy(first);
  });
});
