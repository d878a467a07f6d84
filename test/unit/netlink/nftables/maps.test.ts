import { assert, assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { NftCommand, NftMap, NftObject, NftStatement } from "@netns/netns";
import { CommandCompiler } from "../../../../src/netlink/nftables/commands.ts";
import { DATATYPES } from "../../../../src/netlink/nftables/datatypes.ts";
import { decodeElements, encodeElements, type SetType } from "../../../../src/netlink/nftables/elements.ts";
import { numberOf, sizeOf, typesNamed, typesOf } from "../../../../src/netlink/nftables/key_types.ts";
import {
  elementsMessage,
  flowtableMessage,
  objectMessage,
  ruleMessage,
  setMessage,
} from "../../../../src/netlink/nftables/messages.ts";
import { flowtableOf, objectOf } from "../../../../src/netlink/nftables/object_reply.ts";
import { registerOf, wordOf } from "../../../../src/netlink/nftables/registers.ts";
import { rulesetOf } from "../../../../src/netlink/nftables/reply.ts";
import { readRule } from "../../../../src/netlink/nftables/rule_reader.ts";
import type { OwnSet } from "../../../../src/netlink/nftables/rule_registers.ts";
import { decodeElementAttributes, decodeSet } from "../../../../src/netlink/nftables/set_reply.ts";
import { tableOf } from "../../../../src/netlink/nftables/table_of.ts";
import { checkTruncated, checkVector, hex } from "../check.ts";
import type { Vector } from "../vector.ts";
import { NFT_MAPS } from "./map_vectors.ts";
import { NFTABLES } from "./vectors.ts";
import { untyped } from "../../../support/untyped.ts";

/** The messages of commands. */
function compiled(...commands: readonly NftCommand[]): readonly Uint8Array[] {
  const compiler = new CommandCompiler(() => undefined);
  for (const [i, command] of commands.entries()) compiler.add(command, i);
  return compiler.requests.map(({ body }) => body);
}

const FILTER = { family: "inet", table: "filter" } as const;
const saddr = { payload: { protocol: "ip", field: "saddr" } } as const;
const dport = { payload: { protocol: "tcp", field: "dport" } } as const;

const RANGES = {
  ...FILTER,
  name: "ranges",
  type: ["ipv4_addr", "inet_service"],
  flags: ["interval"],
  elem: [
    { concat: [{ prefix: { addr: "10.0.0.0", len: 24 } }, 80] },
    { concat: ["1.2.3.4", { range: [1000, 2000] }] },
  ],
} as const;
const VERDICTS: NftMap = {
  ...FILTER,
  name: "verdicts",
  type: "inet_service",
  map: "verdict",
  elem: [[22, { accept: null }], [24, { jump: { target: "other" } }]],
};
const SOCKETS: NftMap = {
  ...FILTER,
  name: "sockets",
  type: "ipv4_addr",
  map: "ipv4_addr . inet_service",
  elem: [["10.0.0.1", { concat: ["10.0.0.2", 80] }]],
};
const COUNTERS: NftMap = {
  ...FILTER,
  name: "counters",
  type: "ipv4_addr",
  map: "counter",
  elem: [["10.0.0.1", "some"]],
};
const OBJECTS: readonly (readonly [request: Vector, reply: Vector, object: NftObject])[] = [
  [NFT_MAPS.addCounter, NFT_MAPS.counter, { counter: { ...FILTER, name: "some", packets: 3, bytes: 100 } }],
  [NFT_MAPS.addQuota, NFT_MAPS.quota, { quota: { ...FILTER, name: "q", bytes: 26_214_400, used: 0, inv: true } }],
  [NFT_MAPS.addLimit, NFT_MAPS.limit, { limit: { ...FILTER, name: "l", rate: 400, burst: 7, per: "minute" } }],
  [NFT_MAPS.addHelper, NFT_MAPS.helper, {
    "ct helper": { ...FILTER, name: "ftp", type: "ftp", protocol: "tcp", l3proto: "ip" },
  }],
];

/** The statements of rules that `nft` wrote, with the sets and maps to which they refer. */
const RULES: readonly (readonly [vector: Vector, expr: readonly NftStatement[]])[] = [
  [NFT_MAPS.addConcatRule, [
    { match: { op: "==", left: { concat: [saddr, dport] }, right: "@ranges" } },
    { accept: null },
  ]],
  [NFT_MAPS.addVmapRule, [{ vmap: { key: dport, data: "@verdicts" } }]],
  [NFT_MAPS.addOwnVmapRule, [{ vmap: { key: dport, data: { set: [[23, { drop: null }]] } } }]],
  [NFT_MAPS.addMarkRule, [{
    mangle: {
      key: { meta: { key: "mark" } },
      value: { map: { key: saddr, data: { set: [[{ prefix: { addr: "10.0.0.0", len: 24 } }, 5]] } } },
    },
  }]],
  [NFT_MAPS.addObjectMapRule, [{ counter: { map: { key: saddr, data: "@counters" } } }]],
  [NFT_MAPS.addObjectRule, [{ limit: "l" }, { accept: null }]],
  [NFT_MAPS.addMapNatRule, [
    { match: { op: "==", left: dport, right: 5 } },
    { dnat: { family: "ip", addr: { map: { key: saddr, data: "@sockets" } } } },
  ]],
  [NFT_MAPS.addNumgenRule, [{
    dnat: {
      family: "ip",
      addr: {
        map: {
          key: { numgen: { mode: "inc", mod: 2, offset: 0 } },
          data: { set: [[0, "10.0.0.1"], [1, "10.0.0.2"]] },
        },
      },
    },
  }]],
  [NFT_MAPS.addFlowRule, [
    { match: { op: "==", left: { payload: { protocol: "ip", field: "protocol" } }, right: "tcp" } },
    { flow: { op: "add", flowtable: "@ft" } },
  ]],
];

const ports: SetType = { key: [DATATYPES.service], intervals: false };
const IN_RULES: Readonly<Record<string, OwnSet>> = {
  ranges: { type: { key: [DATATYPES.ipv4, DATATYPES.service], intervals: true }, elements: undefined },
  verdicts: { type: { ...ports, data: "verdict" }, elements: undefined },
  sockets: {
    type: { key: [DATATYPES.ipv4], intervals: false, data: [DATATYPES.ipv4, DATATYPES.service] },
    elements: undefined,
  },
  counters: { type: { key: [DATATYPES.ipv4], intervals: false, data: "object" }, objectType: 1, elements: undefined },
};

/** What the maps are that a rule has for itself, as all are called `__map%d` in a request. */
function ownMap(expr: readonly NftStatement[]): OwnSet | undefined {
  const text = JSON.stringify(expr);
  if (text.includes("vmap")) return { type: { ...ports, data: "verdict" }, elements: [[23, { drop: null }]] };
  if (text.includes("numgen")) {
    const type: SetType = { key: [DATATYPES.integer32], intervals: false, data: [DATATYPES.ipv4] };
    return { type, elements: [[0, "10.0.0.1"], [1, "10.0.0.2"]] };
  }
  const type: SetType = { key: [DATATYPES.ipv4], intervals: true, data: [DATATYPES.mark] };
  return { type, elements: [[{ prefix: { addr: "10.0.0.0", len: 24 } }, 5]] };
}

describe("the messages about maps, objects and flowtables", () => {
  it("are read as nft wrote them, and written as the same bytes", () => {
    for (const [request] of OBJECTS) checkVector(objectMessage, request, {});
    for (const name of ["addRanges", "addVerdicts", "addSockets", "addCounters", "addOwnVmap"] as const) {
      checkVector(setMessage, NFT_MAPS[name], {});
    }
    for (
      const name of [
        "addRangesElements",
        "addVerdictsElements",
        "addSocketsElements",
        "addCountersElements",
        "addOwnVmapElements",
      ] as const
    ) checkVector(elementsMessage, NFT_MAPS[name], {});
    for (const [vector, expr] of RULES) { // nft leaves out the NUL behind the name of an object
      if (!/counter|limit/.test(JSON.stringify(expr))) checkVector(ruleMessage, vector, {});
    }
    checkVector(flowtableMessage, NFT_MAPS.addFlowtable, {
      attributes: { hook: { number: 0, priority: 5, devices: ["v0", "lo"] }, flags: 2 },
    });
  });

  it("give a value or a MalformedMessageError when they are cut short", () => {
    for (const name of ["ranges", "verdicts", "sockets", "counters"] as const) {
      checkTruncated(decodeSet, NFT_MAPS[name]);
      checkTruncated((bytes) => decodeElementAttributes(bytes), NFT_MAPS[`${name}Elements`]);
    }
    for (const [, reply] of OBJECTS) checkTruncated(objectOf, reply);
    checkTruncated(flowtableOf, NFT_MAPS.flowtable);
    checkTruncated(
      (bytes) => readRule("inet", ruleMessage.decode(bytes).attributes.expressions ?? [], (name) => IN_RULES[name]),
      NFT_MAPS.mapNatRule,
    );
  });
});

describe("readRule()", () => {
  for (const [vector, expr] of RULES) {
    it(`reads what nft wrote: ${JSON.stringify(expr)}`, () => {
      const { attributes } = ruleMessage.decode(vector.bytes);
      const sets = (name: string) => IN_RULES[name] ?? ownMap(expr);
      assertEquals(readRule("inet", attributes.expressions ?? [], sets), expr);
    });
  }

  it("names a look-up that it cannot read", () => {
    const { attributes } = ruleMessage.decode(NFT_MAPS.addConcatRule.bytes);
    const expressions = attributes.expressions ?? [];
    const unknown = (sets: (name: string) => OwnSet | undefined) => (
      readRule("inet", expressions, sets).some((one) => "unknown" in one)
    );
    assert(unknown(() => ({ type: { key: [DATATYPES.ipv4, DATATYPES.ipv6], intervals: false }, elements: undefined })));
  });
});

describe("CommandCompiler", () => {
  it("writes sets and maps as nft does", () => {
    const commands: readonly NftCommand[] = [{ set: RANGES }, { map: VERDICTS }, { map: SOCKETS }, { map: COUNTERS }];
    const theirs = [NFT_MAPS.addRanges, NFT_MAPS.addVerdicts, NFT_MAPS.addSockets, NFT_MAPS.addCounters];
    const elements = [
      NFT_MAPS.addRangesElements,
      NFT_MAPS.addVerdictsElements,
      NFT_MAPS.addSocketsElements,
      NFT_MAPS.addCountersElements,
    ];
    for (const [i, command] of commands.entries()) {
      const [set, elem] = compiled(command).map((bytes, j) => j === 0 ? setMessage.decode(bytes).attributes : bytes);
      assert(typeof set === "object" && "name" in set && elem instanceof Uint8Array);
      const expected = setMessage.decode(theirs[i]?.bytes ?? new Uint8Array(0)).attributes;
      for (const key of ["flags", "keyType", "keyLength", "dataType", "objectType"] as const) {
        assertEquals([key, set[key]], [key, expected[key]]);
      }
      assertEquals(set.description?.fields, expected.description?.fields);
      const sent = elementsMessage.decode(elements[i]?.bytes ?? new Uint8Array(0)).attributes.elements;
      assertEquals(elementsMessage.decode(elem).attributes.elements, sent);
    }
  });

  it("writes objects and flowtables as nft does", () => {
    for (const [{ bytes }, , object] of OBJECTS) {
      const [ours = new Uint8Array(0)] = compiled({ add: object });
      const value = (body: Uint8Array) => {
        const [listed] = objectOf(body);
        return [objectMessage.decode(body).attributes.type, listed?.object];
      };
      assertEquals(value(ours), value(bytes));
    }
    const flowtable = { ...FILTER, name: "ft", hook: "ingress", prio: 5, dev: ["v0", "lo"], flags: "counter" } as const;
    assertEquals(hex(compiled({ flowtable })[0] ?? new Uint8Array(0)), hex(NFT_MAPS.addFlowtable.bytes));
    assertEquals(flowtableOf(NFT_MAPS.addFlowtable.bytes), [{ ...flowtable, dev: ["lo", "v0"] }]);
  });

  for (const [vector, expr] of RULES) {
    it(`writes the expressions that nft writes: ${JSON.stringify(expr)}`, () => {
      const { attributes: { chain = "", expressions } } = ruleMessage.decode(vector.bytes);
      const bodies = compiled({ add: { map: SOCKETS } }, { add: { rule: { ...FILTER, chain, expr } } });
      const ours = ruleMessage.decode(bodies.at(-1) ?? new Uint8Array(0)).attributes.expressions;
      const comparable = (all: typeof ours) => (
        all?.map((one) => ({ ...one, data: { ..."data" in one ? one.data : {}, setId: undefined } }))
      );
      assertEquals(comparable(ours), comparable(expressions));
    });
  }

  it("refuses what is none, and says where it stands", () => {
    const rule = (...expr: unknown[]) => ({ add: { rule: { ...FILTER, chain: "c", expr } } });
    const wrong: readonly (readonly [text: string, command: unknown])[] = [
      ["policy: expected syn_sent", {
        add: { "ct timeout": { ...FILTER, name: "x", protocol: "tcp", policy: { a: 1 } } },
      }],
      ["protocol: expected", { add: { "ct timeout": { ...FILTER, name: "x", protocol: "icmp" } } }],
      ["dport: expected", { add: { "ct expectation": { ...FILTER, name: "x", protocol: "tcp", dport: 65536 } } }],
      ["mss: expected", { add: { synproxy: { ...FILTER, name: "x", mss: -1, wscale: 7 } } }],
      ["raw: expected bytes", { add: { rule: { ...FILTER, chain: "c", expr: [], raw: "x" } } }],
      ["stmt[0]: expected counter", rule({ set: { op: "add", elem: saddr, set: "@s", stmt: [{ drop: null }] } })],
      ["add.map.elem[0]: expected a pair", { add: { map: { ...VERDICTS, elem: [22] } } }],
      ["add.map.elem[0][1]: expected accept", { add: { map: { ...VERDICTS, elem: [[22, { queue: null }]] } } }],
      ["add.map.elem[0][1].jump.target", { add: { map: { ...VERDICTS, elem: [[22, { jump: { target: "" } }]] } } }],
      ["add.map.elem[0][1]: expected text", {
        add: { map: { ...COUNTERS, elem: [["10.0.0.1", 5]] } },
      }],
      ["add.map.map: expected the name of a type", { add: { map: { ...VERDICTS, map: "nosuch" } } }],
      ["ipv4_addr . inet_service", { add: { set: { ...RANGES, elem: ["10.0.0.1"] } } }],
      ["elem[0].concat[1]", { add: { set: { ...RANGES, elem: [{ concat: ["10.0.0.1", "x"] }] } } }],
      ["the flag interval", { add: { set: { ...RANGES, flags: [] } } }],
      ["expected one value", { add: { set: { ...RANGES, elem: [["10.0.0.1", 5]] } } }],
      ["expected the name of a type, or a list of 1 to 5", { add: { set: { ...RANGES, type: [] } } }],
      ["add.set.stmt[0]: expected counter", { add: { set: { ...RANGES, stmt: [{ accept: null }] } } }],
      ['"map" as a key', { add: { set: { ...RANGES, map: "verdict" } } }],
      [
        "expected a set, as a concatenation is compared",
        rule({ match: { left: { concat: [saddr, dport] }, right: 5 } }),
      ],
      ["expected a list of two or more", rule({ match: { left: { concat: [saddr] }, right: "@s" } })],
      ["vmap.map.data.set", rule({ vmap: { key: dport, data: { set: [] } } })],
      [
        "the map has the port",
        rule({
          dnat: {
            addr: { map: { key: saddr, data: { set: [["10.0.0.1", { concat: ["10.0.0.2", 80] }]] } } },
            port: 80,
            family: "ip",
          },
        }),
      ],
      ["numgen.mod", rule({ vmap: { key: { numgen: { mode: "inc", mod: 0 } }, data: "@v" } })],
      ["numgen.mode", rule({ vmap: { key: { numgen: { mode: "x", mod: 2 } }, data: "@v" } })],
      ["set.op: expected add, update, delete", rule({ set: { op: "x", elem: saddr, set: "@s" } })],
      ['set.set: expected "@" and a name', rule({ set: { op: "add", elem: saddr, set: "s" } })],
      ['flow.flowtable: expected "@" and a name', rule({ flow: { op: "add", flowtable: "ft" } })],
      ["counter.map.data", rule({ counter: { map: { key: saddr, data: "c" } } })],
      ["flowtable.hook", { add: { flowtable: { ...FILTER, name: "f", hook: "input" } } }],
      ["flowtable.prio", { add: { flowtable: { ...FILTER, name: "f", prio: "x" } } }],
      ["ct helper.protocol", { add: { "ct helper": { ...FILTER, name: "h", type: "ftp", protocol: 5.5 } } }],
      ["quota.bytes", { add: { quota: { ...FILTER, name: "q", bytes: -1 } } }],
      ['"counter" as the key of commands[0].flush: expected what can be flushed: table', {
        flush: { counter: { ...FILTER, name: "c" } },
      }],
    ];
    for (const [text, command] of wrong) {
      const error = assertThrows(() => compiled(untyped(command)), TypeError);
      assert(error.message.includes(text), `${text}\n${error.message}`);
    }
  });
});

describe("rulesetOf()", () => {
  it("gives chains before the maps that refer to them, and everything as it can be added again", () => {
    const bodies = (...vectors: readonly Vector[]) => vectors.map(({ bytes }) => bytes);
    const elements = new Map([
      ["ranges", NFT_MAPS.rangesElements],
      ["verdicts", NFT_MAPS.verdictsElements],
      ["sockets", NFT_MAPS.socketsElements],
      ["counters", NFT_MAPS.countersElements],
    ]);
    const ruleset = rulesetOf({
      tables: bodies(NFTABLES.table1),
      chains: bodies(NFTABLES.chain1),
      rules: bodies(NFT_MAPS.concatRule),
      objects: bodies(...OBJECTS.map(([, reply]) => reply)),
      flowtables: bodies(NFT_MAPS.addFlowtable),
      sets: bodies(NFT_MAPS.ranges, NFT_MAPS.verdicts, NFT_MAPS.sockets, NFT_MAPS.counters)
        .flatMap((body) => decodeSet(body) ?? []),
      elementsOf: ({ attributes: { name = "" } }) =>
        decodeElementAttributes(elements.get(name)?.bytes ?? new Uint8Array(0)),
    });
    const comparable = JSON.parse(JSON.stringify(ruleset, (key, value) => key === "handle" ? undefined : value));
    assertEquals(comparable.slice(2, -2), [
      ...OBJECTS.map(([, , object]) => object),
      { set: RANGES },
      { map: VERDICTS },
      { map: SOCKETS },
      { map: COUNTERS },
    ]);
    assertEquals(comparable.map((one: object) => Object.keys(one)[0]).slice(0, 2), ["table", "chain"]);
    assertEquals(ruleset.map((one) => tableOf(one).table), ruleset.map(() => "filter"));
  });
});

describe("flowtableOf()", () => {
  it("gives what nft lists, and the flags that it leaves out", () => {
    const ft = { ...FILTER, name: "ft", handle: 2, hook: "ingress", prio: 5, dev: ["v0", "v1"] } as const;
    assertEquals(flowtableOf(NFT_MAPS.flowtable.bytes), [{ ...ft, flags: "counter" }]);
    const other = { ...FILTER, name: "other", handle: 3, hook: "ingress", prio: -5, dev: "lo" } as const;
    assertEquals(flowtableOf(NFT_MAPS.otherFlowtable.bytes), [other]);
    const { attributes } = ruleMessage.decode(NFT_MAPS.flowRule.bytes);
    const [, rule] = RULES.find(([vector]) => vector === NFT_MAPS.addFlowRule) ?? [];
    assertEquals(readRule("inet", attributes.expressions ?? [], () => undefined), rule);
  });

  it("is sent back as it was listed", () => {
    for (const { bytes } of [NFT_MAPS.flowtable, NFT_MAPS.otherFlowtable]) {
      const [flowtable] = flowtableOf(bytes);
      assert(flowtable !== undefined);
      const { handle: _handle, ...withoutHandle } = flowtable;
      const [again = new Uint8Array(0)] = compiled({ flowtable });
      assertEquals(flowtableOf(again), [withoutHandle]);
    }
  });
});

describe("typesOf(), numberOf(), typesNamed()", () => {
  it("are each other's inverse", () => {
    const types = typesNamed(["ipv4_addr", "inet_service", "ether_addr"], "type");
    assertEquals(typesOf(numberOf(types), sizeOf(types)), types);
    assertEquals([numberOf(types), sizeOf(types)], [7 << 12 | 13 << 6 | 9, 16]);
    assertEquals(typesOf(numberOf(types), 12), undefined);
    assertEquals(typesOf(0, 0), undefined);
    assertEquals(typesOf(4, 4)?.[0].size, 4);
  });
});

describe("encodeElements(), decodeElements()", () => {
  it("keep what elements have", () => {
    const set: SetType = { key: [DATATYPES.service], intervals: false, data: "verdict" };
    const all = [
      [{ elem: { val: 22, timeout: 20, comment: "ssh", counter: { packets: 1, bytes: 2 } } }, { accept: null }],
      ["*", { drop: null }],
    ] as const;
    assertEquals(decodeElements(set, encodeElements(set, all, "elem")), [...all]);
  });
});

describe("registerOf(), wordOf()", () => {
  it("are each other's inverse", () => {
    for (let word = 0; word < 16; word++) assertEquals(wordOf(registerOf(word)), word);
    assertEquals([registerOf(0), registerOf(1), registerOf(4)], [1, 9, 2]);
  });
});
