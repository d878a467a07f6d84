import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { type Address, NetlinkBatch, type TcFilterSpec } from "@netns/netns";
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
  interface Thing {
    up?: boolean;
    mtu?: number;
    hops?: readonly string[];
    signal?: AbortSignal;
    data?: Uint8Array;
    name?: string;
    path?: string | null;
  }
  const check = fieldsOf<Thing>("a thing", {
    up: "boolean",
    mtu: "number",
    hops: "list",
    signal: "signal",
    data: "bytes",
    name: true,
    path: "any",
  });
  const WRONG: readonly (readonly [field: string, value: unknown, expected: string])[] = [
    ["up", "false", "true or false"],
    ["up", 0, "true or false"],
    ["up", null, "true or false"],
    ["mtu", 5n, "a number"],
    ["mtu", NaN, "a number"],
    ["hops", "a", "a list"],
    ["hops", { length: 1 }, "a list"],
    ["mtu", Infinity, "a number"],
    ["signal", {}, "an AbortSignal"],
    ["data", "abc", "a Uint8Array"],
    ["data", [1], "a Uint8Array"],
    ["name", null, "a value; leave it out for none"],
  ];
  for (const [field, value, expected] of WRONG) {
    it(`refuses ${typeof value} ${String(value)} as ${field}`, () => {
      assertThrows(() => check(untyped({ [field]: value })), TypeError, `as ${field}: expected ${expected}`);
    });
  }

  it("accepts what they are meant to be", () => {
    check({ up: false, mtu: 0, hops: [], signal: new AbortController().signal, data: new Uint8Array(0), path: null });
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
    ["null as index: ", () => batch.addLink(untyped({ kind: "bridge", name: "x", index: null }))],
    ["null as local: ", () => batch.addLink(untyped({ kind: "vxlan", name: "x", id: 1, local: null }))],
    ["null as alias: ", () => batch.setLink({ index: 1 }, untyped({ alias: null }))],
    ["5 as alias: ", () => batch.setLink({ index: 1 }, untyped({ alias: 5 }))],
    ["5 as the options of an address: ", () => batch.replaceAddress({ index: 1 }, "192.0.2.1/24", untyped(5))],
    ["5n as flags: ", () => batch.addAddress(untyped({ linkIndex: 1, cidr: "192.0.2.1/24", flags: 5n }))],
    ["undefined as segments: ", () => batch.addRoute(untyped({ ...route, encap: { type: "seg6", mode: "encap" } }))],
    ["Infinity as burst: ", () => batch.addQdisc({ linkIndex: 1, kind: "tbf", rate: 1, burst: Infinity, limit: 1 })],
    ["5 as stab: ", () => batch.addQdisc(untyped({ linkIndex: 1, kind: "clsact", stab: 5 }))],
    ["5 as priomap: ", () => batch.addQdisc(untyped({ linkIndex: 1, kind: "prio", priomap: 5 }))],
    ...["null as dstPort", "[1] as dstPort"].map((said) =>
      [
        said,
        () =>
          batch.addFilter(untyped({
            linkIndex: 1,
            kind: "flower",
            ipProto: "tcp",
            dstPort: JSON.parse(said.replace(/ .*/, "")),
          })),
      ] as const
    ),
    ...["null as action", '{"type":"go"} as action'].map((said) =>
      [
        said,
        () =>
          batch.addFilter(untyped({
            linkIndex: 1,
            kind: "matchall",
            actions: [{ kind: "gact", action: JSON.parse(said.replace(/ .*/, "")) }],
          })),
      ] as const
    ),
    [
      "5 as cookie: expected a Uint8Array",
      () => batch.addFilter(untyped({ linkIndex: 1, kind: "matchall", actions: [{ kind: "gact", cookie: 5 }] })),
    ],
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

describe("numbers that untyped code gives to requests", () => {
  const batch = new NetlinkBatch();
  const tbf = { linkIndex: 1, kind: "tbf", rate: 1000, burst: 1000, limit: 1000 } as const;
  const goto = (chain: number): TcFilterSpec => ({
    linkIndex: 1,
    kind: "matchall",
    actions: [{ kind: "gact", action: { type: "goto", chain } }],
  });
  const entry = { linkIndex: 1, address: "02:00:00:00:00:01" } as const;
  const WRONG: readonly (readonly [said: string, call: () => void])[] = [
    ["1.5 as overhead: ", () => batch.addQdisc({ ...tbf, overhead: 1.5 })],
    ["65536 as mpu: ", () => batch.addQdisc({ ...tbf, mpu: 65536 })],
    ["-1 as chain: ", () => batch.addFilter(goto(-1))],
    ["268435456 as chain: ", () => batch.addFilter(goto(2 ** 28))],
    ["1.5 as master: ", () => batch.addForwardingEntry({ ...entry, master: 1.5 })],
    ["0 as master: ", () => batch.addForwardingEntry({ ...entry, master: 0 })],
  ];
  for (const [said, call] of WRONG) {
    it(`refuses ${said.trim()}`, () => {
      assertThrows(call, RangeError, said);
      assertEquals(batch.requests, []);
    });
  }
});

describe("what is said twice of one thing", () => {
  const batch = new NetlinkBatch();
  const route = { dst: "198.51.100.0/24" };
  const nextHops = [{ linkIndex: 1, gateway: "192.0.2.1" }];
  const tbf = { linkIndex: 1, kind: "tbf", rate: 1000, burst: 1000, limit: 1000 } as const;
  const listed = untyped<Address>({ linkIndex: 1, cidr: "192.0.2.1/24", address: "192.0.2.1", prefixLength: 24 });
  const WRONG: readonly (readonly [said: string, call: () => void])[] = [
    ["both gateway and nextHops of a route", () => batch.addRoute({ ...route, nextHops, gateway: "192.0.2.2" })],
    ["both link and nextHops of a route", () => batch.replaceRoute({ ...route, nextHops, link: { index: 1 } })],
    ["both onLink and nextHops of a route", () => batch.replaceRoute({ ...route, nextHops, onLink: true })],
    ["both gateway and nextHopId of a route", () => batch.addRoute({ ...route, nextHopId: 1, gateway: "192.0.2.2" })],
    [
      "both realm and several nextHops of a route",
      () => batch.addRoute({ ...route, nextHops: [...nextHops, ...nextHops], realm: 1 }),
    ],
    ["both limit and latency of a tbf", () => batch.addQdisc({ ...tbf, latency: 5 })],
    ['"192.0.2.1/24" as cidr of an address', () => batch.addAddress({ ...listed, address: "192.0.2.2" })],
    ['"192.0.2.1/24" as cidr of an address', () => batch.replaceAddress({ ...listed, prefixLength: 25 })],
    ['"192.0.2.1/24" as cidr of an address', () => batch.deleteAddress({ ...listed, prefixLength: 25 })],
  ];
  for (const [said, call] of WRONG) {
    it(`is refused where it would silently have no effect: ${said}`, () => {
      assertThrows(call, TypeError, `Cannot use ${said}`);
      assertEquals(batch.requests, []);
    });
  }

  it("is taken where both say the same", () => {
    batch.addRoute({ ...route, nextHops, onLink: false });
    batch.addAddress(untyped({ ...listed, cidr: "192.0.2.1/24" }));
    assertEquals(batch.requests.length, 2);
  });
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
