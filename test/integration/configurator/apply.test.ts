import { assert, assertEquals, assertMatch } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import { deleteNamedNamespace, type NetworkConfigInput } from "@netns/netns";
import { assertSameTraces, describeAsRoot, traces } from "../support/traces.ts";
import { AF_INET6 } from "../../../ffi/mod.ts";
import { leftEnd, PAIR, rightEnd, vethEnd } from "../../support/topologies.ts";
import { wired } from "../netlink/support.ts";
import { Scratch } from "./scratch.ts";

const WHOLE = {
  ...PAIR,
  routes: [
    { name: "far", interface: "left", dstIpAddr: "10.2.0.0/16", gwAddr: "10.1.0.2", metric: 10 },
    { name: "near", interface: "left", dstIpAddr: "10.3.0.0/16", srcIpAddr: "10.1.0.1" },
    { name: "six", interface: "left", default: true, gwAddr: "fd00::2", table: 1000 },
    { name: "back", interface: "right", default: true, gwAddr: "10.1.0.1" },
  ],
  arpEntries: [
    { name: "a", interface: "left", ipAddr: "10.1.0.9", hwAddress: "02:00:00:00:00:09" },
    { name: "b", interface: "left", ipAddr: "fd00::9", hwAddress: "02:00:00:00:00:09", state: "NOARP" },
    { name: "c", interface: "right", ipAddr: "10.1.0.9", hwAddress: "02:00:00:00:00:09", state: "STALE" },
  ],
} satisfies NetworkConfigInput;
/** 2 namespaces, 2 interfaces, 4 routes, 3 entries. */
const ITEMS = 11;

/** Whether the kernel renames a link that is up, as Linux does since 6.2. */
function renamesWhileUp(): boolean {
  using here = wired();
  const [refused] = here.netlink.tryBatch((batch) => batch.setLink({ index: here.left }, { name: "other" }));
  return refused === undefined;
}

