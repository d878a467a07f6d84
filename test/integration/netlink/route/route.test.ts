import { assert, assertEquals, assertObjectMatch, assertThrows } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import { NetlinkError, type Route, type RouteSpec } from "@netns/netns";
import { describeAsRoot, traces } from "../../support/traces.ts";
import { refusal, type scratch, wired } from "../support.ts";

const AF_INET = 2;
const AF_INET6 = 10;

/** A pair with an address of each family on its left end. */
function addressed(): ReturnType<typeof wired> {
  const made = wired();
  made.netlink.addAddress({ index: made.left }, "10.0.0.1/24");
  made.netlink.addAddress({ index: made.left }, "2001:db8::1/64", { noDad: true });
  return made;
}

function routeTo({ netlink }: ReturnType<typeof scratch>, dst: string, table?: number): Route | undefined {
  return netlink.listRoutes({ table }).find((route) => route.dst === dst);
}

describeAsRoot("Netlink.addRoute()", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertEquals(traces(), start));

  it("adds IPv4 routes as ip does", () => {
    using here = addressed();
    const { left } = here;
    const by = (gateway: string, more: object = {}): object[] => [
      { linkIndex: left, gateway, weight: 1, onLink: false, ...more },
    ];
    const cases: readonly (readonly [RouteSpec, object])[] = [
      [{ dst: "10.1.0.0/16", gateway: "10.0.0.2" }, { scope: "universe", table: 254, nextHops: by("10.0.0.2") }],
      [{ dst: "10.2.0.0/16", linkIndex: left }, {
        scope: "link",
        nextHops: [{ linkIndex: left, weight: 1, onLink: false }],
      }],
      [{ dst: "10.3.0.0/16", gateway: "10.0.0.2", metric: 7, preferredSource: "10.0.0.1", mtu: 1200 }, {
        metric: 7,
        preferredSource: "10.0.0.1",
        mtu: 1200,
      }],
      [{ dst: "10.4.0.0/16", gateway: "172.16.0.1", linkIndex: left, onLink: true }, {
        nextHops: by("172.16.0.1", { onLink: true }),
      }],
      [{ dst: "10.5.0.0/16", gateway: "fe80::1", linkIndex: left }, { family: AF_INET, nextHops: by("fe80::1") }],
      [{ dst: "10.6.0.0/16", gateway: "10.0.0.2", table: 100_000 }, { table: 100_000 }],
      [{ dst: "10.7.0.0/16", gateway: "10.0.0.2", table: 100, protocol: 4 }, { table: 100, protocol: 4 }],
      [{ dst: "10.8.0.0/16", type: "blackhole" }, { type: "blackhole", scope: "universe", nextHops: [] }],
      [{ dst: "10.9.0.0/16", type: "unreachable", metric: 4_294_967_295 }, {
        type: "unreachable",
        metric: 4_294_967_295,
      }],
      [{ dst: "10.10.0.0/16", type: "prohibit" }, { type: "prohibit" }],
      [{ dst: "10.11.0.0/16", type: "throw" }, { type: "throw" }],
      [{ dst: "10.12.0.1/32", type: "local", linkIndex: left }, { type: "local", scope: "host", table: 255 }],
      [{ dst: "10.13.0.255/32", type: "broadcast", linkIndex: left }, { type: "broadcast", scope: "link", table: 255 }],
      [{ dst: "0.0.0.0/0", gateway: "10.0.0.2", metric: 9 }, { metric: 9 }],
      [{ dst: "10.14.0.0/16", linkIndex: left, scope: "site" }, { scope: "site" }],
    ];
    for (const [spec, expected] of cases) {
      here.netlink.addRoute(spec);
      assertObjectMatch(routeTo(here, spec.dst) ?? {}, { protocol: 3, tos: 0, ...expected });
      assertEquals(refusal(() => here.netlink.addRoute(spec)).code, "EEXIST");
      here.netlink.deleteRoute(spec);
      assertEquals(routeTo(here, spec.dst), undefined);
      assertEquals(refusal(() => here.netlink.deleteRoute(spec)).code, "ESRCH");
    }
  });

  it("adds IPv6 routes as ip does", () => {
    using here = addressed();
    const { left } = here;
    const cases: readonly (readonly [RouteSpec, object])[] = [
      [{ dst: "2001:db8:1::/48", gateway: "2001:db8::2" }, {
        scope: "universe",
        metric: 1024,
        nextHops: [{ linkIndex: left, gateway: "2001:db8::2", weight: 1, onLink: false }],
      }],
      [{ dst: "2001:db8:2::/48", linkIndex: left, mtu: 1300 }, { mtu: 1300 }],
      [{ dst: "2001:db8:3::/48", gateway: "2001:db8::2", table: 2000, metric: 5 }, { table: 2000, metric: 5 }],
      [{ dst: "2001:db8:4::/48", type: "blackhole" }, { type: "blackhole" }],
      [{ dst: "2001:db8:5::/48", type: "unreachable" }, { type: "unreachable" }],
      [{ dst: "::/0", gateway: "fe80::1", linkIndex: left }, { family: AF_INET6 }],
      [{ dst: "2001:db8:6::/48", linkIndex: left, expires: 3000 }, {}],
      [{ dst: "2001:db8:7::/48", gateway: "2001:db8:ffff::1", linkIndex: left, onLink: true }, {
        nextHops: [{ linkIndex: left, gateway: "2001:db8:ffff::1", weight: 1, onLink: true }],
      }],
    ];
    for (const [spec, expected] of cases) {
      here.netlink.addRoute(spec);
      const found = routeTo(here, spec.dst);
      assertObjectMatch(found ?? {}, { protocol: 3, ...expected });
      if (spec.expires !== undefined) assert((found?.expires ?? 0) > 2990 && (found?.expires ?? 0) <= 3000);
      here.netlink.deleteRoute(spec);
      assertEquals(routeTo(here, spec.dst), undefined);
    }
  });

  it("adds default routes of both families", () => {
    using here = addressed();
    here.netlink.addRoute({ dst: "default", gateway: "10.0.0.2" });
    here.netlink.addRoute({ dst: "default", gateway: "2001:db8::2" });
    here.netlink.addRoute({ dst: "default", family: AF_INET6, linkIndex: here.left, metric: 7 });
    here.netlink.addRoute({ dst: "default", linkIndex: here.left, metric: 7 });
    const defaults = here.netlink.listRoutes({ table: 254 }).filter(({ dst }) => dst.endsWith("/0"));
    assertEquals(defaults.map(({ dst, metric }) => `${dst} ${metric}`).sort(), [
      "0.0.0.0/0 7",
      "0.0.0.0/0 undefined",
      "::/0 1024",
      "::/0 7",
    ]);
  });

  it("adds routes with several next hops", () => {
    using here = addressed();
    const { left } = here;
    here.netlink.addRoute({
      dst: "10.1.0.0/16",
      nextHops: [
        { gateway: "10.0.0.2", weight: 256 }, // whose link the kernel finds
        { linkIndex: left, gateway: "172.16.0.1", onLink: true },
        { linkIndex: left, gateway: "fe80::9" },
      ],
    });
    here.netlink.addRoute({
      dst: "2001:db8:1::/48",
      nextHops: [{ gateway: "2001:db8::2" }, { linkIndex: left, gateway: "2001:db8::3", weight: 3 }],
    });
    assertEquals(routeTo(here, "10.1.0.0/16")?.nextHops, [
      { linkIndex: left, gateway: "10.0.0.2", weight: 256, onLink: false },
      { linkIndex: left, gateway: "172.16.0.1", weight: 1, onLink: true },
      { linkIndex: left, gateway: "fe80::9", weight: 1, onLink: false },
    ]);
    assertEquals(routeTo(here, "2001:db8:1::/48")?.nextHops, [
      { linkIndex: left, gateway: "2001:db8::2", weight: 1, onLink: false },
      { linkIndex: left, gateway: "2001:db8::3", weight: 3, onLink: false },
    ]);
    for (const weight of [0, 257, 1.5]) {
      const spec = { dst: "10.2.0.0/16", nextHops: [{ linkIndex: left, weight }] };
      assertThrows(() => here.netlink.addRoute(spec), RangeError, "weight of a next hop");
    }
  });

  it("names the field that the kernel refuses", () => {
    using here = addressed();
    const { netlink } = here;
    const field = (call: () => void): string | undefined => assertThrows(call, NetlinkError).field;
    const unknown = [{ type: 2, bytes: new Uint8Array(40) }];
    assertEquals(field(() => netlink.addNeighbour({ link: "left", ip: "10.0.0.9", unknown })), "address");
    assertEquals(field(() => netlink.addAddress("left", "10.0.0.2/24", { label: "left-that-is-too-long" })), "label");
  });

  it("has the kernel's text, and refuses what is not a route before it sends", () => {
    using here = addressed();
    const { netlink } = here;
    assertEquals(refusal(() => netlink.addRoute({ dst: "10.1.0.0/16", gateway: "192.0.2.1" })), {
      code: "ENETUNREACH",
      detail: "Nexthop has invalid gateway",
    });
    assertEquals(refusal(() => netlink.addRoute({ dst: "10.1.0.1/16", gateway: "10.0.0.2" })).code, "EINVAL");
    const v4 = { dst: "2001:db8:1::/48", gateway: "10.0.0.2" };
    assertEquals(refusal(() => netlink.addRoute(v4)).detail, "IPv6 does not support RTA_VIA attribute");
    for (const dst of ["", "all", "10.1.0.0/33", "10.1/16"]) {
      assertThrows(() => netlink.addRoute({ dst, linkIndex: here.left }), TypeError, "Cannot use");
    }
    const dst = "10.1.0.0/16";
    assertThrows(() => netlink.addRoute({ dst, gateway: "router" }), TypeError, "as an address");
    assertThrows(() => netlink.addRoute({ dst, metric: 2 ** 32, linkIndex: here.left }), RangeError, "as priority");
    assertThrows(() => netlink.addRoute({ dst, table: -1, linkIndex: here.left }), RangeError, "as table");
    assertThrows(() => netlink.addRoute({ dst, mtu: -1, linkIndex: here.left }), RangeError, "as mtu");
  });
});

