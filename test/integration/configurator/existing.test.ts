/** EXISTING and LOOPBACK: links of somebody else that are used and given back; TUN and TAP. */
import { assert, assertEquals, assertObjectMatch } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import { createTun, type InterfaceInput, type NetworkConfigInput } from "@netns/netns";
import { assertSameTraces, describeAsRoot, settled, traces } from "../support/traces.ts";
import { vethEnd } from "../../support/topologies.ts";
import { Scratch } from "./scratch.ts";

/** Applies, twice; the second time there is nothing to do. Gives the lines of the first. */
async function settle(scratch: Scratch, document: NetworkConfigInput): Promise<readonly string[]> {
  const first = await scratch.apply(document);
  assertEquals([first.failed, first.pending], [[], []]);
  const second = await scratch.apply(document);
  assertEquals([second.lines, second.failed, second.pending], [[], [], []], "a second time");
  return first.lines;
}

/** A namespace with a pair of somebody else, whose ends have the names `eth0` and `far`. */
function withPair(scratch: Scratch): void {
  scratch.make("a");
  scratch.in("a", (netlink) => {
    netlink.addLink({ kind: "veth", name: "eth0", up: true, mtu: 1400, peer: { name: "far" } });
    netlink.setLink("lo", { up: true });
    netlink.setLink("far", { up: true });
    netlink.addAddress({ name: "eth0" }, "10.1.0.1/24", { label: "eth0:x" });
    netlink.addAddress({ name: "eth0" }, "fd01::1/64", { noDad: true });
    netlink.addRoute({ dst: "10.9.0.0/16", gateway: "10.1.0.9", linkIndex: netlink.getLink("eth0").index });
  });
}

const existing = (fields: Partial<InterfaceInput>): NetworkConfigInput => ({
  interfaces: [{ name: "eth0", type: "EXISTING", namespace: "a", ...fields }],
});