describeAsRoot("Configurator", () => {
  let start: unknown;
  before(() => {
    new Scratch()[Symbol.dispose]();
    start = traces();
  });
  after(() => assertSameTraces(start));

  it("makes what is described, and nothing the second time", async () => {
    using scratch = new Scratch();
    const first = await scratch.apply(WHOLE);
    assertEquals([first.pending, first.failed, first.unchanged], [[], [], 0]);
    assertEquals(scratch.look("blue"), { eth0: { mtu: 1500, up: true, addresses: ["10.1.0.1/24", "fd00::1/64"] } });
    assertEquals(scratch.look("green"), { eth0: { mtu: 1500, up: true, addresses: ["10.1.0.2/24", "fd00::2/64"] } });
    const second = await scratch.apply(WHOLE);
    assertEquals([second.lines, second.pending, second.failed, second.unchanged], [[], [], [], ITEMS]);
    const third = await scratch.configurator.plan(scratch.config(WHOLE));
    assertEquals([third.steps, third.unchanged], [[], ITEMS]);
    const last = await scratch.destroy(WHOLE);
    assertEquals([last.failed, last.pending], [[], []]);
    assertEquals([scratch.exists("blue"), scratch.exists("green")], [false, false]);
    const again = await scratch.destroy(WHOLE);
    assertEquals([again.lines, again.failed.map(({ hint }) => hint)], [[], [
      "destroy --adopt takes away what matches the file exactly",
    ]], "nothing is remembered any more");
  });

  it("plans what it then does", async () => {
    using scratch = new Scratch();
    scratch.make("green");
    const planned = await scratch.configurator.plan(scratch.config(WHOLE));
    assertEquals(scratch.exists("blue"), false, "a plan touches nothing");
    const applied = await scratch.configurator.apply(scratch.config(WHOLE));
    assertEquals(applied.done, planned.steps);
    const loopbacks = applied.done.filter(({ link }) => link === "lo").map((
      { kind, namespace },
    ) => [kind, namespace?.endsWith("-green")]);
    assertEquals(loopbacks, [["change-link", true]], "that of green was down");
  });

  it("has IPv6 addresses ready at once, the link-local ones too", async () => {
    using scratch = new Scratch();
    const described = {
      ...PAIR,
      interfaces: [
        leftEnd(),
        // By chance and as described, and one that is described itself.
        rightEnd({ physAddress: "02:00:00:00:00:01", ipAddresses: ["fe80::ff:fe00:1/64", "fd00::2/64"] }),
      ],
    };
    const { failed } = await scratch.apply(described);
    const addresses = ["blue", "green"].map((name) =>
      scratch.in(name, (netlink) => {
        const { index } = netlink.getLink({ name: "eth0" });
        return netlink.listAddresses({ linkIndex: index, family: AF_INET6 });
      })
    );
    assertEquals(failed, []);
    assertEquals(addresses.map((list) => list.filter(({ tentative }) => tentative)), [[], []]);
    assertEquals(addresses.map((list) => list.length), [2, 2]);
    const [blue = [], green = []] = addresses.map((list) => list.map(({ cidr }) => cidr).sort());
    assertEquals([blue[0], green], ["fd00::1/64", ["fd00::2/64", "fe80::ff:fe00:1/64"]]);
    assertMatch(blue[1] ?? "", /^fe80::[0-9a-f:]+\/64$/);
    assertEquals((await scratch.apply(described)).lines, []);
  });

  it("changes only what is changed", async () => {
    using scratch = new Scratch();
    await scratch.apply(WHOLE);
    const index = scratch.in("blue", (netlink) => netlink.getLink({ name: "eth0" }).index);
    const same = async (document: Record<string, unknown>, expected: string[]): Promise<void> => {
      assertEquals((await scratch.apply(document)).lines, expected);
      const again = await scratch.apply(document);
      assertEquals([again.lines, again.unchanged], [[], ITEMS]);
      assertEquals(scratch.in("blue", (netlink) => netlink.getLink({ index }).index), index, "the same link");
    };
    const now = { ...WHOLE, routes: WHOLE.routes as object[], interfaces: [leftEnd({ mtu: 1400 }), rightEnd()] };
    await same(now, ["interface left: set eth0 in blue: mtu 1400"]);
    now.interfaces = [leftEnd({ mtu: 1400, hostIfName: "wan" }), rightEnd()];
    const lost = renamesWhileUp() ? [] : [
      "interface left: add fd00::1/64 to wan in blue",
      "route near: add the route to 10.3.0.0/16 by wan in blue from 10.1.0.1",
      "route far: add the route to 10.2.0.0/16 via 10.1.0.2 by wan in blue metric 10",
      "route six: add the route to ::/0 via fd00::2 by wan in blue table 1000",
      "ARP entry a: set 10.1.0.9 to 02:00:00:00:00:09 on wan in blue",
      "ARP entry b: set fd00::9 to 02:00:00:00:00:09 on wan in blue",
      "ARP entry c: set 10.1.0.9 to 02:00:00:00:00:09 on eth0 in green",
    ];
    await same(now, ["interface left: set eth0 in blue: name wan", ...lost]);
    now.interfaces = [leftEnd({ mtu: 1400, hostIfName: "wan", physAddress: "02:00:00:00:00:05" }), rightEnd()];
    await same(now, [
      "interface left: set wan in blue: address 02:00:00:00:00:05",
      "ARP entry a: set 10.1.0.9 to 02:00:00:00:00:09 on wan in blue",
      "ARP entry b: set fd00::9 to 02:00:00:00:00:09 on wan in blue",
    ]);
    now.interfaces = [
      leftEnd({ hostIfName: "wan", ipAddresses: ["10.1.0.1/24", "fd00::1/64", "10.7.0.1/16"] }),
      rightEnd(),
    ];
    await same(now, ["interface left: add 10.7.0.1/16 to wan in blue"]);
    now.routes = WHOLE.routes.map((route) => route.name === "far" ? { ...route, gwAddr: "10.1.0.3" } : route);
    await same(now, ["route far: replace the route to 10.2.0.0/16 via 10.1.0.3 by wan in blue metric 10"]);
  });

  it("gives back what is lost when the first address of a network goes", async () => {
    using scratch = new Scratch();
    const three = ["10.1.0.1/24", "10.1.0.5/24", "10.1.0.6/24"];
    await scratch.apply({ ...PAIR, interfaces: [leftEnd({ ipAddresses: three }), rightEnd()] });
    const two = { ...PAIR, interfaces: [leftEnd({ ipAddresses: three.slice(1) }), rightEnd()] };
    const report = await scratch.apply(two);
    assertEquals(report.failed, []);
    assertEquals(scratch.look("blue")["eth0"]?.addresses, three.slice(1));
    assertEquals((await scratch.apply(two)).lines, []);
  });

  it("sets a link down and up again with all that is on it", async () => {
    using scratch = new Scratch();
    await scratch.apply(WHOLE);
    const down = { ...WHOLE, interfaces: [leftEnd({ enabled: false }), rightEnd()] };
    const report = await scratch.apply(down);
    assertEquals(report.failed, []);
    assertEquals(report.pending.map(({ item }) => item), [
      "route near",
      "route far",
      "route six",
      "ARP entry a",
      "ARP entry b",
      "ARP entry c",
    ]);
    assertEquals(scratch.look("blue")["eth0"], { mtu: 1500, up: false, addresses: ["10.1.0.1/24", "fd00::1/64"] });
    assertEquals((await scratch.apply(down)).lines, []);
    const up = { ...WHOLE, interfaces: [leftEnd({ enabled: true }), rightEnd()] };
    const again = await scratch.apply(up);
    assertEquals([again.failed, again.pending], [[], []]);
    const last = await scratch.apply(up);
    assertEquals([last.lines, last.unchanged], [[], ITEMS]);
  });

  it("makes a pair anew whose other end moves to another namespace", async () => {
    using scratch = new Scratch();
    await scratch.apply(WHOLE);
    const moved = { ...WHOLE, namespaces: ["blue", "red"], interfaces: [leftEnd(), rightEnd({ namespace: "red" })] };
    const report = await scratch.apply(moved);
    assertEquals([report.failed, report.pending], [[], []]);
    assertEquals(report.lines.at(-1), "namespace green: delete namespace green");
    assertEquals(scratch.look("red"), { eth0: { mtu: 1500, up: true, addresses: ["10.1.0.2/24", "fd00::2/64"] } });
    assertEquals((await scratch.apply(moved)).unchanged, ITEMS);
    assertEquals(scratch.exists("green"), false);
  });

  it("distinguishes pairs whose indices are the same", async () => {
    using scratch = new Scratch();
    const cross = (a: string, b: string, x: string, y: string): Record<string, unknown> => ({
      namespaces: ["n1", "n2", "n3", "n4"],
      interfaces: [
        vethEnd("p", "q", { hostIfName: "e", namespace: a }),
        vethEnd("q", "p", { hostIfName: "e", namespace: b }),
        vethEnd("r", "s", { hostIfName: "e", namespace: x }),
        vethEnd("s", "r", { hostIfName: "e", namespace: y }),
      ],
    });
    await scratch.apply(cross("n1", "n2", "n3", "n4"));
    const crossed = cross("n1", "n3", "n2", "n4");
    const report = await scratch.apply(crossed);
    assertEquals(report.done.filter(({ kind }) => kind === "create-link").length, 2);
    assertEquals((await scratch.apply(crossed)).unchanged, 8);
    // Both ends of one namespace, too.
    const inside = { interfaces: [vethEnd("p", "q", { namespace: "n1" }), vethEnd("q", "p", { namespace: "n1" })] };
    assertEquals((await scratch.apply(inside)).failed, []);
    assertEquals((await scratch.apply(inside)).unchanged, 2);
    assertEquals(Object.keys(scratch.look("n1")).sort(), ["p", "q"]);
  });

  it("takes away what is described no longer, and nothing else", async () => {
    using scratch = new Scratch();
    await scratch.apply(WHOLE);
    scratch.in("blue", (netlink) => netlink.addLink({ kind: "bridge", name: "mine" }));
    const less = await scratch.apply({ namespaces: ["green"] });
    assertEquals(less.lines, ["interface left: delete eth0 in blue"]);
    assertEquals(less.pending, [{ item: "namespace blue", reason: "it is left: the link mine is in it" }]);
    assertEquals(Object.keys(scratch.look("blue")), ["mine"]);
    scratch.in("blue", (netlink) => netlink.deleteLink({ name: "mine" }));
    assertEquals((await scratch.apply({ namespaces: ["green"] })).lines, ["namespace blue: delete namespace blue"]);
    assertEquals((await scratch.apply({ namespaces: ["green"] })).lines, []);
    assertEquals((await scratch.destroy({})).lines, ["namespace green: delete namespace green"]);
  });

  it("takes routes, entries and addresses away by themselves", async () => {
    using scratch = new Scratch();
    await scratch.apply(WHOLE);
    const plain = {
      ...PAIR,
      interfaces: [vethEnd("left", "right", { hostIfName: "eth0", namespace: "blue" }), rightEnd()],
    };
    const report = await scratch.apply(plain);
    assertEquals(report.failed, []);
    assertEquals(report.done.map(({ kind }) => kind).sort(), [
      "delete-address",
      "delete-address",
      "delete-neighbour",
      "delete-neighbour",
      "delete-neighbour",
      "delete-route",
      "delete-route",
      "delete-route",
      "delete-route",
    ]);
    assertEquals(scratch.look("blue")["eth0"]?.addresses, []);
    assertEquals((await scratch.apply(plain)).unchanged, 4);
  });

  it("leaves everything where nothing is remembered, but for destroy with adopt", async () => {
    using scratch = new Scratch();
    await scratch.apply(WHOLE);
    await scratch.store.remove(String(scratch.config({}).name));
    assertEquals((await scratch.apply(WHOLE)).unchanged, ITEMS);
    await scratch.store.remove(String(scratch.config({}).name));
    assertEquals((await scratch.destroy(WHOLE)).lines, []);
    assertEquals([scratch.exists("blue"), scratch.exists("green")], [true, true]);
    await scratch.destroy(WHOLE, { adopt: true });
    assertEquals([scratch.exists("blue"), scratch.exists("green")], [false, false]);
  });

  it("removes namespaces that it made, and leaves those that it found", async () => {
    using scratch = new Scratch();
    scratch.make("blue");
    const unlisted = { interfaces: [leftEnd(), rightEnd()] };
    await scratch.apply(unlisted);
    assertEquals((await scratch.destroy(unlisted)).lines, [
      "interface left: delete eth0 in blue",
      "namespace green: delete namespace green",
    ]);
    assertEquals(scratch.exists("blue"), true);
  });

  it("forgets a namespace that it made and somebody else deleted", async () => {
    using scratch = new Scratch();
    await scratch.apply({ namespaces: ["blue"] });
    deleteNamedNamespace(scratch.name("blue"));
    assertEquals((await scratch.destroy({})).lines, []);
    assertEquals(await scratch.store.load(String(scratch.config({}).name)), undefined);
  });

  it("reports what fails, and does the rest", async () => {
    using scratch = new Scratch();
    scratch.make("blue");
    scratch.in("blue", (netlink) => netlink.addLink({ kind: "bridge", name: "eth0" }));
    const document = {
      namespaces: ["blue", "green"],
      interfaces: [
        leftEnd(),
        rightEnd(),
        vethEnd("x", "y", { namespace: "blue" }),
        vethEnd("y", "x", { namespace: "green", ipAddresses: ["10.5.0.1/24"] }),
      ],
      routes: [
        { name: "lost", interface: "y", dstIpAddr: "10.9.0.0/16", gwAddr: "10.66.0.1" },
        { name: "fine", interface: "y", dstIpAddr: "10.8.0.0/16", gwAddr: "10.5.0.9" },
      ],
    };
    const report = await scratch.apply(document);
    assertEquals(report.failed.map(({ item, code }) => [item, code]), [
      ["interface left", undefined],
      ["interface right", undefined],
    ]);
    assertEquals(report.pending.map(({ item }) => item), ["route lost"]);
    assert(
      report.failed[0]?.reason.includes("eth0 in blue is not this configuration's: it is a link of the kind bridge"),
    );
    const waits = "the gateway 10.66.0.1 is not reachable: no address or route of y in green covers it";
    assertEquals(report.pending[0]?.reason, waits);
    assertEquals(scratch.look("green")["y"]?.up, true);
    assert(scratch.in("green", (netlink) => netlink.listRoutes()).some(({ dst }) => dst === "10.8.0.0/16"));
    const again = await scratch.apply(document);
    assertEquals([again.lines, again.failed.length, again.pending.length, again.unchanged], [[], 2, 1, 5]);
  });

  it("says which of the addresses of a namespace was refused, and sets every link up", async () => {
    using scratch = new Scratch();
    const report = await scratch.apply({
      interfaces: [
        vethEnd("a", "b", { namespace: "blue", ipAddresses: ["10.5.0.1/24"] }),
        vethEnd("b", "a", { namespace: "blue", ipAddresses: ["::1/128", "10.5.0.2/24"] }),
        vethEnd("c", "d", { namespace: "blue", ipAddresses: ["10.6.0.1/24"] }),
        vethEnd("d", "c", { namespace: "blue", ipAddresses: ["10.6.0.2/24"] }),
      ],
    });
    assertEquals(report.failed.map(({ item, code }) => [item, code]), [["interface b", "EADDRNOTAVAIL"]]);
    const links = scratch.look("blue");
    assertEquals(["a", "b", "c", "d"].map((name) => links[name]?.up), [true, true, true, true]);
    const addresses = scratch.in("blue", (netlink) => netlink.listAddresses().map(({ cidr }) => cidr));
    assertEquals(addresses.filter((cidr) => /^10\./.test(cidr)).sort(), [
      "10.5.0.1/24",
      "10.5.0.2/24",
      "10.6.0.1/24",
      "10.6.0.2/24",
    ]);
  });

  it("lets wait what cannot be yet, and makes nothing of it", async () => {
    using scratch = new Scratch();
    const document = {
      namespaces: ["blue"],
      interfaces: [leftEnd(), rightEnd({ namespace: "PID:4194303" }), vethEnd("solo", "nobody", { namespace: "red" })],
      routes: [{ name: "r", interface: "left", dstIpAddr: "10.9.0.0/16" }],
    };
    const report = await scratch.apply(document);
    assertEquals(report.lines, ["namespace blue: create namespace blue"]);
    assertEquals(report.pending.map(({ item }) => item), [
      "interface left",
      "interface right",
      "interface solo",
      "route r",
    ]);
    assertEquals([scratch.exists("red"), Object.keys(scratch.look("blue"))], [false, []]);
    assertEquals(report.failed, []);
  });

  it("has an end in the default namespace", async () => {
    using scratch = new Scratch();
    const host = `nt${crypto.randomUUID().slice(0, 8)}`;
    const document = {
      interfaces: [leftEnd(), vethEnd("right", "left", { hostIfName: host, ipAddresses: ["fd99::1/64"] })],
      routes: [{ name: "r", interface: "right", dstIpAddr: "fd98::/64", gwAddr: "fd99::2" }],
    };
    const report = await scratch.apply(document);
    assertEquals([report.failed, report.pending], [[], []]);
    assertEquals((await scratch.apply(document)).unchanged, 3);
    assertEquals((await scratch.destroy(document)).lines, [
      "interface left: delete eth0 in blue",
      "namespace blue: delete namespace blue",
    ]);
  });

  it("gives each end of a pair its described hardware address when they swap their places, and never both the same", async () => {
    using scratch = new Scratch();
    const [one, two] = ["02:00:00:00:00:01", "02:00:00:00:00:02"];
    const addressOf = (short: string, name: string) => scratch.in(short, (netlink) => netlink.getLink(name).address);
    const addresses = () => [addressOf("blue", "x"), addressOf("green", "y")];
    const pair = (isSwapped: boolean, a?: string, b?: string): NetworkConfigInput => {
      const places = [{ namespace: "blue", hostIfName: "x" }, { namespace: "green", hostIfName: "y" }];
      const [first = {}, second = {}] = isSwapped ? places.reverse() : places;
      return {
        namespaces: ["blue", "green"],
        interfaces: [
          vethEnd("a", "b", { ...first, physAddress: a }),
          vethEnd("b", "a", { ...second, physAddress: b }),
        ],
      };
    };
    const apply = async (document: NetworkConfigInput): Promise<unknown[]> => {
      assertEquals((await scratch.apply(document)).failed, []);
      assertEquals((await scratch.apply(document)).lines, [], "a second time");
      return addresses();
    };
    assertEquals(await apply(pair(false, one, two)), [one, two]);
    assertEquals(await apply(pair(true, one, two)), [two, one]);
    assertEquals(await apply(pair(true)), [two, one], "what is not described stays");
    assertEquals(await apply(pair(false)), [two, one], "also where the ends swap");
    assertEquals(await apply(pair(true, two)), [one, two], "the other end gets what this one gives up");
    await scratch.destroy(pair(true));
  });

  it("names one namespace in two ways", async () => {
    using scratch = new Scratch();
    scratch.make("blue");
    const file = `FILE:/var/run/netns/${scratch.name("blue")}`;
    const document = { interfaces: [leftEnd(), rightEnd({ namespace: file, hostIfName: "eth1" })] };
    const report = await scratch.apply(document);
    assertEquals([report.failed, report.pending], [[], []]);
    assertEquals(Object.keys(scratch.look("blue")).sort(), ["eth0", "eth1"]);
    assertEquals((await scratch.apply(document)).unchanged, 2);
  });

  it("finds the interface of a route by its host name in a namespace that is named in two ways", async () => {
    using scratch = new Scratch();
    scratch.make("blue");
    const file = `FILE:/var/run/netns/${scratch.name("blue")}`;
    const document = {
      interfaces: [leftEnd({ namespace: file }), rightEnd()],
      routes: [{ name: "far", namespace: "blue", interface: "eth0", dstIpAddr: "10.2.0.0/16", gwAddr: "10.1.0.2" }],
    };
    const report = await scratch.apply(document);
    assertEquals([report.failed, report.pending], [[], []]);
    assertEquals((await scratch.apply(document)).lines, []);
  });

  it("falls back when somebody took the index", async () => {
    using scratch = new Scratch();
    scratch.make("blue");
    scratch.make("green");
    const taken: unknown[] = [];
    const report = await scratch.configurator.apply(
      scratch.config({ ...WHOLE, namespaces: ["red", "blue", "green"] }),
      {
        // After the links were looked at, and before the pair is made.
        onProgress: ({ step }) => {
          if (step.kind !== "create-namespace") return;
          scratch.in("green", (netlink) => netlink.addLink({ kind: "bridge", name: "fast" }));
          scratch.in("blue", (netlink) => netlink.addLink({ kind: "bridge", name: "fast" }));
          taken.push(step.kind);
        },
      },
    );
    assertEquals([report.failed, report.pending, taken], [[], [], ["create-namespace"]]);
    assertEquals((await scratch.apply(WHOLE)).unchanged, ITEMS);
  });

  it("reports its progress", async () => {
    using scratch = new Scratch();
    const seen: string[] = [];
    await scratch.configurator.apply(scratch.config(PAIR), {
      onProgress: ({ done, total, step }) => seen.push(`${done}/${total} ${step.kind}`),
    });
    assertEquals(seen.at(0), "1/9 create-namespace");
    assertEquals(seen.at(-1), "9/9 change-link");
  });
});