describeAsRoot("Netlink.replaceRoute()", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertEquals(traces(), start));

  it("adds a route, or replaces the one with its destination, table and metric", () => {
    using here = addressed();
    for (
      const [dst, one, two] of [
        ["10.1.0.0/16", "10.0.0.2", "10.0.0.3"],
        ["2001:db8:1::/48", "2001:db8::2", "2001:db8::3"],
      ] as const
    ) {
      here.netlink.replaceRoute({ dst, gateway: one });
      here.netlink.replaceRoute({ dst, gateway: two });
      here.netlink.replaceRoute({ dst, gateway: one, metric: 9 });
      const found = here.netlink.listRoutes({ table: 254 }).filter((route) => route.dst === dst);
      assertEquals(found.map(({ nextHops }) => nextHops[0]?.gateway).sort(), [one, two]);
    }
  });
});

describeAsRoot("Netlink.appendRoute()", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertEquals(traces(), start));

  it("adds a route by another link behind one with its destination, table and metric", () => {
    using here = addressed();
    for (const dst of ["10.1.0.0/16", "2001:db8:1::/48"]) {
      const route = { dst, metric: 9 };
      here.netlink.appendRoute({ ...route, linkIndex: here.left });
      here.netlink.appendRoute({ ...route, linkIndex: here.right });
      const again = (): void => here.netlink.appendRoute({ ...route, linkIndex: here.right });
      assertEquals(assertThrows(again, NetlinkError).code, "EEXIST");
      const found = here.netlink.listRoutes({ table: 254 }).filter((one) => one.dst === dst);
      assertEquals(found.map(({ nextHops }) => nextHops[0]?.linkIndex), [here.left, here.right]);
    }
  });
});

