import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import {
  createTun,
  deleteNamedNamespace,
  type InterfaceInput,
  namedNs,
  type Namespace,
  type NetworkConfigInput,
  NsHandle,
  readConfig,
} from "@netns/netns";
import type { ObjectRecord } from "../../../src/configurator/ownership/records.ts";
import { tableComment, tableName } from "../../../src/configurator/plan/table_rules.ts";
import { show } from "../../../src/configurator/show/show.ts";
import { defined } from "../../../src/collections.ts";
import { PAIR } from "../../support/topologies.ts";
import { assertSameTraces, describeAsRoot, traces } from "../support/traces.ts";
import { listSysctls, readSysctls, writeSysctl } from "../../../src/sysctl/sysctl.ts";
import { Scratch } from "./scratch.ts";

describeAsRoot("show()", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertSameTraces(start));

  /** Shows the namespaces of these short names. */
  const shown = (scratch: Scratch, ...names: string[]) => {
    const namespaces: Namespace[] = names.map((name) => namedNs(scratch.name(name)));
    return show(scratch.handler, scratch.configurator, namespaces, []);
  };

  it("is a file whose plan has nothing to do, of what somebody else made", async () => {
    using scratch = new Scratch();
    for (const name of ["blue", "green"]) scratch.make(name);
    scratch.in("blue", (netlink, ns) => {
      scratch.in("green", (far, other) => {
        netlink.setLink({ index: 1 }, { up: true });
        far.setLink({ index: 1 }, { up: true });
        netlink.addLink({ kind: "veth", name: "eth0", peer: { name: "eth1", netns: other } });
        netlink.addLink({ kind: "bridge", name: "br0", address: "02:00:00:00:00:11" });
        netlink.setLink({ name: "eth0" }, { up: true, mtu: 1400, master: "br0" });
        netlink.setLink({ name: "br0" }, { up: true });
        netlink.addAddress({ name: "br0" }, "10.1.0.1/24");
        netlink.addRoute({ dst: "10.2.0.0/16", gateway: "10.1.0.9", metric: 7 });
        netlink.addRoute({ dst: "10.3.0.0/16", type: "blackhole" });
        assert(ns.isOpen);
      });
    });
    const { config, omitted } = await shown(scratch, "blue", "green");
    assertEquals(config.interfaces.map(({ hostIfName, type, mtu }) => [hostIfName, type, mtu]), [
      ["eth0", "VETH", 1400],
      ["br0", "BRIDGE", 1400],
      ["eth1", "VETH", 1500],
    ]);
    assertEquals(config.interfaces[0]?.master, config.interfaces[1]?.name);
    assertEquals(config.routes.length, 2);
    assertEquals(omitted.map((line) => line.replace(/^.*: /, "")), ["without that it has no broadcast address"]);
    const { steps, pending, failed } = await scratch.configurator.plan(readConfig(config));
    assertEquals([steps, pending, failed], [[], [], []]);
  });

  it("has nothing of what the kernel makes of a TUN by itself", async () => {
    using scratch = new Scratch();
    const document: NetworkConfigInput = {
      interfaces: [
        { name: "tun0", type: "TUN", namespace: "blue", ipAddresses: ["10.3.0.1/24", "fd03::1/64"] },
        { name: "tap0", type: "TAP", namespace: "green", tun: { owner: 1000, multiQueue: true } },
      ],
    };
    assertEquals((await scratch.apply(document)).failed, []);
    const { name = "" } = scratch.config(document);
    const names = ["blue", "green"].map((one) => scratch.name(one));
    const { config, omitted } = await show(scratch.handler, scratch.configurator, names.map((one) => namedNs(one)), [
      name,
    ]);
    assertEquals([omitted, config.namespaces], [[], names]);
    assertEquals(config.interfaces.map(({ type, ipAddresses }) => [type, ipAddresses]).sort(), [
      ["TAP", []],
      ["TUN", ["10.3.0.1/24", "fd03::1/64"]],
    ]);
  });

  it("has the tables of a configuration, also of one that owns nothing else", async () => {
    const filters: readonly NetworkConfigInput[] = [
      { firewall: [{ name: "f", namespace: "a", in: "drop", except: [{ protocol: "icmpv6" }, { in: "lo" }] }] },
      {
        firewall: [{
          ...{ name: "kill switch", namespace: "a", in: "drop", out: "drop" },
          except: [{ out: "tun0" }, { in: "tun0" }, { state: ["established"] }, { out: "eth0" }, { protocol: "udp" }],
        }],
      },
      { firewall: [{ name: "f", namespace: "a", in: "accept", except: [{ source: "::/0", destination: "::/0" }] }] },
      { nat: [{ name: "n", namespace: "a", out: "wan0", source: "fd00::/8" }] },
      { forwards: [{ name: "p", namespace: "a", in: "wan0", protocol: "udp", port: "8000-8010", to: "10.0.0.2" }] },
    ];
    for (const filter of filters) {
      using scratch = new Scratch();
      scratch.make("a");
      const document = { namespaces: ["a"], ...filter };
      assertEquals((await scratch.apply(document)).failed, []);
      const { name = "" } = scratch.config(document);
      const { config, omitted } = await show(scratch.handler, scratch.configurator, [namedNs(scratch.name("a"))], [
        name,
      ]);
      assertEquals([omitted, config.name], [[], name]);
      const { steps, failed, unchanged } = await scratch.configurator.plan(readConfig(config));
      assertEquals([steps, failed, unchanged], [[], [], 2], JSON.stringify(config));
      await scratch.destroy(document);
    }
  });

  it("reports a table that somebody wrote under a configuration's name, with a name of an uplink that is none", async () => {
    using scratch = new Scratch();
    scratch.make("a");
    const { name = "" } = scratch.config({});
    using ns = NsHandle.fromName(scratch.name("a"));
    using nftables = ns.nftables();
    const [family, table] = ["inet", tableName(name)] as const;
    nftables.apply([
      { add: { table: { family, name: table, comment: tableComment(name) } } },
      { add: { chain: { family, table, name: "postrouting" } } },
      { add: { rule: { family, table, chain: "postrouting", comment: "uplink ../a", expr: [{ accept: null }] } } },
    ]);
    const { config, omitted } = await show(scratch.handler, scratch.configurator, [namedNs(scratch.name("a"))], [name]);
    assertEquals(config.uplinks, undefined);
    assertEquals(omitted.length, 1);
    assertStringIncludes(omitted[0] ?? "", "a table of nf_tables");
  });

  it("has the sysctls that somebody set, and no others", async () => {
    using scratch = new Scratch();
    await scratch.apply(PAIR);
    const set = async () =>
      (await shown(scratch, "blue", "green")).config.namespaces.flatMap((one) => (
        typeof one === "string" ? [] : Object.entries(one.sysctls ?? {})
      ));
    assertEquals(await set(), []);
    scratch.in("blue", (_netlink, ns) => writeSysctl(ns, "net.ipv4.neigh.eth0.gc_stale_time", "77"));
    assertEquals(await set(), [["net.ipv4.neigh.eth0.gc_stale_time", "77"]]);
    await scratch.destroy(PAIR);
  });

  it("has the sysctls that are as in a new namespace although one for all links is not", async () => {
    const given: readonly (readonly [key: string, value: string])[][] = [
      [["net.ipv6.conf.all.disable_ipv6", "1"], ["net.ipv6.conf.default.disable_ipv6", "0"]],
      [["net.ipv6.conf.all.disable_ipv6", "1"], ["net.ipv6.conf.lo.disable_ipv6", "0"]],
      [["net.ipv6.conf.all.disable_ipv6", "1"], ["net.ipv6.conf.t.disable_ipv6", "0"]],
      [["net.ipv6.conf.all.forwarding", "1"], ["net.ipv6.conf.default.forwarding", "0"]],
      [["net.ipv6.conf.all.forwarding", "1"], ["net.ipv6.conf.t.forwarding", "0"]],
      [["net.ipv4.ip_forward", "1"], ["net.ipv4.conf.default.forwarding", "0"]],
      [["net.ipv4.ip_forward", "1"], ["net.ipv4.conf.lo.forwarding", "0"]],
      [["net.ipv4.ip_forward", "1"], ["net.ipv4.conf.t.forwarding", "0"]],
      [["net.ipv4.ip_forward", "1"], ["net.ipv4.conf.all.accept_redirects", "1"]],
    ];
    for (const sysctls of given) {
      using scratch = new Scratch();
      scratch.make("a");
      const values = () => {
        using ns = NsHandle.fromName(scratch.name("a"));
        return [...listSysctls(ns)].filter(([key]) =>
          /\.(disable_ipv6|ip_forward|forwarding|accept_redirects)$/.test(key)
        );
      };
      scratch.in("a", (netlink, ns) => {
        netlink.addLink({ kind: "veth", name: "t", peer: { name: "u" } });
        netlink.setLink({ index: 1 }, { up: true });
        for (const [key, value] of sysctls) writeSysctl(ns, key, value);
      });
      const before = values();
      const { config } = await shown(scratch, "a");
      deleteNamedNamespace(scratch.name("a"));
      const { failed, pending } = await scratch.configurator.apply(readConfig(config));
      assertEquals([failed, pending], [[], []]);
      assertEquals(values(), before, JSON.stringify([sysctls, config.namespaces]));
      await scratch.configurator.destroy(readConfig(config));
    }
  });

  it("has of a router that it passes packets on, also where a new namespace does that, too", async () => {
    using scratch = new Scratch();
    for (const name of ["router", "host"]) scratch.make(name);
    scratch.in("router", (netlink, ns) => {
      scratch.in("host", (_far, other) => {
        for (const name of ["left", "right"]) netlink.addLink({ kind: "veth", name, peer: { name, netns: other } });
      });
      writeSysctl(ns, "net.ipv4.ip_forward", "1");
    });
    const { config } = await shown(scratch, "router");
    const [entry] = config.namespaces;
    assertEquals(typeof entry === "object" && entry.sysctls?.["net.ipv4.ip_forward"], "1");
    const { steps, failed } = await scratch.configurator.plan(readConfig(config));
    assertEquals([steps, failed], [[], []]);
  });

  it("does not say that the secrets are left out of which the kernel makes addresses at random", async () => {
    using scratch = new Scratch();
    scratch.make("a");
    scratch.in("a", (netlink, ns) => {
      writeSysctl(ns, "net.ipv6.conf.default.addr_gen_mode", "3");
      netlink.addLink({ kind: "veth", name: "t", up: true, peer: { name: "u" } });
      netlink.setLink("u", { up: true });
      assertEquals(readSysctls(ns, ["net.ipv6.conf.t.stable_secret"]).size, 1, "the kernel made one");
    });
    assertEquals((await shown(scratch, "a")).omitted, []);
  });

  it("has gateways of the other family, and rules that narrow in every way", async () => {
    using scratch = new Scratch();
    scratch.make("a");
    scratch.in("a", (netlink) => {
      for (const name of ["t", "u"]) {
        netlink.addLink({ kind: "veth", name, up: true, peer: { name: `${name}0` } });
        netlink.setLink(`${name}0`, { up: true });
      }
      netlink.setLink("lo", { up: true });
      netlink.addAddress("t", "fd01::1/64", { noDad: true });
      const nextHops = [{ link: { name: "t" }, gateway: "fd01::9" }, {
        link: { name: "u" },
        gateway: "fe80::9",
        weight: 3,
      }];
      netlink.addRoute({ dst: "10.9.0.0/16", nextHops });
      netlink.addRule({ not: true, fwmark: 51_820, table: 51_820, priority: 200 });
      netlink.addRule({ table: 254, suppressPrefixlength: 0, priority: 100 });
      netlink.addRule({
        fwmark: 0x10,
        fwmask: 0xf0,
        ipproto: 6,
        dport: 443,
        sport: [5000, 5999],
        table: 7,
        priority: 50,
      });
    });
    const look = () =>
      scratch.in("a", (netlink) => [
        netlink.listRoutes({ family: 2, table: 254 }).map(({ dst, nextHops }) => [
          dst,
          ...nextHops.map(({ gateway, weight }) => [gateway, weight]),
        ]),
        netlink.listRules({ family: 2 }).map(({ protocol: _, ...rule }) => rule),
      ]);
    const before = look();
    const { config, omitted } = await shown(scratch, "a");
    assertEquals([omitted, config.rules?.length, config.routes.length], [[], 3, 1]);
    deleteNamedNamespace(scratch.name("a"));
    assertEquals((await scratch.configurator.apply(readConfig(config))).failed, []);
    assertEquals(look(), before);
    await scratch.configurator.destroy(readConfig(config));
  });

  it("has the part of a configuration that is in a namespace, and its owner", async () => {
    using scratch = new Scratch();
    const document: NetworkConfigInput = {
      ...PAIR,
      routes: [{ name: "r", namespace: "blue", default: true, gwAddr: "10.1.0.2" }],
    };
    await scratch.apply(document);
    const { config, omitted, owners } = await shown(scratch, "blue");
    assertEquals(config.interfaces.map(({ type, ipAddresses }) => [type, ipAddresses]), [
      ["EXISTING", ["10.1.0.1/24", "fd00::1/64"]],
    ]);
    assertEquals(config.routes.length, 1);
    assertEquals(omitted.map((line) => line.replace(/^.*: /, "")), ["the other end of its pair is elsewhere"]);
    assertEquals([config.name, owners], [undefined, [scratch.config(document).name]]);
    const { steps, failed } = await scratch.configurator.plan(readConfig(config));
    assertEquals([steps, failed.map(({ owner }) => owner)], [[], owners]);
    await scratch.destroy(document);
  });

  it("has the sysctls that its configuration set in a namespace of somebody else, as a new one has them, too", async () => {
    using scratch = new Scratch();
    scratch.make("a");
    const key = "net.ipv6.conf.default.disable_ipv6";
    using there = NsHandle.fromName(scratch.name("a"));
    writeSysctl(there, key, "1");
    const document = {
      namespaces: [{
        name: "a",
        sysctls: { "net.ipv6.conf.all.disable_ipv6": 1, [key]: 0, "net.ipv4.ip_forward": 1 },
      }],
      interfaces: [{ name: "t", type: "TUN" as const, namespace: "a", ipAddresses: ["10.3.0.1/24"] }],
    };
    assertEquals((await scratch.apply(document)).failed, []);
    const { name = "" } = scratch.config(document);
    const { records = [] } = await scratch.store.load(name) ?? {};
    const namespaces = [namedNs(scratch.name("a"))];
    const found = await show(scratch.handler, scratch.configurator, namespaces, [name], new Map([[name, records]]));
    assertEquals([found.config.name, found.omitted, found.owners], [name, [], []]);
    const { steps, failed } = await scratch.configurator.plan(readConfig(found.config));
    assertEquals([steps, failed], [[], []]);
    const [entry] = found.config.namespaces;
    const sysctls = typeof entry === "object" ? Object.entries(entry.sysctls ?? {}) : [];
    // `all` sets `default` too, so this comes after it.
    assertEquals(sysctls.filter(([name]) => name.endsWith("disable_ipv6")), [
      ["net.ipv6.conf.all.disable_ipv6", "1"],
      [key, "0"],
    ]);
    await scratch.destroy(document);
    assertEquals(readSysctls(there, [key]).get(key), "1", "what was there before");
  });

  it("has what several configurations own, and the sysctls that they set", async () => {
    using scratch = new Scratch();
    const sysctls = { "net.ipv6.conf.all.forwarding": "0" }; // as in a new namespace, which elsewhere may have another
    const documents: NetworkConfigInput[] = ["one", "two"].map((name) => ({
      name: scratch.name(name),
      namespaces: [{ name, sysctls }],
      interfaces: [{ name: "t", type: "TUN", namespace: name, ipAddresses: ["10.3.0.1/24"] }],
    }));
    for (const one of documents) assertEquals((await scratch.apply(one)).failed, []);
    const names = documents.flatMap(({ name }) => name ?? []);
    const records = new Map<string, readonly ObjectRecord[]>();
    for (const name of names) records.set(name, (await scratch.store.load(name))?.records ?? []);
    const { config, omitted, owners } = await show(
      scratch.handler,
      scratch.configurator,
      ["one", "two"].map((name) => namedNs(scratch.name(name))),
      names,
      records,
    );
    assertEquals(config.interfaces.map(({ namespace }) => namespace), ["one", "two"].map((name) => scratch.name(name)));
    assertEquals(config.namespaces, ["one", "two"].map((name) => ({ name: scratch.name(name), sysctls })));
    assertEquals([omitted, owners], [[], ["one", "two"].map((name) => scratch.name(name))]);
    for (const one of documents) await scratch.destroy(one);
  });

  /** Applies a file and shows its namespaces under its name; a plan of what is shown has nothing to do. */
  const applied = async (scratch: Scratch, document: NetworkConfigInput, ...names: string[]) => {
    const { failed, pending } = await scratch.apply(document);
    assertEquals([failed, pending], [[], []]);
    const { name = "" } = scratch.config(document);
    const { records = [] } = await scratch.store.load(name) ?? {};
    const namespaces = names.map((one) => namedNs(scratch.name(one)));
    const found = await show(scratch.handler, scratch.configurator, namespaces, [name], new Map([[name, records]]));
    assertEquals([found.config.name, found.owners], [name, []]);
    const again = await scratch.configurator.apply(readConfig(found.config));
    assertEquals([again.done, again.pending, again.failed], [[], [], []]);
    return found;
  };

  it("has of a link that its configuration uses what that gave it, and no more", async () => {
    const given: readonly Partial<InterfaceInput>[] = [
      { mtu: 1400 },
      { description: "used" },
      { txQueueLength: 77 },
      { physAddress: "02:00:00:00:00:77" },
      { enabled: false },
      { ipAddresses: ["10.7.0.1/24", "10.7.0.2/24", "fd07::1/64", "fd07::2/64"] },
      { master: "br0" },
      { master: "br0", bridgePort: { cost: 7, isolated: true } },
      { bridgePort: { cost: 7, isolated: true } },
      { master: null },
      { mtu: 1400, description: "used", ipAddresses: ["10.7.0.1/24"], impair: { rate: "8mbit" } },
    ];
    /** True of a link that is a port before it is used. */
    const isPort = (one: Partial<InterfaceInput>) =>
      one.master === null || one.master === undefined && !!one.bridgePort;
    for (const one of given) {
      using scratch = new Scratch();
      for (const name of ["blue", "green"]) {
        scratch.make(name);
        scratch.in(name, (netlink) => netlink.setLink("lo", { up: true })); // which would stay so
      }
      scratch.in("blue", (netlink) => {
        scratch.in(
          "green",
          (_far, netns) => netlink.addLink({ kind: "veth", name: "e0", peer: { name: "e1", netns } }),
        );
        netlink.addLink({ kind: "bridge", name: "br0", address: "02:00:00:00:00:11" });
        netlink.setLink({ name: "e0" }, { up: true, ...isPort(one) ? { master: "br0" } : {} });
        netlink.addAddress({ name: "e0" }, "10.1.0.1/24", { broadcast: "+" });
      });
      const before = [scratch.state("blue"), scratch.state("green")];
      const item = { name: "u", type: "EXISTING" as const, namespace: "blue", hostIfName: "e0", ...one };
      const document: NetworkConfigInput = {
        interfaces: [item],
        routes: [{ name: "r", namespace: "blue", dstIpAddr: "10.9.0.0/16", interface: "u", gwAddr: "10.1.0.9" }]
          .filter(() => item.enabled !== false && item.master === undefined && item.bridgePort === undefined),
      };
      const { config, omitted } = await applied(scratch, document, "blue", "green");
      const shown = config.interfaces.find(({ hostIfName }) => hostIfName === "e0");
      const name = `${scratch.name("blue")}/e0`;
      const { ipAddresses: addresses = [], ...rest } = { ...shown };
      const { ipAddresses = [], master, ...wanted } = { enabled: true, ...item, name, namespace: scratch.name("blue") };
      const ofBridge = master ? { master: `${scratch.name("blue")}/br0` } : defined({ master });
      assertEquals<unknown>(rest, { ...wanted, ...ofBridge });
      assertEquals([...addresses].sort(), ipAddresses);
      const lines = omitted.filter((line) => line.startsWith(`${name}:`));
      assertEquals(lines, [`${name}: only what the configuration gives it: somebody else made it`]);
      const { failed } = await scratch.configurator.destroy(readConfig(config));
      assertEquals(failed, []);
      assertEquals([scratch.state("blue"), scratch.state("green")], before);
    }
  });

  it("has what its configuration gives the loopback link", async () => {
    for (const isMade of [true, false]) {
      using scratch = new Scratch();
      if (!isMade) scratch.make("a");
      const document: NetworkConfigInput = {
        interfaces: [{
          name: "l",
          type: "LOOPBACK",
          namespace: "a",
          mtu: 100_000,
          description: "mine",
          txQueueLength: 77,
          ipAddresses: ["10.7.0.1/32"],
        }],
      };
      const { config, omitted } = await applied(scratch, document, "a");
      const [item] = config.interfaces;
      assertEquals([item?.mtu, item?.description, item?.txQueueLength, item?.ipAddresses, omitted], [
        100_000,
        "mine",
        77,
        ["10.7.0.1/32"],
        [],
      ]);
      await scratch.destroy(document);
      assertEquals(scratch.exists("a"), !isMade);
    }
  });

  it("has a TAP of a program that its configuration moved", async () => {
    using scratch = new Scratch();
    const name = `t${scratch.name("t").slice(-8)}`;
    using _tap = createTun({ name, mode: "tap" });
    const tap = { tempIfName: name };
    const document: NetworkConfigInput = {
      interfaces: [{ name: "t", type: "AUTO_TAP", namespace: "a", tap, mtu: 1400, ipAddresses: ["10.7.0.1/24"] }],
    };
    const { config } = await applied(scratch, document, "a");
    assertEquals<unknown>(config.interfaces, [{
      name: `${scratch.name("a")}/t`,
      type: "AUTO_TAP",
      namespace: scratch.name("a"),
      hostIfName: "t",
      enabled: true,
      mtu: 1400,
      ipAddresses: ["10.7.0.1/24"],
      tap,
    }]);
    await scratch.destroy(document);
  });

  it("has what somebody set of a loopback link, or says that it has not", async () => {
    using scratch = new Scratch();
    scratch.make("a");
    const lo = () => scratch.in("a", (netlink) => netlink.getLink("lo"));
    scratch.in("a", (netlink) => {
      const change = { up: true, mtu: 2_000_000_000, address: "02:00:00:00:00:07", alias: "x", txQueueLength: 5 };
      netlink.setLink("lo", { ...change, group: 4 });
    });
    const { mtu, address, alias, txQueueLength } = lo();
    const { config, omitted } = await shown(scratch, "a");
    assertEquals(omitted, [`${scratch.name("a")}/lo: without group 4`]);
    deleteNamedNamespace(scratch.name("a"));
    const { failed, pending } = await scratch.configurator.apply(readConfig(config));
    assertEquals([failed, pending], [[], []]);
    const now = lo();
    assertEquals([now.mtu, now.address, now.alias, now.txQueueLength], [mtu, address, alias, txQueueLength]);
    await scratch.configurator.destroy(readConfig(config));
  });

  it("has the largest packet of IPv6 where it is another one than that of its link, and that of `all` and `default`", async () => {
    using scratch = new Scratch();
    scratch.make("a");
    const keys = ["all", "default", "lo", "t", "u"].map((name) => `net.ipv6.conf.${name}.mtu`);
    scratch.in("a", (netlink, ns) => {
      netlink.addLink({ kind: "veth", name: "t", mtu: 1400, peer: { name: "u", mtu: 1400 } });
      netlink.setLink("lo", { up: true, mtu: 9000 });
      for (const name of ["all", "default", "t"]) writeSysctl(ns, `net.ipv6.conf.${name}.mtu`, "1300");
    });
    const values = () => scratch.in("a", (_netlink, ns) => [...readSysctls(ns, keys).values()]);
    const before = values();
    assertEquals(before, ["1300", "1300", "9000", "1300", "1400"]);
    const { config, omitted } = await shown(scratch, "a");
    assertEquals(omitted, []);
    const [entry] = config.namespaces;
    const sysctls = typeof entry === "object" ? Object.keys(entry.sysctls ?? {}) : [];
    assertEquals(
      sysctls.filter((key) => !key.startsWith("net.ipv4.")), // the machine's own, where it is a router
      ["all", "default", "t"].map((name) => `net.ipv6.conf.${name}.mtu`),
    );
    deleteNamedNamespace(scratch.name("a"));
    const { failed, pending } = await scratch.configurator.apply(readConfig(config));
    assertEquals([failed, pending], [[], []]);
    assertEquals(values(), before);
    await scratch.configurator.destroy(readConfig(config));
  });

  it("says of a bridge without ports that it loses its carrier, if it has one", async () => {
    using scratch = new Scratch();
    scratch.make("a");
    scratch.in("a", (netlink) => {
      netlink.addLink({ kind: "bridge", name: "br0", up: true });
      netlink.addLink({ kind: "bridge", name: "br1", up: true, address: "02:00:00:00:00:11" });
    });
    const carriers = () => scratch.in("a", (netlink) => ["br0", "br1"].map((name) => netlink.getLink(name).lowerUp));
    assertEquals(carriers(), [true, false]);
    const { config, omitted } = await shown(scratch, "a");
    const line = "without the carrier that a bridge without ports has until its hardware address is set";
    assertEquals(omitted, [`${scratch.name("a")}/br0: ${line}`]);
    deleteNamedNamespace(scratch.name("a"));
    assertEquals((await scratch.configurator.apply(readConfig(config))).failed, []);
    assertEquals(carriers(), [false, false]);
    await scratch.configurator.destroy(readConfig(config));
  });
});