describeAsRoot("EXISTING", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertSameTraces(start));

  for (const metric of [100, 256, 1024]) {
    it(`keeps a route of metric ${metric} to the network of an address that goes`, async () => {
      using scratch = new Scratch();
      withPair(scratch);
      scratch.in("a", (netlink) => {
        const { index: linkIndex } = netlink.getLink("eth0");
        netlink.addRoute({ dst: "fd02::/64", linkIndex, metric, protocol: 3 });
      });
      const initial = scratch.state("a");
      const file = existing({ ipAddresses: ["fd02::1/64"] });
      await settle(scratch, file);
      assertEquals((await scratch.destroy(file)).failed, []);
      assertEquals(scratch.state("a"), initial);
    });
  }

  it("gives addresses back with the flags that they had: checked for duplicates, or not", async () => {
    using scratch = new Scratch();
    withPair(scratch);
    scratch.in("a", (netlink) => {
      netlink.addAddress("eth0", "fd01::2/64", { home: true, managedTemporaries: true });
      netlink.addAddress("eth0", "fd03::2/64");
    });
    const look = () =>
      scratch.in("a", (netlink) => netlink.listAddresses({ link: "eth0" })).map((
        { cidr, flags, tentative, noDad, home, managedTemporaries },
      ) => ({ cidr, flags, tentative, noDad, home, managedTemporaries }));
    const isChecked = (all: ReturnType<typeof look>): boolean =>
      all.some(({ cidr }) => cidr.startsWith("fe80")) && all.every(({ tentative }) => !tentative);
    const initial = await settled(look, isChecked);
    const route = { dst: "fd04::/64", gateway: "fd03::9", link: "eth0", preferredSource: "fd03::2" };
    scratch.in("a", (netlink) => netlink.addRoute(route)); // the kernel takes no source that it still checks
    assertEquals(initial.filter(({ noDad }) => noDad).map(({ cidr }) => cidr), ["fd01::1/64"]);
    const routes = () => scratch.in("a", (netlink) => netlink.listRoutes().filter(({ dst }) => dst === "fd04::/64"));
    const before = routes();
    for (const fields of [{ enabled: false }, { ipAddresses: ["fd01::5/64"] }, { mtu: 1000 }]) {
      await settle(scratch, existing(fields));
      assertEquals((await scratch.destroy({})).failed, []);
      // With IPv6 the kernel makes its own link-local address anew.
      const given = await settled(look, isChecked);
      assertEquals([given, routes()], [initial, before], JSON.stringify(fields));
    }
  });

  it("makes a route of the file again that the kernel takes with the last address of its network", async () => {
    using scratch = new Scratch();
    withPair(scratch);
    const routes = [{ name: "r", interface: "eth0", namespace: "a", dstIpAddr: "fd02::/64", metric: 100 }];
    await settle(scratch, { ...existing({ ipAddresses: ["fd02::1/64"] }), routes });
    await settle(scratch, { ...existing({}), routes });
    const shown = scratch.in("a", (netlink) => netlink.listRoutes().filter(({ dst }) => dst === "fd02::/64"));
    assertEquals(shown.map(({ metric }) => metric), [100]);
    await scratch.destroy({ ...existing({}), routes });
  });

  it("adds addresses and sets fields, and takes back what it added and set", async () => {
    using scratch = new Scratch();
    withPair(scratch);
    const initial = scratch.state("a");
    const lines = await settle(
      scratch,
      existing({
        ipAddresses: ["10.1.0.2/24", "10.2.0.1/24", "fd01::2/64"],
        mtu: 1300,
        physAddress: "02:00:00:00:00:05",
        description: "uplink",
      }),
    );
    assertEquals(lines, [
      "interface eth0: use eth0 in a",
      'interface eth0: set eth0 in a: address 02:00:00:00:00:05, mtu 1300, alias "uplink"',
      "interface eth0: add 10.2.0.1/24 to eth0 in a",
      "interface eth0: add 10.1.0.2/24 to eth0 in a",
      "interface eth0: add fd01::2/64 to eth0 in a",
    ]);
    assertEquals(scratch.look("a").eth0, {
      mtu: 1300,
      up: true,
      addresses: ["10.1.0.1/24", "10.2.0.1/24", "10.1.0.2/24", "fd01::2/64", "fd01::1/64"],
    });
    const changed = await settle(scratch, existing({ ipAddresses: ["10.2.0.1/24"], mtu: 1300 }));
    assertEquals(changed.slice(1), [
      "interface eth0: take 10.1.0.2/24 from eth0 in a",
      "interface eth0: take fd01::2/64 from eth0 in a",
    ]);
    assert(changed[0]?.startsWith("interface eth0: set eth0 in a: address "), changed[0]);
    assertEquals((await scratch.destroy(existing({}))).failed, []);
    assertEquals(scratch.state("a"), initial);
    assertEquals(scratch.in("a", (netlink) => netlink.getLink("eth0").alias), undefined);
  });

  for (const fields of [{ physAddress: "02:00:00:00:00:05" }, { enabled: false }]) {
    const what = JSON.stringify(fields);
    it(`keeps, or gives back, the neighbours and routes of somebody else that go with ${what}`, async () => {
      using scratch = new Scratch();
      withPair(scratch);
      scratch.in("a", (netlink) => {
        const { index: linkIndex } = netlink.getLink("eth0");
        for (const ip of ["10.1.0.7", "fd01::7"]) {
          netlink.setNeighbour({ linkIndex, ip, address: "02:00:00:00:00:07", state: "permanent" });
        }
      });
      const initial = scratch.state("a");
      for (const next of [undefined, {}, { mtu: 1300 }]) {
        await settle(scratch, existing(fields));
        if (next !== undefined) await settle(scratch, existing(next)); // by an edit
        assertEquals((await scratch.destroy(existing({}))).failed, []);
        assertEquals(scratch.state("a"), initial, JSON.stringify(next));
      }
    });
  }

  it("does not overwrite a neighbour of somebody else that goes with a change of the link", async () => {
    using scratch = new Scratch();
    withPair(scratch);
    const shown = (): unknown => (
      scratch.in(
        "a",
        (netlink) => netlink.listNeighbours().filter(({ ip }) => ip === "10.1.0.7").map(({ address }) => address),
      )
    );
    scratch.in("a", (netlink) => {
      const { index: linkIndex } = netlink.getLink("eth0");
      netlink.setNeighbour({ linkIndex, ip: "10.1.0.7", address: "02:00:00:00:00:07", state: "permanent" });
    });
    const file = {
      ...existing({ physAddress: "02:00:00:00:00:05" }),
      arpEntries: [{
        name: "n",
        namespace: "a",
        interface: "eth0",
        ipAddr: "10.1.0.7",
        hwAddress: "02:00:00:00:00:08",
      }],
    };
    const { failed } = await scratch.apply(file);
    assertEquals([failed.map(({ item }) => item), shown()], [["ARP entry n"], ["02:00:00:00:00:07"]]);
    await scratch.destroy(file);
    await scratch.apply(file, { adopt: true });
    assertEquals(shown(), ["02:00:00:00:00:08"]);
    assertEquals((await scratch.apply(file)).lines, []);
    await scratch.destroy(file);
    assertEquals(shown(), ["02:00:00:00:00:07"]);
  });

  it("takes back what an earlier file gave it, where a later one was cut short before that", async () => {
    using scratch = new Scratch();
    withPair(scratch);
    const initial = scratch.state("a");
    await scratch.apply(existing({ ipAddresses: ["10.7.0.1/24"], mtu: 1300 }));
    await scratch.applyCutShort(existing({ ipAddresses: ["10.8.0.1/24"] }));
    assertEquals((await scratch.destroy(existing({}))).failed, []);
    assertEquals(scratch.state("a"), initial);
  });

  it("leaves what somebody else changed meanwhile, and what was there before", async () => {
    using scratch = new Scratch();
    withPair(scratch);
    await settle(scratch, existing({ ipAddresses: ["10.1.0.1/24", "10.3.0.1/24"], mtu: 1300 }));
    scratch.in("a", (netlink) => {
      netlink.setLink("eth0", { mtu: 1290, txQueueLength: 77 });
      netlink.addAddress({ name: "eth0" }, "10.3.0.2/24");
      netlink.addAddress({ name: "eth0" }, "10.4.0.1/24");
    });
    assertEquals((await scratch.destroy(existing({}))).failed, []);
    assertEquals(scratch.look("a").eth0, {
      mtu: 1290,
      up: true,
      addresses: ["10.1.0.1/24", "10.4.0.1/24", "10.3.0.2/24", "fd01::1/64"],
    });
    assertEquals(scratch.in("a", (netlink) => netlink.getLink("eth0").txQueueLength), 77);
  });

  it("is set down and up again, with the routes that it had", async () => {
    using scratch = new Scratch();
    withPair(scratch);
    const initial = scratch.state("a");
    await settle(scratch, existing({ enabled: false }));
    assertEquals(scratch.look("a").eth0?.up, false);
    assertEquals((await scratch.destroy(existing({}))).failed, []);
    assertEquals(scratch.state("a"), initial);
  });

  it("waits for the link, and never makes it", async () => {
    using scratch = new Scratch();
    scratch.make("a");
    const { pending, lines } = await scratch.apply(existing({ ipAddresses: ["10.1.0.1/24"] }));
    assertEquals(lines.filter((line) => !line.includes("lo in a")), []);
    assertEquals(pending, [{ item: "interface eth0", reason: "there is no link eth0 in a" }]);
  });

  it("is nothing of its own where it is as described: a second configuration may use it, too", async () => {
    using scratch = new Scratch();
    withPair(scratch);
    const config = existing({ ipAddresses: ["10.1.0.1/24"], mtu: 1400 });
    assertEquals((await scratch.apply(config)).lines, []);
    const second = { ...existing({ ipAddresses: ["10.5.0.1/24"] }), name: `${scratch.name("a")}-second` };
    assertEquals((await scratch.apply(second)).failed, []);
    const third = await scratch.apply(existing({ ipAddresses: ["10.6.0.1/24"] }));
    assertEquals(third.failed.map(({ owner }) => owner), [second.name]);
    assertEquals((await scratch.destroy(second)).failed, []);
    assertEquals(scratch.look("a").eth0?.addresses, ["10.1.0.1/24", "fd01::1/64"]);
  });

  it("fails at an address with another prefix; --adopt replaces it, and destroy gives it back", async () => {
    using scratch = new Scratch();
    withPair(scratch);
    const config = existing({ ipAddresses: ["10.1.0.1/16", "fd01::1/48"] });
    const refused = await scratch.apply(config);
    assertEquals(refused.lines, []);
    assertObjectMatch(refused.failed[0] ?? {}, { item: "interface eth0", owner: null });
    assertEquals((await scratch.apply(config, { adopt: true })).failed, []);
    assertEquals((await scratch.apply(config)).lines, []);
    assertEquals(scratch.look("a").eth0?.addresses, ["10.1.0.1/16", "fd01::1/48"]);
    assertEquals((await scratch.destroy(config)).failed, []);
    assertEquals(scratch.look("a").eth0?.addresses, ["10.1.0.1/24", "fd01::1/64"]);
  });

  it("is a bridge that others are ports of, by its name in the file and in the namespace", async () => {
    using scratch = new Scratch();
    withPair(scratch);
    scratch.in("a", (netlink) => netlink.addLink({ kind: "bridge", name: "br7" }));
    const initial = scratch.look("a");
    const file = (master: string): NetworkConfigInput => ({
      interfaces: [
        { name: "sw", type: "EXISTING", namespace: "a", hostIfName: "br7", ipAddresses: ["10.7.0.1/24"] },
        { ...vethEnd("port", "host", { namespace: "a" }), master, bridgePort: { cost: 7 } },
        vethEnd("host", "port", { namespace: "b" }),
      ],
    });
    await settle(scratch, file("sw"));
    const master = scratch.in("a", (netlink) => netlink.getLink("port").master === netlink.getLink("br7").index);
    assert(master);
    assertEquals(await settle(scratch, file("br7")), []);
    const none = {
      interfaces: file("far").interfaces?.map((one) => one.name === "sw" ? { ...one, hostIfName: "far" } : one),
    };
    const { pending } = await scratch.apply({ interfaces: none.interfaces ?? [] });
    assertEquals(pending.map(({ reason }) => reason.replace(/\S+-a$/, "a").replace(/ in \S+ /, " in a ")), [
      "far in a is no bridge, bond or VRF",
    ]);
    assertEquals((await scratch.destroy(file("sw"))).failed, []);
    // Its hardware address was that of its port for so long.
    assertEquals(scratch.look("a"), initial);
  });

  /** A namespace with a link of somebody else that has two addresses in one network, and routes by them. */
  function withTwoInOneNetwork(scratch: Scratch): void {
    scratch.make("a");
    scratch.in("a", (netlink) => {
      netlink.addLink({ kind: "veth", name: "eth0", up: true, peer: { name: "far" } });
      netlink.setLink("lo", { up: true });
      netlink.setLink("far", { up: true });
      for (const address of ["10.1.0.1/16", "10.1.0.9/16"]) netlink.addAddress("eth0", address);
      netlink.addAddress("eth0", "fd01::1/48", { noDad: true });
      const { index: linkIndex } = netlink.getLink("eth0");
      netlink.addRoute({ dst: "10.8.0.0/16", gateway: "10.1.0.77", linkIndex });
      netlink.addRoute({ dst: "10.9.0.0/16", linkIndex, scope: "link", preferredSource: "10.1.0.1" });
      netlink.addRoute({ dst: "fd09::/64", linkIndex, preferredSource: "fd01::1" });
      netlink.setNeighbour({ linkIndex, ip: "10.1.0.7", address: "02:00:00:00:00:07", state: "permanent" });
    });
  }

  for (
    const [what, ipAddresses] of [["the first of its network", ["10.1.0.1/24"]], ["the only one of its network", [
      "fd01::1/64",
    ]]] as const
  ) {
    it(`gives an address back that was ${what}, with its order and the routes of others by it`, async () => {
      using scratch = new Scratch();
      withTwoInOneNetwork(scratch);
      const initial = scratch.state("a");
      const order = () => scratch.look("a").eth0?.addresses;
      const [had, config] = [order(), existing({ ipAddresses })];
      const routes = () =>
        scratch.in(
          "a",
          (netlink) =>
            netlink.listRoutes().map(({ dst, preferredSource }) => `${dst} ${preferredSource}`).filter((text) =>
              /^(10[.][89]|fd09)/.test(text)
            ).sort(),
        );
      const before = routes();
      assertEquals((await scratch.apply(config, { adopt: true })).failed, []);
      assertEquals(routes(), before, "routes of others stay");
      assertEquals((await scratch.apply(config)).lines, []);
      assertEquals((await scratch.destroy(config)).failed, []);
      assertEquals([scratch.state("a"), order()], [initial, had]);
      const failing = {
        ...config,
        interfaces: [...config.interfaces ?? [], {
          name: "x",
          type: "MACVLAN",
          namespace: "a",
          macvlan: { parent: "lo" },
        }],
      } as const;
      const failed = await scratch.apply(failing, { adopt: true, atomic: true });
      assertEquals([failed.failed.map(({ item }) => item), failed.lines], [["interface x"], []]);
      assertEquals([scratch.state("a"), order()], [initial, had], "taken back");
    });
  }

  it("gives what others added since it was first used back with what a later file takes: an address, or the state", async () => {
    using scratch = new Scratch();
    withPair(scratch);
    for (
      const later of [{ ipAddresses: ["10.1.0.1/24", "10.5.0.1/24"] }, { ipAddresses: ["10.5.0.1/24"], enabled: false }]
    ) {
      await settle(scratch, existing({ ipAddresses: ["10.5.0.1/24"] }));
      scratch.in("a", (netlink) => {
        netlink.deleteAddress("eth0", "10.1.0.1/24");
        for (const address of ["10.1.0.1/16", "10.1.0.9/16"]) netlink.addAddress("eth0", address);
        const { index: linkIndex } = netlink.getLink("eth0");
        netlink.addRoute({ dst: "10.8.0.0/16", linkIndex, scope: "link", preferredSource: "10.1.0.1" });
        netlink.addRoute({ dst: "10.7.0.0/16", linkIndex, gateway: "10.1.0.77" });
      });
      const given = scratch.look("a").eth0?.addresses.filter((text) => text !== "10.5.0.1/24");
      const routes = () =>
        scratch.in(
          "a",
          (netlink) => netlink.listRoutes().map(({ dst }) => dst).filter((dst) => /^10[.][78]/.test(dst)).sort(),
        );
      assertEquals((await scratch.apply(existing(later), { adopt: true })).failed, []);
      assertEquals((await scratch.destroy({})).failed, []);
      assertEquals([scratch.look("a").eth0?.addresses, routes()], [given, ["10.7.0.0/16", "10.8.0.0/16"]]);
      scratch.in("a", (netlink) => {
        for (const address of ["10.1.0.9/16", "10.1.0.1/16"]) netlink.deleteAddress("eth0", address);
        netlink.addAddress("eth0", "10.1.0.1/24", { label: "eth0:x" });
      });
    }
  });

  it("leaves the kernel's route of somebody's address, at each apply, and takes the place of that of its own", async () => {
    using scratch = new Scratch();
    withPair(scratch);
    const route = { name: "r", interface: "eth0", namespace: "a" };
    const file = {
      ...existing({ ipAddresses: ["10.1.0.5/24", "10.5.0.1/24", "10.5.0.2/24"] }),
      routes: [
        { ...route, dstIpAddr: "10.1.0.0/24", srcIpAddr: "10.1.0.5" },
        { ...route, name: "own", dstIpAddr: "10.5.0.0/24", srcIpAddr: "10.5.0.2" },
      ],
    };
    const initial = scratch.state("a");
    for (const adopt of [false, false, true, false]) {
      const { failed } = await scratch.apply(file, { adopt });
      assertEquals(failed.map(({ item }) => item), ["route r"]);
    }
    const sources = scratch.in(
      "a",
      (netlink) =>
        netlink.listRoutes({ table: 254 }).filter(({ dst }) => /^10[.][15]/.test(dst)).map(({ dst, preferredSource }) =>
          `${dst} ${preferredSource}`
        ).sort(),
    );
    assertEquals(sources, ["10.1.0.0/24 10.1.0.1", "10.5.0.0/24 10.5.0.2"]);
    await scratch.destroy(file);
    assertEquals(scratch.state("a"), initial);
  });

  it("is a port of a bridge of the file, and none again", async () => {
    using scratch = new Scratch();
    withPair(scratch);
    const config = {
      interfaces: [
        { name: "br0", type: "BRIDGE", namespace: "a" },
        { name: "eth0", type: "EXISTING", namespace: "a", master: "br0", bridgePort: { hairpin: true } },
      ],
    } as const;
    await settle(scratch, config);
    const masterOf = () => scratch.in("a", (netlink) => netlink.getLink("eth0").master);
    const bridge = scratch.in("a", (netlink) => netlink.getLink("br0").index);
    assertEquals(masterOf(), bridge);
    scratch.in("a", (netlink) => netlink.setLink("eth0", { master: 0 }));
    await settle(scratch, config);
    assertEquals(masterOf(), bridge);
    await settle(scratch, { interfaces: [config.interfaces[0], { name: "eth0", type: "EXISTING", namespace: "a" }] });
    assertEquals(masterOf(), undefined);
    await settle(scratch, config);
    assertEquals((await scratch.destroy(config)).failed, []);
    assertEquals(masterOf(), undefined);
  });
});

