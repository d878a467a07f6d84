/** The table of what a configuration remembers of each object that it owns, and of the mark in the kernel beside it. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import { RTPROT_NETNS } from "../../../src/netlink/constants/route.ts";
import { leftEnd, rightEnd } from "../../support/topologies.ts";
import { assertSameTraces, describeAsRoot, traces } from "../support/traces.ts";
import { Scratch } from "./scratch.ts";

const KEY = "net.ipv4.ip_default_ttl";
const MAC = "02:00:00:00:00:99";

const FILE = {
  namespaces: ["blue", { name: "old", sysctls: { [KEY]: 99 } }],
  interfaces: [
    leftEnd({ physAddress: "02:00:00:00:00:01", impair: { rate: "10mbit" } }),
    rightEnd(),
    { name: "used", type: "EXISTING", namespace: "old", ipAddresses: ["10.5.0.1/24"], mtu: 1300, enabled: true },
  ],
  routes: [{ name: "r", interface: "left", dstIpAddr: "10.2.0.0/16", gwAddr: "10.1.0.2", metric: 7, table: 42 }],
  rules: [{ name: "u", namespace: "blue", from: "10.9.0.0/16", table: 42, priority: 500 }],
  arpEntries: [{ name: "n", interface: "left", ipAddr: "10.1.0.9", hwAddress: MAC }],
  nat: [{ name: "t", namespace: "blue", out: "eth0" }],
} as const;

describeAsRoot("What is recorded", () => {
  let start: unknown;
  let scratch: Scratch;
  let initial: unknown;
  before(async () => {
    start = traces();
    scratch = new Scratch();
    scratch.make("old");
    scratch.in("old", (netlink) => {
      netlink.addLink({ kind: "veth", name: "used", mtu: 1400, up: true, peer: { name: "far" } });
      for (const name of ["lo", "far"]) netlink.setLink(name, { up: true });
      netlink.addAddress("used", "10.4.0.1/24");
      netlink.addRoute({ dst: "10.8.0.0/16", gateway: "10.4.0.2" });
    });
    initial = scratch.state("old");
    const { failed, pending } = await scratch.apply(FILE);
    assertEquals([failed, pending], [[], []]);
  });
  after(async () => {
    const { failed, pending } = await scratch.destroy(FILE);
    const end = scratch.state("old");
    scratch[Symbol.dispose]();
    assertEquals([failed, pending, end], [[], [], initial]);
    await assertSameTraces(start);
  });

  const state = async () => {
    const loaded = await scratch.store.load(String(scratch.config({}).name));
    assert(loaded !== undefined);
    return loaded;
  };
  const recordOf = async (kind: string): Promise<Record<string, unknown>> => {
    const found = (await state()).records.filter((one) => one.kind === kind);
    assertEquals(found.length, 1, `${kind}: ${JSON.stringify(found)}`);
    return { ...found[0] };
  };
  const blue = (): readonly [cookie: string, inode: string] =>
    scratch.in("blue", (netlink, ns) => [String(netlink.namespaceCookie), String(ns.inode)]);
  const indexIn = (short: string, name: string): number =>
    scratch.in(short, (netlink) => netlink.getLink({ name }).index);

  it("a namespace that it made: name, inode and cookie; one that stood there is recorded as not made", async () => {
    const { namespaces } = await state();
    const found = namespaces.map(({ reference, made }) => [reference, made]);
    for (const [short, made] of [["blue", true], ["green", true], ["old", false]] as const) {
      assert(found.some(([name, own]) => name === scratch.name(short) && own === made), JSON.stringify(found));
    }
    const [cookie, inode] = blue();
    assertEquals(namespaces.find(({ reference }) => reference === scratch.name("blue")), {
      cookie,
      reference: scratch.name("blue"),
      inode,
      made: true,
    });
  });

  it("a link that it made: kind, and of both ends cookie, index and hardware address", async () => {
    const { link, ends, intent } = await recordOf("link");
    assertEquals([link, intent], ["veth", undefined]);
    const expected = [["blue", "interface left"], ["green", "interface right"]].map(([short = "", item]) =>
      scratch.in(short, (netlink) => {
        const { index, name, address } = netlink.getLink({ name: "eth0" });
        return { item, namespace: String(netlink.namespaceCookie), index, name, address };
      })
    );
    assert(Array.isArray(ends));
    assertEquals(ends.map(({ described: _, ...end }) => end), expected);
  });

  it("a link that it changed: namespace, name, state, MTU, hardware address, addresses and routes before", async () => {
    const { before, used } = await recordOf("borrowed");
    assertEquals(used, { mtu: 1300 });
    assert(Array.isArray(before));
    const { namespace, name, up, mtu, address, addresses, routes } = before[0];
    const [cookie, mac] = scratch.in("old", (netlink) => [
      String(netlink.namespaceCookie),
      netlink.getLink({ name: "used" }).address,
    ]);
    assertEquals([namespace, name, up, mtu, address], [cookie, "used", true, 1400, mac]);
    assertEquals(addresses.map((one: { address: string }) => one.address), ["10.4.0.1/24"]);
    assertEquals(routes.map((one: { destination: string }) => one.destination), ["10.8.0.0/16"]);
  });

  it("an address on a link that it does not own: link and address; IFA_PROTO marks it", async () => {
    const { ends } = await recordOf("borrowed");
    assert(Array.isArray(ends));
    assertEquals([ends[0].index, ends[0].described], [indexIn("old", "used"), ["10.5.0.1/24"]]);
    const marks = scratch.in("old", (netlink) => {
      const all = netlink.listAddresses({ linkIndex: indexIn("old", "used") });
      return ["10.5.0.1/24", "10.4.0.1/24"].map((text) => all.find(({ cidr }) => cidr === text)?.protocol);
    });
    assertEquals(marks.map((mark) => mark === RTPROT_NETNS), [true, false]);
  });

  it("a route: all key fields; the protocol 110 marks it", async () => {
    const { destination, table, metric, protocol, namespace } = await recordOf("route");
    assertEquals([destination, table, metric, protocol, namespace], ["10.2.0.0/16", 42, 7, 110, blue()[0]]);
    const [route] = scratch.in("blue", (netlink) => netlink.listRoutes({ table: 42 }));
    assertEquals([route?.dst, route?.metric, route?.protocol], ["10.2.0.0/16", 7, 110]);
  });

  it("a rule: all key fields; FRA_PROTOCOL marks it", async () => {
    const { rule } = await recordOf("rule");
    assertEquals(rule, { family: 4, priority: 500, action: "lookup", table: 42, src: "10.9.0.0/16" });
    const found = scratch.in("blue", (netlink) => netlink.listRules().find(({ priority }) => priority === 500));
    assertEquals(found?.protocol, 110);
  });

  it("a neighbour: namespace, link and address; NDA_PROTOCOL marks it", async () => {
    const { namespace, link, ip } = await recordOf("neighbour");
    assertEquals([namespace, link, ip], [blue()[0], indexIn("blue", "eth0"), "10.1.0.9"]);
    const found = scratch.in("blue", (netlink) => netlink.listNeighbours().find(({ ip }) => ip === "10.1.0.9"));
    assertEquals([found?.address, found?.protocol], [MAC, 110]);
  });

  it("a qdisc: namespace and link; its handle marks it", async () => {
    const { namespace, link } = await recordOf("qdisc");
    assertEquals([namespace, link], [blue()[0], indexIn("blue", "eth0")]);
    const found = scratch.in("blue", (netlink) => netlink.listQdiscs({ link: "eth0" }));
    assertEquals(found.find(({ parent }) => parent === "root")?.handle, "6e6e:");
  });

  it("a sysctl: its key, and the value before", async () => {
    const { key, value, before } = await recordOf("sysctl");
    assertEquals([key, value, before], [KEY, "99", "64"]);
  });

  it("a table of nf_tables: family and name; its comment marks it", async () => {
    const { family, table, comment } = await recordOf("table");
    assertEquals([family, table], ["inet", `netns-${scratch.config({}).name}`]);
    assertMatch(String(comment), /^made by netns for /);
  });
});
