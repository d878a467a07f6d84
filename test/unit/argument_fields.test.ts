import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { NetlinkBatch } from "@netns/netns";
import { fieldsOf } from "../../src/argument_fields.ts";
import { untyped } from "../support/untyped.ts";

describe("fieldsOf()", () => {
  const check = fieldsOf<{ up?: boolean; mtu?: number; hops?: readonly string[]; signal?: AbortSignal }>("a thing", {
    up: "boolean",
    mtu: "number",
    hops: "list",
    signal: "signal",
  });

  it("accepts every field, any without a value, and what a class has besides", () => {
    check({});
    check(new AbortController());
    check({ up: true, mtu: untyped(undefined) });
  });

  it("names a field that there is not, those that there are, and the one that was meant", () => {
    const refused = (value: unknown): string => assertThrows(() => check(untyped(value)), TypeError).message;
    assertEquals(
      refused({ up: true, uP: true }),
      'Cannot use "uP" as a field of a thing: expected up, mtu, hops, signal; did you mean up?',
    );
    assertEquals(
      refused({ address: "" }),
      'Cannot use "address" as a field of a thing: expected up, mtu, hops, signal',
    );
    assertEquals(
      refused({ constructor: 1 }),
      'Cannot use "constructor" as a field of a thing: expected up, mtu, hops, signal',
    );
    assertEquals(
      refused({ "a\u0007": 1 }),
      'Cannot use "a\\u0007" as a field of a thing: expected up, mtu, hops, signal',
    );
    for (const value of ["up", 1, null, undefined]) {
      assertEquals(refused(value).replace(/Cannot use .* as/, ""), " a thing: expected an object");
    }
  });
});

describe("values of fields from untyped code", () => {
  const check = fieldsOf<{ up?: boolean; mtu?: number; hops?: readonly string[]; signal?: AbortSignal }>("a thing", {
    up: "boolean",
    mtu: "number",
    hops: "list",
    signal: "signal",
  });
  const WRONG: readonly (readonly [field: string, value: unknown, expected: string])[] = [
    ["up", "false", "true or false"],
    ["up", 0, "true or false"],
    ["up", null, "true or false"],
    ["mtu", 5n, "a number"],
    ["mtu", NaN, "a number"],
    ["hops", "a", "a list"],
    ["hops", { length: 1 }, "a list"],
    ["signal", {}, "an AbortSignal"],
  ];
  for (const [field, value, expected] of WRONG) {
    it(`refuses ${typeof value} ${String(value)} as ${field}`, () => {
      assertThrows(() => check(untyped({ [field]: value })), TypeError, `as ${field}: expected ${expected}`);
    });
  }

  it("accepts what they are meant to be", () => {
    check({ up: false, mtu: 0, hops: [], signal: new AbortController().signal });
  });
});

describe("values that untyped code gives to requests", () => {
  const batch = new NetlinkBatch();
  const route = { dst: "default", linkIndex: 1 };
  /** Each request, and what its refusal must say. */
  const WRONG: readonly (readonly [said: string, call: () => void])[] = [
    ['"no" as up: expected true or false', () => batch.setLink({ index: 1 }, untyped({ up: "no" }))],
    ['"no" as learning: ', () => batch.addLink(untyped({ kind: "vxlan", name: "x", id: 1, learning: "no" }))],
    ["null as portRange: ", () => batch.addLink(untyped({ kind: "vxlan", name: "x", id: 1, portRange: null }))],
    ["0 as hairpin: ", () => batch.setLink({ index: 1 }, untyped({ port: { hairpin: 0 } }))],
    ["1 as noDad: ", () => batch.addAddress({ index: 1 }, "192.0.2.1/24", untyped({ noDad: 1 }))],
    ["{} as nextHops: expected a list", () => batch.addRoute(untyped({ ...route, nextHops: {} }))],
    ["null as an encapsulation: ", () => batch.addRoute(untyped({ ...route, encap: null }))],
    ["as unknown: ", () => batch.addRoute(untyped({ ...route, unknown: [1] }))],
    ["5n as flags: ", () => batch.addNeighbour(untyped({ linkIndex: 1, ip: "192.0.2.1", flags: 5n }))],
    ['"" as the link of a rule: ', () => batch.addRule({ iif: "", table: 5 })],
    ['"yes" as not: ', () => batch.addRule(untyped({ not: "yes", table: 5 }))],
    ["undefined as a next hop: ", () => batch.deleteNextHop(untyped(undefined))],
    ['"5" as a next hop: ', () => batch.deleteNextHop(untyped("5"))],
    ["1 as group: expected a list", () => batch.addNextHop(untyped({ id: 1, group: 1 }))],
    ["undefined as id: ", () => batch.addBridgeVlan({ index: 1 }, untyped({}))],
    ["[1] as id: ", () => batch.addBridgeVlan({ index: 1 }, untyped({ id: [1] }))],
    ["5n as delay: expected a number", () => batch.addQdisc(untyped({ linkIndex: 1, kind: "netem", delay: 5n }))],
    [
      "-1 as latency: ",
      () => batch.addQdisc({ linkIndex: 1, kind: "tbf", rate: 1000, burst: 1000, latency: -1 }),
    ],
    ["5n as rate: ", () => batch.addClass(untyped({ linkIndex: 1, kind: "htb", parent: "1:", rate: 5n }))],
    ["5 as priomap: ", () => batch.addQdisc(untyped({ linkIndex: 1, kind: "prio", priomap: 5 }))],
    [
      "null as an action",
      () => batch.addFilter(untyped({ linkIndex: 1, kind: "matchall", actions: [null] })),
    ],
  ];
  for (const [said, call] of WRONG) {
    it(`refuses ${said.trim()}`, () => {
      assertThrows(call, said.startsWith("-1") ? RangeError : TypeError, said);
      assertEquals(batch.requests, []);
    });
  }
});