describeAsRoot("EXISTING, as a port of a bridge of somebody else,", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertSameTraces(start));

  /** What is set of the port and of its bridge. */
  const look = (scratch: Scratch): object =>
    scratch.in("a", (netlink) => {
      const { port, master } = netlink.getLink("eth0");
      return { cost: port?.cost, hairpin: port?.hairpin, flood: port?.flood, isolated: port?.isolated, master };
    });
  const port = (bridgePort: InterfaceInput["bridgePort"], fields: Partial<InterfaceInput> = {}): NetworkConfigInput =>
    existing({ bridgePort, ...fields });
  const withPort = (scratch: Scratch): void => {
    withPair(scratch);
    scratch.in("a", (netlink) => {
      netlink.addLink({ kind: "bridge", name: "br0" });
      netlink.addLink({ kind: "bridge", name: "br1" });
      netlink.setLink("eth0", { master: netlink.getLink("br0").index });
      netlink.setLink("eth0", { port: { cost: 9, hairpin: true } });
    });
  };

  it("gets its options back: those that the file no longer gives, and all at the end", async () => {
    using scratch = new Scratch();
    withPort(scratch);
    const initial = look(scratch);
    await settle(scratch, port({ cost: 3, flood: false, hairpin: true }));
    await settle(scratch, port({ cost: 4 }));
    assertObjectMatch(look(scratch), { cost: 4, flood: true, hairpin: true });
    await settle(scratch, existing({}));
    assertEquals(look(scratch), initial);
    await settle(scratch, port({ cost: 3, isolated: true }));
    assertEquals((await scratch.destroy(existing({}))).failed, []);
    assertEquals(look(scratch), initial);
  });

  it("keeps what somebody else set meanwhile", async () => {
    using scratch = new Scratch();
    withPort(scratch);
    await settle(scratch, port({ cost: 3, isolated: true }));
    scratch.in("a", (netlink) => netlink.setLink("eth0", { port: { cost: 5, flood: false } }));
    assertEquals((await scratch.destroy(existing({}))).failed, []);
    assertObjectMatch(look(scratch), { cost: 5, flood: false, isolated: false });
  });

  it("comes back to it from one that has another name by then, of somebody else or of the file", async () => {
    for (const own of [false, true]) {
      using scratch = new Scratch();
      withPair(scratch);
      scratch.in("a", (netlink) => {
        netlink.addLink({ kind: "bridge", name: "home" });
        if (!own) netlink.addLink({ kind: "bridge", name: "away" });
        netlink.setLink("eth0", { master: { name: "home" } });
      });
      const master = (): string | undefined =>
        scratch.in("a", (netlink) => {
          const { master } = netlink.getLink("eth0");
          return netlink.listLinks().find(({ index }) => index === master)?.name;
        });
      const file: NetworkConfigInput = {
        interfaces: [
          ...existing({ master: "away" }).interfaces ?? [],
          ...own ? [{ name: "away", type: "BRIDGE", namespace: "a" } as const] : [],
        ],
      };
      await settle(scratch, file);
      scratch.in("a", (netlink) => netlink.setLink("away", { name: "else" }));
      assertEquals(master(), "else");
      assertEquals((await scratch.destroy(file)).failed, []);
      assertEquals(master(), "home");
    }
  });

  it("gets them back with its bridge, if it was at another one meanwhile", async () => {
    using scratch = new Scratch();
    withPort(scratch);
    const initial = look(scratch);
    const moved = port({ cost: 3, flood: false }, { master: "br1" });
    await settle(scratch, moved);
    await settle(scratch, existing({}));
    assertEquals(look(scratch), initial);
    await settle(scratch, port({ cost: 6 }));
    await settle(scratch, moved);
    assertEquals((await scratch.destroy(existing({}))).failed, []);
    assertEquals(look(scratch), initial);
  });
});