describeAsRoot("Netlink.listRoutes()", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertEquals(traces(), start));

  it("filters by family, table and link", () => {
    using here = addressed();
    here.netlink.addRoute({ dst: "10.1.0.0/16", linkIndex: here.left, table: 1000 });
    here.netlink.addRoute({ dst: "10.2.0.0/16", linkIndex: here.right, table: 1000 });
    assertEquals(here.netlink.listRoutes({ table: 1000 }).length, 2);
    assertEquals(here.netlink.listRoutes({ table: 1000, linkIndex: here.right }).map(({ dst }) => dst), [
      "10.2.0.0/16",
    ]);
    assertEquals(here.netlink.listRoutes({ table: 1000, family: AF_INET6 }), []);
    assertEquals(here.netlink.listRoutes({ table: 4711, family: AF_INET }), []);
    assert(here.netlink.listRoutes({ family: AF_INET6 }).every(({ family }) => family === AF_INET6));
    const byLink = here.netlink.listRoutes({ linkIndex: here.left });
    assert(byLink.length > 3 && byLink.every(({ nextHops }) => nextHops[0]?.linkIndex === here.left));
  });

  it("reads more than a buffer holds", () => {
    using here = addressed();
    const count = 3000;
    here.netlink.batch((batch) => {
      for (let i = 0; i < count; i++) batch.addRoute({ dst: `10.1.${i >> 8}.${i & 255}/32`, gateway: "10.0.0.2" });
    });
    const found = here.netlink.listRoutes({ table: 254, family: AF_INET }).filter(({ dst }) => dst.startsWith("10.1."));
    assertEquals(new Set(found.map(({ dst }) => dst)).size, count);
  });
});

