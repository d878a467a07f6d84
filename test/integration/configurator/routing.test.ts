/** Short forms, routes of every type, rules and sysctls, against the kernel. */
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import { readSysctls, writeSysctl } from "../../../src/sysctl/sysctl.ts";
import { ConfigError, type NetworkConfigInput } from "@netns/netns";
import { assertSameTraces, describeAsRoot, traces } from "../support/traces.ts";
import { Scratch } from "./scratch.ts";

const TABLE = 4242;

/** The routes of a namespace that are in the table of these tests, as `ip route` would say them. */
function routes(scratch: Scratch, short: string, table: number = TABLE): string[] {
  return scratch.in(short, (netlink) => {
    const names = new Map(netlink.listLinks().map(({ index, name }) => [index, name]));
    return netlink.listRoutes({ table }).filter(({ protocol }) => protocol === 110).map((route) =>
      [
        route.type === "unicast" ? "" : `${route.type} `,
        route.dst,
        ...route.nextHops.map((hop) =>
          ` via ${hop.gateway ?? "-"} dev ${names.get(hop.linkIndex)} x${hop.weight}${hop.onLink ? " onlink" : ""}`
        ),
        route.mtu === undefined ? "" : ` mtu ${route.mtu}`,
      ].join("")
    ).sort();
  });
}

/** The rules of a namespace that are not the kernel's own. */
function rules(scratch: Scratch, short: string): string[] {
  return scratch.in(
    short,
    (netlink) =>
      netlink.listRules().filter(({ protocol }) => protocol !== 2).map((rule) =>
        `${rule.priority} ${rule.action} ${rule.table ?? "-"} ${rule.src ?? rule.dst ?? ""} ${rule.protocol}`
      ),
  );
}

const value = (scratch: Scratch, short: string, key: string): string | undefined =>
  scratch.in(short, (_, ns) => readSysctls(ns, [key]).get(key));

const LINKS = [{ ends: ["a eth0 10.1.0.1/24 fd01::1/64", "b eth0 10.1.0.2/24 fd01::2/64"] }, {
  ends: ["a eth1 10.2.0.1/24 fd02::1/64", "b eth1 10.2.0.2/24 fd02::2/64"],
}];