describeAsRoot("LOOPBACK", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertSameTraces(start));

  const config = (...ipAddresses: string[]): NetworkConfigInput => ({
    namespaces: ["a"],
    interfaces: [{ name: "router-loopback", type: "LOOPBACK", namespace: "a", ipAddresses }],
  });
  const addresses = (scratch: Scratch): string[] =>
    scratch.in("a", (netlink) => netlink.listAddresses({ linkIndex: 1 }).map(({ cidr }) => cidr));

  it("adds addresses to lo of a new namespace, and takes them away", async () => {
    using scratch = new Scratch();
    const lines = await settle(scratch, config("127.0.0.1/8", "10.255.0.1/32", "fd00::1/128", "::1/128"));
    assertEquals(lines, [
      "namespace a: create namespace a",
      "interface router-loopback: use lo in a",
      "interface router-loopback: add 10.255.0.1/32 to lo in a",
      "interface router-loopback: add fd00::1/128 to lo in a",
    ]);
    await settle(scratch, config("10.255.0.2/32"));
    assertEquals(addresses(scratch), ["127.0.0.1/8", "10.255.0.2/32", "::1/128"]);
    await settle(scratch, { namespaces: ["a"] });
    assertEquals(addresses(scratch), ["127.0.0.1/8", "::1/128"]);
    assertEquals((await scratch.destroy(config())).failed, []);
    assert(!scratch.exists("a"));
  });

  it("stays up when it is described no longer, in a namespace that still is", async () => {
    using scratch = new Scratch();
    scratch.make("a");
    const up = (): boolean => scratch.in("a", (netlink) => netlink.getLink("lo").up);
    const lo: InterfaceInput = { name: "lo", type: "LOOPBACK", namespace: "a", ipAddresses: ["10.255.0.1/32"] };
    await settle(scratch, { interfaces: [lo] });
    await settle(scratch, { namespaces: ["a"] });
    assertEquals(up(), true);
    await settle(scratch, { interfaces: [{ ...lo, enabled: false }] });
    assertEquals(up(), false);
    await settle(scratch, { namespaces: ["a"] });
    assertEquals(up(), true);
    await scratch.destroy({ namespaces: ["a"] });
  });

  it("has IPv6 addresses, also where it is down in a namespace that is made", async () => {
    using scratch = new Scratch();
    const document: NetworkConfigInput = {
      namespaces: [{ name: "a", sysctls: { "net.ipv6.conf.lo.addr_gen_mode": 1 } }],
      interfaces: [{ name: "lo", type: 3, namespace: "a", enabled: false, ipAddresses: ["fd07::1/64", "10.7.0.1/24"] }],
    };
    await settle(scratch, document);
    assertEquals(addresses(scratch).sort(), ["10.7.0.1/24", "127.0.0.1/8", "fd07::1/64"]);
    await scratch.destroy(document);
  });

  it("stays as it was in a namespace of somebody else, and is down where the file says so", async () => {
    using scratch = new Scratch();
    scratch.make("a");
    const down: NetworkConfigInput = {
      interfaces: [{ name: "lo", type: 3, namespace: "a", enabled: false, mtu: 9000 }],
    };
    await settle(scratch, down);
    const lo = () => scratch.in("a", (netlink) => netlink.getLink("lo"));
    assertObjectMatch(lo(), { up: false, mtu: 9000 });
    await settle(scratch, { interfaces: [{ name: "lo", type: "LOOPBACK", namespace: "a" }] });
    assertObjectMatch(lo(), { up: true, mtu: 65_536 });
    await scratch.destroy(down);
    assertObjectMatch(lo(), { up: false, mtu: 65_536 });
  });
});