describeAsRoot("Netlink.getRoute()", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertEquals(traces(), start));

  it("finds the route of a destination, with its table and source", () => {
    using here = addressed();
    const { netlink, left } = here;
    netlink.addRoute({ dst: "10.1.0.0/16", gateway: "10.0.0.2", metric: 5 });
    netlink.addRoute({ dst: "2001:db8:1::/48", gateway: "2001:db8::2" });
    assertObjectMatch(netlink.getRoute("10.1.2.3"), {
      dst: "10.1.2.3/32",
      table: 254,
      preferredSource: "10.0.0.1",
      nextHops: [{ linkIndex: left, gateway: "10.0.0.2" }],
    });
    assertObjectMatch(netlink.getRoute("10.1.2.3", { fibMatch: true }), { dst: "10.1.0.0/16", metric: 5 });
    assertObjectMatch(netlink.getRoute("2001:db8:1::7", { oif: "left" }), { nextHops: [{ gateway: "2001:db8::2" }] });
    assertObjectMatch(netlink.getRoute("10.0.0.1"), { type: "local" });
    netlink.addRoute({ dst: "10.2.0.0/16", gateway: "10.0.0.3", table: 100 });
    netlink.addRule({ fwmark: 7, table: 100, priority: 10 });
    assertObjectMatch(netlink.getRoute("10.2.0.1", { mark: 7, from: "10.0.0.1" }), { table: 100 });
    assertEquals(refusal(() => netlink.getRoute("10.2.0.1")).code, "ENETUNREACH");
    netlink.addRoute({ dst: "10.3.0.0/16", type: "prohibit" });
    assertEquals(refusal(() => netlink.getRoute("10.3.0.1")).code, "EACCES");
    assertThrows(() => netlink.getRoute("router"), TypeError, "as a prefix");
    assertEquals(refusal(() => netlink.getRoute("10.1.0.1", { oif: "absent" })).code, "ENODEV");
  });
});

describeAsRoot("a link", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertEquals(traces(), start));

  it("is named by text, { name } or { index }, in routes, hops, neighbours, addresses and filters", () => {
    using here = addressed();
    const { netlink, left } = here;
    for (const link of ["left", { name: "left" }, { index: left }]) {
      netlink.addRoute({ dst: "10.1.0.0/16", link });
      assertObjectMatch(netlink.listRoutes({ link, table: 254 }).find(({ dst }) => dst === "10.1.0.0/16") ?? {}, {
        nextHops: [{ linkIndex: left }],
      });
      netlink.replaceRoute({ dst: "10.1.0.0/16", nextHops: [{ link, gateway: "10.0.0.2" }, { link }] });
      netlink.deleteRoute({ dst: "10.1.0.0/16" });
      netlink.addNeighbour({ link, ip: "10.0.0.9", address: "02:00:00:00:00:09" });
      assert(netlink.listNeighbours({ link }).some(({ ip }) => ip === "10.0.0.9"));
      netlink.deleteNeighbour({ link, ip: "10.0.0.9" });
      netlink.replaceAddress(link, "10.9.0.1/24");
      assert(netlink.listAddresses({ link }).some(({ cidr }) => cidr === "10.9.0.1/24"));
      netlink.deleteAddress(link, "10.9.0.1/24");
    }
    assertEquals(refusal(() => netlink.addRoute({ dst: "10.1.0.0/16", link: "absent" })).code, "ENODEV");
  });

  it("wins over the index of what was listed", () => {
    using here = addressed();
    const { netlink, left, right } = here;
    const neighbour = { linkIndex: left, ip: "10.0.0.9", address: "02:00:00:00:00:09" };
    netlink.addNeighbour(neighbour);
    const [listed] = netlink.listNeighbours({ link: "left" }).filter(({ ip }) => ip === neighbour.ip);
    assert(listed !== undefined);
    netlink.addNeighbour({ ...listed, link: "right" });
    assert(netlink.listNeighbours({ linkIndex: right }).some(({ ip }) => ip === neighbour.ip));
  });
});