describe("NetlinkRequests", () => {
  const batch = new NetlinkBatch();

  /** Each request that takes an object, with a field that it lacks. */
  const WRONG: readonly (readonly [field: string, call: () => void])[] = [
    ["uP", () => batch.setLink({ index: 1 }, untyped({ uP: true }))],
    ["cosst", () => batch.setLink({ index: 1 }, { port: untyped({ cosst: 1 }) })],
    ["nam", () => batch.addLink(untyped({ kind: "veth", name: "a", nam: "a", peer: { name: "b" } }))],
    ["mastr", () => batch.addLink(untyped({ kind: "veth", name: "a", peer: { name: "b", mastr: 1 } }))],
    ["id", () => batch.addLink(untyped({ kind: "bridge", name: "a", id: 1 }))],
    ["master", () => batch.addLink(untyped({ kind: "veth", name: "a", peer: { name: "b", master: 1 } }))],
    ["ip", () => batch.addLink(untyped({ kind: "nosuch", name: "a", ip: 1 }))],
    ["nodad", () => batch.addAddress({ index: 1 }, "192.0.2.1/24", untyped({ nodad: true }))],
    ["prefix", () => batch.addAddress(untyped({ linkIndex: 1, cidr: "192.0.2.1/24", prefix: 1 }))],
    ["label", () => batch.deleteAddress({ index: 1 }, "192.0.2.1/24", untyped({ label: "a" }))],
    ["destination", () => batch.addRoute(untyped({ destination: "default", linkIndex: 1 }))],
    ["dest", () => batch.deleteRoute(untyped({ dst: "default", dest: "default" }))],
    ["via", () => batch.replaceRoute(untyped({ dst: "default", nextHops: [{ linkIndex: 1, via: "192.0.2.1" }] }))],
    ["mtuu", () => batch.addRoute({ dst: "default", linkIndex: 1, metrics: untyped({ mtuu: 1 }) })],
    ["mac", () => batch.setNeighbour(untyped({ linkIndex: 1, ip: "192.0.2.1", mac: "02:00:00:00:00:01" }))],
    ["dst", () => batch.deleteNeighbour(untyped({ linkIndex: 1, dst: "192.0.2.1" }))],
  ];
  for (const [field, call] of WRONG) {
    it(`refuses the field ${field}, which nothing would read (N23)`, () => {
      assertThrows(call, TypeError, `Cannot use "${field}" as a field of `);
      assertEquals(batch.requests, []);
    });
  }

  it("says what was expected in place of a value of another type (N23)", () => {
    const link = "expected a name, { name } or { index }";
    for (const value of [1, null, undefined, {}, { name: 1 }, { index: "1" }]) {
      assertThrows(() => batch.setLink(untyped(value), { up: true }), TypeError, link);
      assertThrows(() => batch.deleteLink(untyped(value)), TypeError, link);
      assertThrows(() => batch.addAddress(untyped(value), "192.0.2.1/24"), TypeError, link);
    }
    const given: readonly (readonly [expected: string, call: () => void])[] = [
      ["expected an object", () => batch.setLink({ index: 1 }, untyped(undefined))],
      ["expected an object", () => batch.addLink(untyped("veth"))],
      ["as the name of a link", () => batch.addLink(untyped({ kind: "dummy" }))],
      ["expected an object", () => batch.addLink(untyped({ kind: "veth", name: "a" }))],
      ["expected an open NsHandle", () => batch.setLink({ index: 1 }, { netns: untyped("blue") })],
      ["as an address", () => batch.addAddress({ index: 1 }, untyped(undefined))],
      ["as a prefix", () => batch.addRoute(untyped({ linkIndex: 1 }))],
      ["as an address", () => batch.setNeighbour(untyped({ linkIndex: 1 }))],
      ["as index", () => batch.setNeighbour(untyped({ linkIndex: "eth0", ip: "192.0.2.1" }))],
    ];
    for (const [expected, call] of given) assertThrows(call, Error, expected);
    assertEquals(batch.requests, []);
  });

  it("takes a link that was listed in a group for that link", () => {
    const one = new NetlinkBatch();
    one.deleteLink(untyped({ index: 7, name: "a", group: 3 }));
    one.deleteLink({ group: 3 });
    assertEquals(one.requests.map(({ label }) => label), ["RTM_DELLINK a", "RTM_DELLINK group 3"]);
  });
});