describeAsRoot("TUN, TAP", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertSameTraces(start));

  const config = (tun: Partial<InterfaceInput>, tap: Partial<InterfaceInput> = {}): NetworkConfigInput => ({
    namespaces: ["a"],
    interfaces: [
      { name: "tun0", type: "TUN", namespace: "a", ipAddresses: ["10.1.0.1/24"], ...tun },
      { name: "tap0", type: "TAP", namespace: "a", ipAddresses: ["10.2.0.1/24"], ...tap },
    ],
  });

  it("are persistent devices in their namespace: made, changed, made anew, taken away", async () => {
    using scratch = new Scratch();
    const lines = await settle(
      scratch,
      config({ tun: { owner: 1000 }, mtu: 1400 }, {
        tun: { group: 7, multiQueue: true },
        physAddress: "02:00:00:00:00:09",
      }),
    );
    assertEquals(lines.filter((line) => line.includes("create")).slice(1), [
      "interface tun0: create tun tun0 in a mtu 1400: mode tun, owner 1000",
      "interface tap0: create tap tap0 in a address 02:00:00:00:00:09: mode tap, multiQueue true, group 7",
    ]);
    const link = (name: string) => scratch.in("a", (netlink) => netlink.getLink(name));
    assertObjectMatch(link("tun0"), { mtu: 1400, up: true, data: { mode: "tun", persistent: true, owner: 1000 } });
    assertObjectMatch(link("tap0"), {
      address: "02:00:00:00:00:09",
      data: { mode: "tap", persistent: true, group: 7, multiQueue: true },
    });
    const { index } = link("tun0");
    assertEquals(
      await settle(scratch, config({ tun: { owner: 1001, group: 8 }, mtu: 1400 }, { tun: { multiQueue: false } })),
      [
        "interface tap0: delete tap0 in a",
        "interface tap0: create tap tap0 in a: mode tap, multiQueue false",
        "interface tun0: set tun0 in a: owner 1001, group 8",
        "interface tap0: add 10.2.0.1/24 to tap0 in a",
        "interface tap0: set tap0 in a: up",
      ],
    );
    assertObjectMatch(link("tun0"), { index, data: { owner: 1001, group: 8 } });
    const { failed } = await scratch.destroy(config({}));
    assertEquals(failed, []);
    assert(!scratch.exists("a"));
  });

  it("are somebody else's while a program made them", async () => {
    using scratch = new Scratch();
    scratch.make("a");
    using _tap = scratch.in("a", (_, ns) => ns.run(() => createTun({ name: "tap0", mode: "tap" })));
    const { failed } = await scratch.apply({ interfaces: [{ name: "tap0", type: "TAP", namespace: "a" }] });
    assertEquals(failed.map(({ owner }) => owner), [null]);
  });
});

describeAsRoot("interfaces of version 3 of Ligato's model", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertSameTraces(start));

  it("leaves the addresses of a link_only interface", async () => {
    using scratch = new Scratch();
    const config: NetworkConfigInput = {
      namespaces: ["a", "b"],
      interfaces: [
        { ...vethEnd("left", "right", { namespace: "a" }), type: 1, linkOnly: true, ipAddresses: ["10.1.0.1/24"] },
        { ...vethEnd("right", "left", { namespace: "b" }), type: 1 },
      ],
    };
    await settle(scratch, config);
    scratch.in("a", (netlink) => netlink.addAddress({ name: "left" }, "10.7.0.1/24"));
    await settle(scratch, config);
    assertEquals(scratch.look("a").left?.addresses, ["10.7.0.1/24"]);
  });
});
