import { assert, assertEquals, assertThrows } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import {
  NetlinkError,
  Nftables,
  type NftCommand,
  type NftObject,
  type NftStatement,
  NsHandle,
  SyscallError,
} from "@netns/netns";
import { describeAsRoot, traces } from "../../support/traces.ts";

const T = { family: "inet", table: "t" } as const;
const TABLE: NftCommand = { add: { table: { family: "inet", name: "t" } } };
const CHAIN: NftCommand = { add: { chain: { ...T, name: "c" } } };

/** The parts of a ruleset without their handles. */
function withoutHandles(objects: readonly NftObject[]): unknown {
  return JSON.parse(JSON.stringify(objects, (key, value) => key === "handle" ? undefined : value));
}

/** A socket in a namespace of its own. */
function scratch(): { readonly nftables: Nftables } & Disposable {
  using ns = NsHandle.create();
  const nftables = ns.nftables();
  return { nftables, [Symbol.dispose]: () => nftables.close() };
}

describeAsRoot("Nftables.apply(), list()", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertEquals(traces(), start));

  it("lists what was applied, and applies what was listed", () => {
    using one = scratch();
    using other = scratch();
    const objects: NftObject[] = [
      { table: { family: "inet", name: "t", comment: "a table" } },
      { chain: { ...T, name: "in", type: "filter", hook: "input", prio: -5, policy: "drop" } },
      { chain: { ...T, name: "other" } },
      {
        set: {
          ...T,
          name: "s",
          type: "ipv4_addr",
          comment: "a set",
          flags: ["interval"],
          elem: ["10.0.0.1", { prefix: { addr: "10.1.0.0", len: 16 } }, { range: ["10.2.0.1", "10.2.0.6"] }],
        },
      },
      { set: { ...T, name: "p", type: "inet_service", elem: [22, 80] } },
      {
        rule: {
          ...T,
          chain: "in",
          comment: "first",
          expr: [
            { match: { op: "in", left: { ct: { key: "state" } }, right: ["established", "related"] } },
            { counter: { packets: 3, bytes: 100 } },
            { accept: null },
          ],
        },
      },
      {
        rule: {
          ...T,
          chain: "in",
          expr: [
            { match: { op: "==", left: { payload: { protocol: "ip", field: "saddr" } }, right: "@s" } },
            { match: { op: "!=", left: { payload: { protocol: "tcp", field: "dport" } }, right: { set: [1, 2] } } },
            { jump: { target: "other" } },
          ],
        },
      },
      { rule: { ...T, chain: "other", expr: [{ reject: { type: "icmpx", expr: "admin-prohibited" } }] } },
    ];
    one.nftables.apply(objects);
    const listed = one.nftables.list();
    assertEquals(withoutHandles(listed), objects);
    other.nftables.apply(listed);
    assertEquals(withoutHandles(other.nftables.list()), objects);
    other.nftables.apply([{ flush: { ruleset: null } }]);
    assertEquals(other.nftables.list(), []);
  });

  it("deletes maps, objects and flowtables as they were listed, and adds them again", () => {
    using one = scratch();
    const { nftables } = one;
    const saddr = { payload: { protocol: "ip", field: "saddr" } } as const;
    const dport = { payload: { protocol: "tcp", field: "dport" } } as const;
    const objects: NftObject[] = [
      { table: { family: "inet", name: "t" } },
      { chain: { ...T, name: "c" } },
      { counter: { ...T, name: "n", comment: "one", packets: 3, bytes: 100 } },
      { quota: { ...T, name: "q", bytes: 1000, used: 0, inv: true } },
      { limit: { ...T, name: "l", rate: 10, burst: 5, per: "second" } },
      {
        set: {
          ...T,
          name: "pairs",
          type: ["ipv4_addr", "inet_service"],
          flags: ["interval"],
          elem: [{ concat: [{ prefix: { addr: "10.0.0.0", len: 24 } }, { range: [80, 90] }] }],
        },
      },
      { set: { ...T, name: "seen", type: "ipv4_addr", flags: ["timeout", "dynamic"], size: 100, timeout: 60 } },
      {
        map: {
          ...T,
          name: "ports",
          type: "inet_service",
          map: "verdict",
          elem: [[22, { jump: { target: "c" } }], [23, { drop: null }]],
        },
      },
      { map: { ...T, name: "counters", type: "ipv4_addr", map: "counter", elem: [["10.0.0.1", "n"]] } },
    ];
    const last = { chain: { ...T, name: "in" } } as const;
    const rules: NftObject[] = [
      [{ vmap: { key: dport, data: "@ports" } }],
      [{ match: { op: "==", left: { concat: [saddr, dport] }, right: "@pairs" } }, { limit: "l" }, { quota: "q" }],
      [{ set: { op: "update", elem: saddr, set: "@seen" } }, { counter: { map: { key: saddr, data: "@counters" } } }],
    ].map((expr) => ({ rule: { ...T, chain: "in", expr: expr as NftStatement[] } }));
    const expected = [...objects.slice(0, 2), last, ...objects.slice(2), ...rules];
    nftables.apply(expected);
    const listed = nftables.list();
    assertEquals(withoutHandles(listed), expected);
    nftables.apply(listed.toReversed().map((object): NftCommand => ({ delete: object })));
    assertEquals(nftables.list(), []);
    nftables.apply(listed);
    assertEquals(withoutHandles(nftables.list()), expected);
  });

  it("adds and deletes elements of maps, and empties them", () => {
    using one = scratch();
    const { nftables } = one;
    const of = { ...T, name: "m" } as const;
    const elements = () => nftables.list().flatMap((object) => "map" in object ? [...object.map.elem ?? []] : []);
    nftables.apply([TABLE, { add: { map: { ...of, type: ["ipv4_addr", "inet_service"], map: "mark" } } }]);
    const [first, second] = [
      [{ concat: ["10.0.0.1", 80] }, 5],
      [{ concat: ["10.0.0.2", 80] }, 6],
    ] as const;
    nftables.apply([{ add: { element: { ...of, elem: [first, second] } } }]);
    assertEquals(elements(), [first, second]);
    nftables.apply([{ delete: { element: { ...of, elem: [first] } } }]);
    assertEquals(elements(), [second]);
    nftables.apply([{ flush: { map: of } }]);
    assertEquals(elements(), []);
    nftables.apply([{ destroy: { map: of } }, { destroy: { counter: { ...T, name: "nosuch" } } }]);
    assertEquals(nftables.list().length, 1);
  });

  it("adds, inserts, replaces and deletes rules at their places", () => {
    using one = scratch();
    const { nftables } = one;
    const rule = (right: number) => ({
      ...T,
      chain: "c",
      expr: [{ match: { op: "==", left: { meta: { key: "mark" } }, right } }],
    } as const);
    const marks = () => (
      nftables.list().flatMap((object) => "rule" in object ? [object.rule] : []).map((
        { handle = 0, expr: [first] },
      ) => ({
        handle,
        mark: first !== undefined && "match" in first ? first.match.right : undefined,
      }))
    );
    nftables.apply([TABLE, CHAIN, { add: { rule: rule(1) } }, { add: { rule: rule(2) } }, {
      insert: { rule: rule(0) },
    }]);
    assertEquals(marks().map(({ mark }) => mark), [0, 1, 2]);
    const [zero, one_, two] = marks().map(({ handle }) => handle);
    nftables.apply([
      { add: { rule: { ...rule(11), handle: one_ } } },
      { insert: { rule: { ...rule(10), handle: one_ } } },
      { replace: { rule: { ...rule(20), handle: two } } },
      { delete: { rule: { ...T, chain: "c", handle: zero } } },
    ]);
    assertEquals(marks().map(({ mark }) => mark), [10, 1, 11, 20]);
    nftables.apply([{ flush: { chain: { ...T, name: "c" } } }, { delete: { chain: { ...T, name: "c" } } }]);
    assertEquals(nftables.list().length, 1);
  });

  it("adds and deletes elements, also of a set of the same batch, and empties it", () => {
    using one = scratch();
    const { nftables } = one;
    const set = { ...T, name: "s", type: "ipv4_addr", flags: "interval" } as const;
    const elements = () => nftables.list().flatMap((object) => "set" in object ? [...object.set.elem ?? []] : []);
    const of = { ...T, name: "s" } as const;
    nftables.apply([TABLE, { add: { set } }, { add: { element: { ...of, elem: ["10.0.0.1"] } } }]);
    nftables.apply([{ add: { element: { ...of, elem: [{ range: ["10.0.0.2", "10.0.0.4"] }, "192.0.2.1"] } } }]);
    assertEquals(elements(), ["10.0.0.1", { range: ["10.0.0.2", "10.0.0.4"] }, "192.0.2.1"]);
    nftables.apply([{ delete: { element: { ...of, elem: [{ range: ["10.0.0.2", "10.0.0.4"] }] } } }]);
    assertEquals(elements(), ["10.0.0.1", "192.0.2.1"]);
    nftables.apply([{ flush: { set: of } }]);
    assertEquals(elements(), []);
    const missing = [{ add: { element: { ...of, name: "no", elem: [] } } }];
    assertThrows(() => nftables.apply(missing), TypeError, "expected the name of a set or map of the table inet t");
  });

  it("lists comments of chains and times with milliseconds so that they can be applied again", () => {
    using one = scratch();
    const { nftables } = one;
    const elem = [{ elem: { val: "10.0.0.1", timeout: 60.25 } }];
    nftables.apply([
      TABLE,
      { add: { chain: { ...T, name: "c", comment: "what it is for" } } },
      { add: { set: { ...T, name: "s", type: "ipv4_addr", timeout: 90.5, "gc-interval": 0.75, elem } } },
    ]);
    const lasting = () =>
      JSON.stringify(nftables.list(), (key, value: unknown) => ["expires", "handle"].includes(key) ? 0 : value);
    const listed = lasting();
    assert(listed.includes('"comment":"what it is for"'), listed);
    assert(listed.includes('"timeout":90.5,"gc-interval":0.75'), listed);
    nftables.apply([{ flush: { ruleset: null } }, ...nftables.list()]);
    assertEquals(lasting(), listed);
  });

  it("carries out all or nothing, and names the command that was refused", () => {
    using one = scratch();
    const { nftables } = one;
    const error = assertThrows(
      () =>
        nftables.apply([
          TABLE,
          CHAIN,
          { add: { rule: { ...T, chain: "c", expr: [{ jump: { target: "nosuch" } }] } } },
          { create: { table: { family: "inet", name: "t" } } },
        ]),
      NetlinkError,
    );
    assertEquals([error.code, error.request], ["ENOENT", "add rule inet t c (command 3 of 4)"]);
    assertEquals(error.failures?.map(({ index, error }) => [index, error.code]), [[2, "ENOENT"], [3, "EEXIST"]]);
    assertEquals(nftables.list(), []);
    nftables.apply([TABLE]);
    const again = assertThrows(
      () => nftables.apply([{ create: { table: { family: "inet", name: "t" } } }]),
      NetlinkError,
    );
    assertEquals([again.code, again.request], ["EEXIST", "create table inet t (command 1 of 1)"]);
    assertEquals(nftables.list().length, 1);
    nftables.apply([]);
  });

  it("destroys what is there, and what is not", () => {
    using ns = NsHandle.create();
    using nftables = ns.nftables();
    nftables.apply([{ add: { table: { family: "ip", name: "t" } } }]);
    const destroy = { destroy: { table: { family: "ip", name: "t" } } } as const;
    for (let i = 0; i < 2; i++) {
      nftables.apply([destroy]);
      assertEquals(nftables.list(), []);
    }
  });

  it("carries out many thousand commands in one batch, and says which were refused", () => {
    using one = scratch();
    const { nftables } = one;
    const rules = Array.from({ length: 5000 }, (_, i): NftCommand => ({
      add: {
        rule: { ...T, chain: "c", expr: [{ match: { left: { meta: { key: "mark" } }, right: i } }, { accept: null }] },
      },
    }));
    const elem = Array.from({ length: 3000 }, (_, i) => `10.${i >> 8}.${i & 255}.1`);
    nftables.apply([TABLE, CHAIN, ...rules, { add: { set: { ...T, name: "s", type: "ipv4_addr", elem } } }]);
    const listed = nftables.list();
    assertEquals(listed.length, 5003);
    assertEquals(listed.flatMap((object) => "set" in object ? [...object.set.elem ?? []] : []).length, 3000);
    const error = assertThrows(
      () => nftables.apply(rules.map((): NftCommand => ({ delete: { chain: { ...T, name: "nosuch" } } }))),
      NetlinkError,
    );
    assertEquals([error.code, error.failures?.length], ["ENOENT", 5000]);
  });

  it("makes chains of every family and hook", () => {
    using one = scratch();
    const chains = [
      ["ip", "nat", "prerouting"],
      ["ip6", "nat", "postrouting"],
      ["ip", "route", "output"],
      ["arp", "filter", "output"],
      ["bridge", "filter", "forward"],
      ["inet", "filter", "forward"],
      ["netdev", "filter", "ingress"],
    ] as const;
    const objects = chains.flatMap(([family, type, hook], i): NftObject[] => {
      const dev = family === "netdev" ? { dev: "lo" } : {};
      return [
        { table: { family, name: `t${i}` } },
        { chain: { family, table: `t${i}`, name: "c", type, hook, prio: i, ...dev, policy: "accept" } },
      ];
    });
    one.nftables.apply(objects);
    assertEquals(withoutHandles(one.nftables.list()), objects);
  });
});

describeAsRoot("Nftables.open()", () => {
  it("can be closed more than once, and refuses to work then", () => {
    using ns = NsHandle.create();
    const nftables = ns.run(() => Nftables.open());
    assert(nftables.isOpen);
    nftables.close();
    nftables.close();
    assertEquals(assertThrows(() => nftables.list(), SyscallError).code, "EBADF");
    assertEquals(assertThrows(() => nftables.apply([TABLE]), SyscallError).code, "EBADF");
  });
});
