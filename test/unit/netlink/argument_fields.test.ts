import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { NetlinkBatch } from "@netns/netns";
import { fieldsOf } from "../../../src/netlink/argument_fields.ts";

/** A value as untyped code has it. */
function untyped<T>(value: unknown): T {
  return value as T;
}

describe("fieldsOf()", () => {
  const check = fieldsOf<{ up?: boolean; mtu?: number }>("a thing", { up: true, mtu: true });

  it("accepts every field, and any without a value", () => {
    check({});
    check({ up: true, mtu: untyped(undefined) });
  });

  it("names a field that there is not, those that there are, and the one that was meant", () => {
    const refused = (value: unknown): string => assertThrows(() => check(untyped(value)), TypeError).message;
    assertEquals(
      refused({ up: true, uP: true }),
      'Cannot use "uP" as a field of a thing: expected up, mtu; did you mean up?',
    );
    assertEquals(refused({ address: "" }), 'Cannot use "address" as a field of a thing: expected up, mtu');
    assertEquals(refused({ constructor: 1 }), 'Cannot use "constructor" as a field of a thing: expected up, mtu');
    assertEquals(refused({ "a\u0007": 1 }), 'Cannot use "a\\u0007" as a field of a thing: expected up, mtu');
    for (const value of ["up", 1, null, undefined]) {
      assertEquals(refused(value).replace(/Cannot use .* as/, ""), " a thing: expected an object");
    }
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