describeAsRoot("Configurator, of short forms and routing,", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertSameTraces(start));

  /** Applies, wants all of it done, and nothing left to do. */
  const apply = async (scratch: Scratch, document: NetworkConfigInput): Promise<readonly string[]> => {
    const { lines, failed, pending } = await scratch.apply(document);
    assertEquals([failed, pending], [[], []]);
    const again = await scratch.apply(document);
    assertEquals([again.lines, again.failed, again.pending], [[], [], []], "again");
    return lines;
  };

  it("makes routes of every type, changes them and takes them away", async () => {
    using scratch = new Scratch();
    const links = LINKS;
    const table = TABLE;
    await apply(scratch, {
      links,
      routes: [
        "a 10.9.0.0/16 via 10.1.0.2 table 4242",
        "a fd09::/32 via fd02::2 table 4242",
        "a blackhole 10.10.0.0/16 table 4242",
        "a unreachable fd10::/32 table 4242",
        "a prohibit 10.11.0.0/16 table 4242",
        "a throw fd11::/32 table 4242",
        "a local 10.12.0.0/16 dev lo table 4242",
        "a 10.13.0.0/16 via 192.0.2.9 dev eth0 onlink table 4242",
        { name: "mtu", namespace: "a", dstIpAddr: "10.14.0.0/16", interface: "eth0", mtu: 1300, table },
        ...["10.15.0.0/16", "fd15::/32"].map((dstIpAddr) => ({
          name: dstIpAddr,
          namespace: "a",
          dstIpAddr,
          table,
          nextHops: dstIpAddr.startsWith("10")
            ? [{ gwAddr: "10.1.0.2", weight: 3 }, { gwAddr: "10.2.0.2", interface: "eth1" }]
            : [{ gwAddr: "fd01::2" }, { gwAddr: "fd02::2", weight: 2 }],
        })),
      ],
    });
    assertEquals(routes(scratch, "a"), [
      "10.13.0.0/16 via 192.0.2.9 dev eth0 x1 onlink",
      "10.14.0.0/16 via - dev eth0 x1 mtu 1300",
      "10.15.0.0/16 via 10.1.0.2 dev eth0 x3 via 10.2.0.2 dev eth1 x1",
      "10.9.0.0/16 via 10.1.0.2 dev eth0 x1",
      "blackhole 10.10.0.0/16",
      "fd09::/32 via fd02::2 dev eth1 x1",
      "fd15::/32 via fd01::2 dev eth0 x1 via fd02::2 dev eth1 x2",
      "local 10.12.0.0/16 via - dev lo x1",
      "prohibit 10.11.0.0/16",
      "throw fd11::/32 via - dev lo x1",
      "unreachable fd10::/32 via - dev lo x1",
    ]);
    await apply(scratch, {
      links,
      routes: [
        "a blackhole 10.9.0.0/16 table 4242",
        "a fd10::/32 via fd01::2 table 4242",
        "a 10.15.0.0/16 via 10.1.0.2 table 4242",
        { name: "mtu", namespace: "a", dstIpAddr: "10.14.0.0/16", interface: "eth0", table },
      ],
    });
    assertEquals(routes(scratch, "a"), [
      "10.14.0.0/16 via - dev eth0 x1",
      "10.15.0.0/16 via 10.1.0.2 dev eth0 x1",
      "blackhole 10.9.0.0/16",
      "fd10::/32 via fd01::2 dev eth0 x1",
    ]);
    const { failed } = await scratch.apply({
      namespaces: [{ name: "a", sysctls: { "net.ipv4.ip_default_ttl": 9999 } }], // what fails, after the routes
      links,
      routes: ["a 10.9.0.0/16 via 10.1.0.2 table 4242"],
    }, { atomic: true });
    assertEquals(failed.map(({ code }) => code), ["EINVAL"]);
    assertMatch(failed[0]?.reason ?? "", /ip_default_ttl: .*; it does not take "9999"/);
    assertEquals(routes(scratch, "a").length, 4, "atomic");
    await apply(scratch, { links });
    assertEquals(routes(scratch, "a"), []);
    assertEquals((await scratch.destroy({ links })).failed, []);
  });

  it("lets a route wait for its gateway (T18), and makes one without a link", async () => {
    using scratch = new Scratch();
    const links = LINKS.slice(0, 1);
    const { pending } = await scratch.apply({ links, routes: ["a default via 192.0.2.1"] });
    assertEquals(pending.map(({ item }) => item.startsWith("route ")), [true]);
    assert(pending[0]?.reason.includes("192.0.2.1 is not reachable"), pending[0]?.reason);
    await apply(scratch, { links, routes: ["a 192.0.2.0/24 dev eth0", "a default via 192.0.2.1"] });
    assertEquals(routes(scratch, "a", 254), [
      "0.0.0.0/0 via 192.0.2.1 dev eth0 x1",
      "192.0.2.0/24 via - dev eth0 x1",
    ]);
  });

  it("keeps the order of addresses in each family (T16)", async () => {
    using scratch = new Scratch();
    const orders = [
      ["10.1.0.1/24", "10.2.0.1/24", "fd01::1/64", "fd02::1/64"],
      ["10.2.0.1/24", "10.1.0.1/24", "fd02::1/64", "fd01::1/64"],
      ["10.3.0.1/24", "10.2.0.1/24", "10.1.0.1/24", "fd03::1/64", "fd02::1/64", "fd01::1/64"],
      ["10.3.0.1/24", "10.1.0.1/24", "10.4.0.1/24", "fd03::1/64", "fd01::1/64", "fd04::1/64"],
      ["10.1.0.1/24", "10.4.0.1/24", "fd01::1/64"],
    ];
    for (const addresses of orders) {
      const ends = [`a eth0 ${addresses.join(" ")}`, "b eth0 10.1.0.9/24"];
      await apply(scratch, { links: [{ ends }], routes: ["a 10.9.0.0/16 via 10.1.0.9 table 4242"] });
      assertEquals(scratch.look("a")["eth0"]?.addresses, addresses);
      assertEquals(routes(scratch, "a").length, 1);
    }
  });

  it("makes a segment of a bridge and its ports", async () => {
    using scratch = new Scratch();
    await apply(scratch, {
      links: [{
        bridge: "s br0",
        ends: ["a eth0 10.9.0.1/24", "b eth0 10.9.0.2/24", "c eth0 10.9.0.3/24"],
        mtu: 1400,
      }],
    });
    scratch.in("s", (netlink) => {
      const all = netlink.listLinks();
      const bridge = all.find(({ name }) => name === "br0");
      const ports = all.filter(({ master }) => master === bridge?.index);
      assertEquals(ports.map(({ mtu, up }) => [mtu, up]), [[1400, true], [1400, true], [1400, true]]);
    });
    assertEquals(scratch.look("c")["eth0"], { mtu: 1400, up: true, addresses: ["10.9.0.3/24"] });
  });

  it("sets sysctls, mends them, and gives back what was there before", async () => {
    using scratch = new Scratch();
    scratch.make("old");
    const nonlocal = "net.ipv4.ip_nonlocal_bind";
    const proxy = "net.ipv4.conf.eth0.proxy_arp";
    const document: NetworkConfigInput = {
      namespaces: [
        { name: "a", sysctls: { [nonlocal]: 1, [proxy]: 1, "net.ipv6.conf.all.forwarding": 1 } },
        { name: "old", sysctls: { [nonlocal]: 1, "net.ipv4.ip_default_ttl": 99 } },
      ],
      links: LINKS.slice(0, 1),
    };
    const lines = await apply(scratch, document);
    assert(lines.indexOf(`namespace a: set ${nonlocal} of a to 1`) >= 0, lines.join("\n"));
    assertEquals([nonlocal, proxy].map((key) => value(scratch, "a", key)), ["1", "1"]);
    scratch.in("a", (_, ns) => writeSysctl(ns, proxy, "0"));
    assertEquals(await apply(scratch, document), [`namespace a: set ${proxy} of a to 1`]);
    await apply(scratch, { ...document, namespaces: ["a", { name: "old", sysctls: { [nonlocal]: 1 } }] });
    assertEquals(value(scratch, "a", nonlocal), "0");
    assertEquals(value(scratch, "old", "net.ipv4.ip_default_ttl"), "64");
    assertEquals((await scratch.destroy(document)).failed, []);
    assertEquals([scratch.exists("old"), scratch.exists("a")], [true, false]);
    assertEquals(value(scratch, "old", nonlocal), "0");
    const refused = await scratch.apply({
      namespaces: [
        { name: "old", sysctls: { "net.ipv4.no_such_key": 1, "net.ipv4.conf.nolink.proxy_arp": 1 } },
        { name: "a", sysctls: { "net.ipv4.conf.nolink.proxy_arp": 1, "net.ipv4.conf.lo.proxy_arp": 1 } },
      ],
    });
    assert(refused.failed[0]?.reason.includes("has no net.ipv4.no_such_key"), refused.failed[0]?.reason);
    assertEquals(refused.failed.length, 1);
    assertEquals(
      refused.pending.map(({ reason }) => reason),
      ["old", "a"].map((name) => `there is no link nolink in ${name}`),
    );
    assertEquals(value(scratch, "a", "net.ipv4.conf.lo.proxy_arp"), "1");
    const bad = await scratch.apply({ namespaces: [{ name: "old", sysctls: { "net.ipv4.ip_default_ttl": 9999 } }] });
    assertEquals(bad.failed.map(({ code }) => code), ["EINVAL"]);
    const readOnly = {
      namespaces: [{ name: "old", sysctls: { "net.ipv4.tcp_available_congestion_control": "reno" } }],
    };
    const { failed } = await scratch.apply(readOnly);
    assert(failed[0]?.reason.endsWith("Permission denied (EACCES); it can only be read"), failed[0]?.reason);
    await scratch.destroy(document);
  });

  it("has routers of IPv6 for packets of IPv4, alone and among others", async () => {
    using scratch = new Scratch();
    const nextHops = [{ gwAddr: "fd01::2" }, { gwAddr: "10.2.0.2", weight: 3 }];
    const document: NetworkConfigInput = {
      links: LINKS,
      routes: [
        "a 10.9.0.0/16 via inet6 fe80::5 dev eth0 table 4242",
        "a 10.8.0.0/16 via fd02::2 table 4242",
        { name: "both", namespace: "a", dstIpAddr: "10.7.0.0/16", table: TABLE, nextHops },
      ],
    };
    await apply(scratch, document);
    const expected = [
      "10.7.0.0/16 via fd01::2 dev eth0 x1 via 10.2.0.2 dev eth1 x3",
      "10.8.0.0/16 via fd02::2 dev eth1 x1",
      "10.9.0.0/16 via fe80::5 dev eth0 x1",
    ];
    assertEquals(routes(scratch, "a"), expected);
    scratch.in("a", (netlink) => netlink.setLink("eth1", { up: false }));
    assertEquals(routes(scratch, "a").length, 2);
    await apply(scratch, document);
    assertEquals(routes(scratch, "a"), expected, "after a link was down");
    await scratch.destroy({});
    const { pending } = await scratch.apply({ links: LINKS.slice(0, 1), routes: ["a 10.8.0.0/16 via fd02::2"] });
    assertEquals(pending.map(({ reason }) => reason.replace(/ in \S+/, "")), [
      "the gateway fd02::2 is not reachable: no address and no route covers it",
    ]);
    await scratch.destroy({});
  });

  it("sets sysctls again that the kernel sets with others, in whatever order the file has them", async () => {
    using scratch = new Scratch();
    const [four, six] = ["net.ipv4.conf", "net.ipv6.conf"];
    const file = (sysctls: Record<string, number>): NetworkConfigInput => (
      { namespaces: [{ name: "a", sysctls }], links: [{ ends: ["a eth0", "b eth0"] }] }
    );
    const steps: readonly Record<string, number>[] = [
      { [`${six}.eth0.forwarding`]: 0, [`${six}.default.disable_ipv6`]: 0, "net.ipv4.ip_forward": 0 },
      { [`${six}.eth0.forwarding`]: 0, [`${six}.all.forwarding`]: 1 },
      { [`${six}.default.disable_ipv6`]: 0, [`${six}.all.disable_ipv6`]: 1, [`${six}.eth0.disable_ipv6`]: 0 },
      { [`${six}.default.disable_ipv6`]: 1, [`${six}.eth0.disable_ipv6`]: 0 },
      { [`${six}.eth0.disable_ipv6`]: 1 },
      { [`${six}.all.disable_ipv6`]: 1 },
      { [`${six}.default.disable_ipv6`]: 1 },
      { [`${four}.default.forwarding`]: 0, [`${four}.all.accept_redirects`]: 1, "net.ipv4.ip_forward": 1 },
      { [`${four}.lo.rp_filter`]: 0, [`${four}.default.rp_filter`]: 2, [`${four}.eth0.rp_filter`]: 0 },
    ];
    for (const sysctls of steps) {
      await apply(scratch, file(sysctls));
      const now = Object.keys(sysctls).map((key) => [key, Number(value(scratch, "a", key))]);
      assertEquals(Object.fromEntries(now), sysctls);
      assertEquals(await apply(scratch, file(sysctls)), [], JSON.stringify(sysctls));
    }
    assertEquals(value(scratch, "a", `${six}.eth0.disable_ipv6`), "0", "as it was before");
    await scratch.destroy(file({}));
  });

  it("makes the rules of a VPN, and any that narrow further, once", async () => {
    using scratch = new Scratch();
    const mark = 51_820;
    const document: NetworkConfigInput = {
      namespaces: ["a"],
      rules: [
        { name: "tunnel", namespace: "a", not: true, fwMark: mark, table: mark, priority: 200 },
        { name: "own networks", namespace: "a", table: 254, suppressPrefixlength: 0, priority: 100 },
        { name: "masked", namespace: "a", fwMark: 0x10, fwMask: 0xf0, table: 7 },
        { name: "web", namespace: "a", protocol: "tcp", destinationPort: 443, table: 8 },
        { name: "voice", namespace: "a", ipFamily: "IPV6", protocol: "udp", sourcePort: "5000-5999", table: 8 },
      ],
    };
    await apply(scratch, document);
    const made = (): unknown[] =>
      scratch.in("a", (netlink) =>
        netlink.listRules().filter(({ protocol }) => protocol === 110)
          .map(({ family: _, flags: __, protocol: ___, ...rule }) => rule));
    const common = { action: "lookup", not: false, l3mdev: false };
    const [first] = made().filter((one) => JSON.stringify(one).includes('"suppressPrefixlength":0'));
    assertEquals(first, { ...common, priority: 100, table: 254, suppressPrefixlength: 0 });
    assertEquals(made().length, 5);
    await apply(scratch, { ...document, rules: document.rules?.map((rule) => ({ ...rule, not: !rule.not })) });
    assertEquals(made().length, 5);
    await apply(scratch, { namespaces: ["a"], rules: [] });
    assertEquals(made(), []);
    await scratch.destroy({});
  });

  it("makes a rule for every host once", async () => {
    using scratch = new Scratch();
    const document: NetworkConfigInput = {
      namespaces: ["a"],
      rules: [
        { name: "v4", namespace: "a", from: "0.0.0.0/0", fwMark: 5, table: 100 },
        { name: "v6", namespace: "a", to: "::/0", table: 101 },
      ],
    };
    await apply(scratch, document);
    assertEquals([rules(scratch, "a").length, await apply(scratch, document)], [2, []]);
    await apply(scratch, { namespaces: ["a"], rules: [] });
    assertEquals(rules(scratch, "a"), []);
    await scratch.destroy(document);
  });

  it("keeps a rule without a priority beside one with a priority that asks for the same", async () => {
    using scratch = new Scratch();
    const same = { namespace: "a", from: "10.0.0.0/8", table: 100 };
    const none = { name: "none", ...same };
    const low = { name: "low", priority: 500, ...same };
    const free = { name: "free", priority: 32_765, ...same };
    const priorities = (): number[] => rules(scratch, "a").map((line) => Number.parseInt(line)).sort((a, b) => a - b);
    const orders = [
      [[none, low], [500, 32_765]],
      [[low, none], [500, 32_765]],
      [[none, free], [32_764, 32_765]],
      [[free, none, low], [500, 32_764, 32_765]],
    ] as const;
    for (const [described, expected] of orders) {
      const document = { namespaces: ["a"], rules: [...described] };
      await apply(scratch, document);
      for (let again = 0; again < 3; again++) {
        assertEquals([priorities(), await apply(scratch, document)], [[...expected], []]);
      }
      await apply(scratch, { namespaces: ["a"], rules: [low] });
      assertEquals(priorities(), [500]);
      await apply(scratch, document);
      assertEquals([priorities().length, await apply(scratch, document)], [described.length, []]);
      await apply(scratch, { namespaces: ["a"], rules: [] });
      assertEquals(priorities(), []);
    }
    await scratch.destroy({ namespaces: ["a"] });
  });

  it("gives a rule without a priority one of its family that is free, where the lowest is taken", async () => {
    using scratch = new Scratch();
    const first = { name: "first", namespace: "a", to: "10.1.0.0/16", table: 100, priority: 1 };
    const none = { name: "none", namespace: "a", from: "10.0.0.0/8", table: 100 };
    const none6 = { name: "none6", namespace: "a", from: "fd00::/8", table: 100 };
    await apply(scratch, { namespaces: ["a"], rules: [first] });
    const all = { namespaces: ["a"], rules: [first, none, { ...none, name: "other", table: 101 }, none6] };
    await apply(scratch, all);
    const priorities = scratch.in("a", (netlink) => (
      netlink.listRules().filter(({ table = 0 }) => table === 100 || table === 101).map(({ priority }) => priority)
    ));
    assertEquals(priorities.sort((a, b) => a - b), [1, 32_764, 32_765, 32_765]);
    assertEquals(await apply(scratch, all), []);
    await scratch.destroy(all);
  });

  it("adds and deletes the one of two rules of a priority of which one asks for more", async () => {
    using scratch = new Scratch();
    const more = { name: "more", namespace: "a", from: "10.0.0.0/8", table: 100, priority: 500 };
    const less = { name: "less", namespace: "a", table: 100, priority: 500 };
    const marked = { name: "marked", namespace: "a", table: 100, priority: 500, fwMark: 7 };
    for (const order of [[more, marked, less], [less, marked, more]]) {
      for (const gone of order) {
        const all = { namespaces: ["a"], rules: order };
        await apply(scratch, all);
        assertEquals([rules(scratch, "a").length, await apply(scratch, all)], [3, []]);
        const rest = { namespaces: ["a"], rules: order.filter((one) => one !== gone) };
        assertEquals((await apply(scratch, rest)).length, 1, gone.name);
        assertEquals([rules(scratch, "a").length, await apply(scratch, rest)], [2, []], gone.name);
      }
      await apply(scratch, { namespaces: ["a"], rules: [] });
      assertEquals(rules(scratch, "a"), []);
    }
    await scratch.destroy({ namespaces: ["a"] });
  });

  it("names both of two rules that are one, in a namespace that is named in two ways", async () => {
    using scratch = new Scratch();
    scratch.make("a");
    const rule = { from: "10.0.0.0/8", table: 100 };
    const document: NetworkConfigInput = {
      rules: [
        { name: "one", namespace: "a", ...rule },
        { name: "two", namespace: `FILE:/run/netns/${scratch.name("a")}`, ...rule },
      ],
    };
    const error = await assertRejects(() => scratch.apply(document), ConfigError);
    assertMatch(error.message, /rules\[1\] \(two\).*from 10\.0\.0\.0\/8 table 100.*rules\[0\] \(one\) is the same one/);
    assertEquals(rules(scratch, "a"), []);
  });

  it("has links by the names of interfaces in its rules, and follows their host names", async () => {
    using scratch = new Scratch();
    const document = (hostIfName: string): NetworkConfigInput => ({
      namespaces: ["a"],
      interfaces: [{ name: "inner link", type: "IFB", namespace: "a", hostIfName }],
      rules: [{ name: "in", namespace: "a", iif: "inner link", table: 100, priority: 500 }],
    });
    const links = (): unknown =>
      scratch.in("a", (netlink) => netlink.listRules({ family: 2 }).flatMap(({ iif }) => iif ?? []));
    await apply(scratch, document("i0"));
    assertEquals(links(), ["i0"]);
    assertEquals(await apply(scratch, document("i0")), []);
    await apply(scratch, document("i1"));
    assertEquals(links(), ["i1"]);
    assertEquals(await apply(scratch, document("i1")), []);
    assertEquals((await scratch.destroy({})).failed, []);
  });

  it("makes rules and takes only its own away", async () => {
    using scratch = new Scratch();
    scratch.make("a");
    scratch.in("a", (netlink) => netlink.addRule({ src: "10.8.0.0/16", table: 88, priority: 800 }));
    const foreign = "800 lookup 88 10.8.0.0/16 3";
    const document: NetworkConfigInput = {
      rules: [
        { name: "low", namespace: "a", from: "10.0.0.0/8", table: 100, priority: 500 },
        { name: "free", namespace: "a", to: "fd00::/16", table: 5000 },
        { name: "drop", namespace: "a", fwMark: 7, iif: "eth9", uidRange: "1000-1999", action: "BLACKHOLE" },
        { name: "there", namespace: "a", from: "10.8.0.0/16", table: 88, priority: 800 },
      ],
    };
    await apply(scratch, document);
    const made = rules(scratch, "a");
    assertEquals(made.length, 4, made.join("\n"));
    assert(made.includes("500 lookup 100 10.0.0.0/8 110") && made.includes(foreign), made.join("\n"));
    scratch.in("a", (netlink) => netlink.deleteRule({ priority: 500 }));
    assertEquals(await apply(scratch, document), ["rule low: add the rule from 10.0.0.0/8 table 100 to a"]);
    await apply(scratch, { rules: [{ name: "low", namespace: "a", from: "10.0.0.0/8", table: 101 }] });
    assertEquals(rules(scratch, "a").length, 2);
    assertEquals((await scratch.destroy(document)).failed, []);
    assertEquals(rules(scratch, "a"), [foreign]);
  });
});
