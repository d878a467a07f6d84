import { assertEquals, assertObjectMatch, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { routeMessage } from "../../../../src/netlink/route/message.ts";
import { decodeFoundRoute, decodeRoute } from "../../../../src/netlink/route/reply.ts";
import { decodeEncap } from "../../../../src/netlink/route/encap/encap.ts";
import {
  deleteRouteRequest,
  getRouteRequest,
  listRoutesRequest,
  newRouteRequest,
} from "../../../../src/netlink/route/request.ts";
import type { Route, RouteSpec } from "../../../../src/netlink/route/types.ts";
import { checkTruncated, checkVector } from "../check.ts";
import { ROUTES } from "./vectors.ts";

describe("routeMessage", () => {
  it("reads what the kernel wrote, and writes the same bytes", () => {
    checkVector(routeMessage, ROUTES.byRouter, {
      family: 2,
      dstLength: 16,
      table: 254,
      protocol: 3,
      scope: 0,
      type: 1,
      attributes: { table: 254, dst: "10.2.0.0", priority: 10, gateway: "10.0.0.2", oif: 10 },
    });
    checkVector(routeMessage, ROUTES.inTable, { table: 252, attributes: { table: 1000 } }); // RT_TABLE_COMPAT
    checkVector(routeMessage, ROUTES.multipath, {
      attributes: {
        multipath: [
          { index: 10, hops: 1, flags: 0, gateway: "10.0.0.2" },
          { index: 3, hops: 2, flags: 4, gateway: "10.77.0.1" },
        ],
      },
    });
    checkVector(routeMessage, ROUTES.multipath6, {
      attributes: { multipath: [{ gateway: "2001:db8::2" }, { gateway: "2001:db8::3" }] },
    });
    checkVector(routeMessage, ROUTES.via, { attributes: { via: "2001:db8::2" } });
    checkVector(routeMessage, ROUTES.defaultRoute, { dstLength: 0, attributes: { gateway: "10.0.0.2" } });
    checkVector(routeMessage, ROUTES.blackhole, { type: 6 });
    checkVector(routeMessage, ROUTES.unreachable, { type: 7 });
    checkVector(routeMessage, ROUTES.onLink, { flags: 4 });
    checkVector(routeMessage, ROUTES.local, { type: 2, scope: 254, attributes: { table: 255, prefSrc: "10.0.0.1" } });
    checkVector(routeMessage, ROUTES.broadcastRoute, { type: 3 });
    checkVector(routeMessage, ROUTES.expiring, { family: 10, attributes: { dst: "2001:db8:2::", priority: 5 } });
    checkVector(routeMessage, ROUTES.connected6, { protocol: 2, attributes: { priority: 256 } });
  });

  it("reads what ip wrote, and writes the same bytes", () => {
    checkVector(routeMessage, ROUTES.addByRouter, { attributes: { prefSrc: "10.0.0.1", metrics: { mtu: 1200 } } });
    checkVector(routeMessage, ROUTES.addDefault, { dstLength: 0 });
    checkVector(routeMessage, ROUTES.addInTable, { table: 0, attributes: { table: 1000 } });
    checkVector(routeMessage, ROUTES.addMultipath, { attributes: { multipath: [{ hops: 1 }, { hops: 2, flags: 4 }] } });
    checkVector(routeMessage, ROUTES.addBlackhole, { type: 6 });
    checkVector(routeMessage, ROUTES.addUnreachable, { type: 7 });
    checkVector(routeMessage, ROUTES.addVia, { attributes: { via: "2001:db8::2" } });
    checkVector(routeMessage, ROUTES.addOnLink, { flags: 4 });
    checkVector(routeMessage, ROUTES.addExpiring, { attributes: { expires: 600 } });
    checkVector(routeMessage, ROUTES.addMultipath6, { attributes: { multipath: [{ index: 10 }, { index: 10 }] } });
    checkVector(routeMessage, ROUTES.replaceRoute, { attributes: { gateway: "10.0.0.2" } });
    checkVector(routeMessage, ROUTES.deleteRoute, { scope: 255, type: 0 });
  });

  it("reads and writes what the kernel wrote of encapsulation, next-hop objects, preference and realm", () => {
    checkVector(routeMessage, ROUTES.encapIp, { attributes: { encapType: 2 } });
    checkVector(routeMessage, ROUTES.encapIp6, { attributes: { encapType: 4 } });
    checkVector(routeMessage, ROUTES.seg6, { attributes: { encapType: 5 } });
    checkVector(routeMessage, ROUTES.seg6Inline, { attributes: { encapType: 5 } });
    checkVector(routeMessage, ROUTES.seg6Local, { attributes: { encapType: 7 } });
    checkVector(routeMessage, ROUTES.preferred, { attributes: { pref: 1 } });
    checkVector(routeMessage, ROUTES.realm, { attributes: { flow: 3 << 16 | 7 } });
    checkVector(routeMessage, ROUTES.hopsWithEncap, { attributes: { multipath: [{ encapType: 2 }, { flow: 5 }] } });
    checkVector(routeMessage, ROUTES.byObject, { attributes: { nhId: 1 } });
    checkVector(routeMessage, ROUTES.foundRoute, { attributes: { uid: 0 } });
    checkVector(routeMessage, ROUTES.getRoute, { flags: 0x1000, attributes: { mark: 5 } });
  });

  it("gives a value or a MalformedMessageError for a message that is cut short", () => {
    for (const name of ["encapIp", "seg6", "seg6Local", "hopsWithEncap", "byObject"] as const) {
      checkTruncated(decodeRoute, ROUTES[name]);
    }
    for (const name of ["byRouter", "multipath", "multipath6", "via", "local", "expiring"] as const) {
      checkTruncated(decodeRoute, ROUTES[name]);
    }
    checkTruncated(routeMessage.decode, ROUTES.addByRouter);
  });
});

const routeOf = (name: keyof typeof ROUTES): Route => {
  const route = decodeRoute(ROUTES[name].bytes);
  if (route === undefined) throw new Error(`${name} is no route`);
  return route;
};

describe("decodeRoute()", () => {
  it("reads a route by a router", () => {
    assertEquals(routeOf("byRouter"), {
      family: 2,
      dst: "10.2.0.0/16",
      type: "unicast",
      scope: "universe",
      table: 254,
      protocol: 3,
      nextHops: [{ linkIndex: 10, gateway: "10.0.0.2", weight: 1, onLink: false }],
      metric: 10,
      tos: 0,
      flags: 0,
    });
  });

  it("reads several next hops, with their weights", () => {
    assertEquals(routeOf("multipath").nextHops, [
      { linkIndex: 10, gateway: "10.0.0.2", weight: 2, onLink: false },
      { linkIndex: 3, gateway: "10.77.0.1", weight: 3, onLink: true },
    ]);
    assertEquals(routeOf("multipath6").nextHops.map(({ gateway }) => gateway), ["2001:db8::2", "2001:db8::3"]);
  });

  it("reads tables beyond 255, default routes, dropped packets, foreign gateways, lifetimes", () => {
    assertObjectMatch(routeOf("inTable"), { table: 1000, scope: "link", nextHops: [{ linkIndex: 10 }] });
    assertEquals(routeOf("defaultRoute").dst, "0.0.0.0/0");
    assertObjectMatch(routeOf("blackhole"), { type: "blackhole", nextHops: [] });
    assertObjectMatch(routeOf("unreachable"), { type: "unreachable", nextHops: [] });
    assertEquals(routeOf("via").nextHops, [{ linkIndex: 10, gateway: "2001:db8::2", weight: 1, onLink: false }]);
    assertEquals(routeOf("onLink").nextHops[0]?.onLink, true);
    assertObjectMatch(routeOf("local"), { type: "local", scope: "host", table: 255, preferredSource: "10.0.0.1" });
    assertObjectMatch(routeOf("expiring"), { dst: "2001:db8:2::/48", metric: 5, expires: 599 });
  });

  it("reads encapsulation, next-hop objects, preference and realm", () => {
    assertEquals(routeOf("encapIp").encap, {
      type: "ip",
      id: 42,
      dst: "10.0.0.9",
      src: "10.0.0.1",
      tos: 22,
      ttl: 7,
      flags: 0,
    });
    assertObjectMatch(routeOf("encapIp6").encap ?? {}, { type: "ip6", id: 7, dst: "2001:db8::9", ttl: 9 });
    assertEquals(routeOf("seg6").encap, { type: "seg6", mode: "encap", segments: ["2001:db8::a", "2001:db8::b"] });
    assertEquals(routeOf("seg6Inline").encap, { type: "seg6", mode: "inline", segments: ["2001:db8::c", "::"] });
    assertObjectMatch(routeOf("seg6Local").encap ?? {}, { type: "seg6local", action: "End.X", nh6: "2001:db8::f" });
    assertEquals(routeOf("preferred").preference, "high");
    assertEquals(routeOf("realm").realm, 3 << 16 | 7);
    assertObjectMatch(routeOf("hopsWithEncap"), { nextHops: [{ encap: { type: "ip", id: 1 } }, { realm: 5 }] });
    assertObjectMatch(routeOf("byObject"), { nextHopId: 1, nextHops: [{ gateway: "10.0.0.2" }] });
    assertObjectMatch(decodeFoundRoute(ROUTES.foundRoute.bytes) ?? {}, {
      dst: "10.20.0.1/32",
      nextHops: [{ linkIndex: 10 }],
    });
  });

  it("skips what is neither IPv4 nor IPv6", () => {
    // AF_MPLS 28: its destination of four bytes is a label.
    const mpls = Uint8Array.of(28, 20, 0, 0, 254, 4, 0, 1, 0, 0, 0, 0, 8, 0, 1, 0, 0, 6, 65, 0);
    assertEquals(decodeRoute(mpls), undefined);
  });
});

describe("newRouteRequest()", () => {
  /** Each request against what `ip` sends for the same route; the order of attributes is free. */
  const same = (spec: RouteSpec, name: keyof typeof ROUTES): void =>
    assertEquals(
      routeMessage.decode(newRouteRequest(spec, "add").body),
      routeMessage.decode(ROUTES[name].bytes),
      ROUTES[name].command,
    );

  it("writes what ip writes", () => {
    const gateway = "10.0.0.2";
    same({ dst: "10.2.0.0/16", gateway, metric: 10, preferredSource: "10.0.0.1", mtu: 1200 }, "addByRouter");
    same({ dst: "default", gateway }, "addDefault");
    same({ dst: "10.3.0.0/16", table: 1000, linkIndex: 10 }, "addInTable");
    same({
      dst: "10.4.0.0/16",
      nextHops: [
        { linkIndex: 10, gateway, weight: 2 },
        { linkIndex: 3, gateway: "10.77.0.1", weight: 3, onLink: true },
      ],
    }, "addMultipath");
    same({ dst: "10.5.0.0/16", type: "blackhole" }, "addBlackhole");
    same({ dst: "10.6.0.0/16", type: "unreachable" }, "addUnreachable");
    same({ dst: "10.7.0.0/16", gateway: "2001:db8::2" }, "addVia");
    same({ dst: "10.8.0.0/16", gateway: "10.66.0.1", linkIndex: 10, onLink: true }, "addOnLink");
    same({ dst: "2001:db8:2::/48", gateway: "2001:db8::2", metric: 5, expires: 600 }, "addExpiring");
    same({
      dst: "2001:db8:3::/48",
      nextHops: [{ linkIndex: 10, gateway: "2001:db8::2" }, { linkIndex: 10, gateway: "2001:db8::3" }],
    }, "addMultipath6");
  });

  /** The attributes, with what they hold: `ip` leaves the padding as it was in its memory, and marks what is nested. */
  const meaning = (body: Uint8Array): unknown => {
    const { attributes: { encapType, encap, multipath, ...attributes }, ...header } = routeMessage.decode(body);
    const hops = multipath?.map(({ encapType, encap, ...hop }) => ({
      ...hop,
      encap: decodeEncap({ encapType, encap }),
    }));
    return [header, attributes, decodeEncap({ encapType, encap }), hops];
  };
  const means = (spec: RouteSpec, name: keyof typeof ROUTES): void =>
    assertEquals(meaning(newRouteRequest(spec, "add").body), meaning(ROUTES[name].bytes), ROUTES[name].command);

  it("writes what ip writes of encapsulation, next-hop objects, preference and realm", () => {
    const gateway = "10.0.0.2";
    means({
      dst: "10.10.0.0/16",
      gateway,
      encap: { type: "ip", id: 42, dst: "10.0.0.9", src: "10.0.0.1", ttl: 7, tos: 22 }, // ip takes it as hexadecimal
    }, "addEncapIp");
    means({
      dst: "10.11.0.0/16",
      linkIndex: 10,
      encap: { type: "ip6", id: 7n, dst: "2001:db8::9", ttl: 9 },
    }, "addEncapIp6");
    const v6 = { linkIndex: 10, family: 10 };
    means({
      ...v6,
      dst: "2001:db8:10::/48",
      encap: { type: "seg6", mode: "encap", segments: ["2001:db8::a", "2001:db8::b"] },
    }, "addSeg6");
    means({
      ...v6,
      dst: "2001:db8:11::/48",
      encap: { type: "seg6", mode: "inline", segments: ["2001:db8::c"] },
    }, "addSeg6Inline");
    means({
      ...v6,
      dst: "2001:db8::e/128",
      encap: { type: "seg6local", action: "End.X", nh6: "2001:db8::f" },
    }, "addSeg6Local");
    means({ dst: "10.12.0.0/16", gateway, encap: { type: "mpls", labels: [100, 200], ttl: 5 } }, "addMpls");
    means({ dst: "2001:db8:12::/48", gateway: "2001:db8::2", preference: "high" }, "addPreferred");
    means({ dst: "10.13.0.0/16", gateway, realm: 3 << 16 | 7 }, "addRealm");
    means({
      dst: "10.14.0.0/16",
      nextHops: [
        { linkIndex: 0, gateway, encap: { type: "ip", id: 1, dst: "10.0.0.9" } },
        { linkIndex: 0, gateway: "10.0.0.3", realm: 5 },
      ],
    }, "addHopsWithEncap");
    means({ dst: "10.15.0.0/16", nextHopId: 1 }, "addByObject");
    const question = { from: "10.0.0.1", mark: 5 };
    assertEquals(
      routeMessage.decode(getRouteRequest("10.10.0.1", question, () => 0).body),
      routeMessage.decode(ROUTES.getRoute.bytes),
    );
  });

  it("refuses an encapsulation that it does not know, and fields that its type lacks", () => {
    const wrong: readonly [encap: unknown, text: string][] = [
      [{ type: "gre" }, 'Cannot use "gre" as the type of an encapsulation: expected mpls, ip, ip6, seg6, seg6local'],
      [{ type: "ip", vni: 1 }, 'Cannot use "vni" as a field of an encapsulation in IP'],
      [{ type: "mpls", labels: [2 ** 20] }, "as a label"],
      [{ type: "seg6", mode: "outline", segments: [] }, "as mode"],
    ];
    for (const [encap, text] of wrong) {
      const spec = { dst: "10.0.0.0/8", linkIndex: 1, encap } as RouteSpec; // as untyped code gives it
      assertThrows(() => newRouteRequest(spec, "add"), Error, text);
    }
  });

  it("takes the family of a default route from its gateway, or the given one", () => {
    const familyOf = (spec: RouteSpec): unknown =>
      (routeMessage.decode(newRouteRequest(spec, "add").body) as { family: number }).family;
    assertEquals(familyOf({ dst: "default", gateway: "fe80::1", linkIndex: 1 }), 10);
    assertEquals(familyOf({ dst: "default", family: 10, linkIndex: 1 }), 10);
    assertEquals(familyOf({ dst: "default", linkIndex: 1 }), 2);
    assertEquals(familyOf({ dst: "::/0", linkIndex: 1 }), 10);
  });

  it("sends back the metrics of a listed route that this library does not know, and those of Fast Open", () => {
    const metrics = { mtu: 1400, fastOpenNoCookie: 1, unknown: [{ type: 99, bytes: Uint8Array.of(7, 0, 0, 0) }] };
    const { body } = newRouteRequest({ dst: "198.51.100.0/24", linkIndex: 1, gateway: "192.0.2.1", metrics }, "add");
    const listed = decodeRoute(body);
    assertEquals(listed?.metrics, { ...metrics, unknown: [{ type: 99, bytes: Uint8Array.of(7, 0, 0, 0), at: 2 }] });
    assertEquals(newRouteRequest({ ...listed, dst: "198.51.100.0/24" }, "add").body.length, body.length);
  });

  it("fails if the route is there, unless it is to replace it", () => {
    assertEquals(newRouteRequest({ dst: "10.0.0.0/8", linkIndex: 1 }, "add").flags, 0x600);
    assertEquals(newRouteRequest({ dst: "10.0.0.0/8", linkIndex: 1 }, "replace").flags, 0x500);
    assertEquals(newRouteRequest({ dst: "10.0.0.0/8", linkIndex: 1 }, "append").flags, 0xc00);
  });

  it("refuses what is not a network", () => {
    assertThrows(() => newRouteRequest({ dst: "10.0.0.0/40", linkIndex: 1 }, "add"), TypeError, "10.0.0.0/40");
    assertThrows(() => newRouteRequest({ dst: "Default" }, "add"), TypeError);
  });
});

describe("deleteRouteRequest()", () => {
  it("writes what ip writes: any scope and type where none is given", () => {
    assertEquals(
      routeMessage.decode(deleteRouteRequest({ dst: "10.8.0.0/16" }).body),
      routeMessage.decode(ROUTES.deleteRoute.bytes),
    );
  });
});

describe("listRoutesRequest()", () => {
  it("asks for those of a table and a link", () => {
    assertObjectMatch(routeMessage.decode(listRoutesRequest({ family: 2, table: 4711, linkIndex: 3 }).body), {
      family: 2,
      attributes: { table: 4711, oif: 3 },
    });
  });
});
