import { assert, assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { NftCommand, NftElement, NftStatement } from "@netns/netns";
import type { CommandRequest } from "../../../../src/netlink/nftables/batch_writer.ts";
import { CommandCompiler } from "../../../../src/netlink/nftables/commands.ts";
import { DATATYPES } from "../../../../src/netlink/nftables/datatypes.ts";
import { decodeElements, encodeElements, type SetType } from "../../../../src/netlink/nftables/elements.ts";
import { maskBytes, maskLength } from "../../../../src/netlink/nftables/intervals.ts";
import {
  chainMessage,
  elementsMessage,
  ruleMessage,
  setMessage,
  tableMessage,
} from "../../../../src/netlink/nftables/messages.ts";
import { rulesetOf } from "../../../../src/netlink/nftables/reply.ts";
import { decodeElementAttributes, decodeSet } from "../../../../src/netlink/nftables/set_reply.ts";
import { readRule } from "../../../../src/netlink/nftables/rule_reader.ts";
import { checkTruncated, checkVector, hex } from "../check.ts";
import type { Vector } from "../vector.ts";
import { NFTABLES } from "./vectors.ts";
import { untyped } from "../../../support/untyped.ts";

/** The messages of commands. */
function compiled(...commands: readonly NftCommand[]): readonly CommandRequest[] {
  const compiler = new CommandCompiler(() => undefined);
  for (const [i, command] of commands.entries()) compiler.add(command, i);
  return compiler.requests;
}

const FILTER = { family: "inet", table: "filter" } as const;
const NAT = { family: "ip", table: "nat" } as const;

const meta = (key: string) => ({ meta: { key } });
const port = (field: string, protocol = "tcp") => ({ payload: { protocol, field } });

/** The statements of rules that `nft` wrote. */
const RULES: readonly { readonly vector: Vector; readonly expr: readonly NftStatement[]; readonly comment?: string }[] =
  [
    {
      vector: NFTABLES.addStateRule,
      expr: [
        { match: { op: "in", left: { ct: { key: "state" } }, right: ["established", "related"] } },
        { counter: { packets: 0, bytes: 0 } },
        { accept: null },
      ],
    },
    {
      vector: NFTABLES.addNameRule,
      expr: [{ match: { op: "==", left: meta("iifname"), right: "lo" } }, { accept: null }],
      comment: "own",
    },
    {
      vector: NFTABLES.addRejectRule,
      expr: [{ match: { op: "==", left: meta("l4proto"), right: "tcp" } }, { reject: { type: "tcp reset" } }],
    },
    {
      vector: NFTABLES.addDnatRule,
      expr: [{ match: { op: "==", left: port("dport"), right: 80 } }, { dnat: { addr: "10.0.0.2", port: 8080 } }],
    },
    {
      vector: NFTABLES.addRedirectRule,
      expr: [{ match: { op: "==", left: port("dport"), right: 81 } }, { redirect: { port: 8081 } }],
    },
    { vector: NFTABLES.addLogRule, expr: [{ log: { prefix: "x" } }, { jump: { target: "other" } }] },
    { vector: NFTABLES.addLimitRule, expr: [{ limit: { rate: 400, burst: 7, per: "minute", inv: true } }] },
    {
      vector: NFTABLES.addByteLimitRule,
      expr: [{ limit: { rate: 512, burst: 96, per: "second", rate_unit: "kbytes", burst_unit: "kbytes" } }],
    },
    { vector: NFTABLES.addQuotaRule, expr: [{ quota: { val: 25, val_unit: "mbytes", inv: true } }] },
    { vector: NFTABLES.addNotrackRule, expr: [{ notrack: null }] },
    {
      vector: NFTABLES.addFibRule,
      expr: [
        { match: { op: "==", left: { fib: { result: "type", flags: ["daddr"] } }, right: "local" } },
        { accept: null },
      ],
    },
    {
      vector: NFTABLES.addFibMissingRule,
      expr: [
        { match: { op: "==", left: { fib: { result: "oif", flags: ["saddr", "iif"] } }, right: false } },
        { drop: null },
      ],
    },
    {
      vector: NFTABLES.addFibNameRule,
      expr: [
        { match: { op: "!=", left: { fib: { result: "oifname", flags: ["saddr", "iif"] } }, right: "lo" } },
        { drop: null },
      ],
    },
  ];

describe("the messages of nf_tables", () => {
  it("are read as nft wrote them, and written as the same bytes", () => {
    for (const one of [NFTABLES.addTable, NFTABLES.addNatTable]) checkVector(tableMessage, one, {});
    for (const one of [NFTABLES.addChain, NFTABLES.addPlainChain, NFTABLES.addNatChain]) {
      checkVector(chainMessage, one, {});
    }
    for (const one of [NFTABLES.addSet, NFTABLES.addAnonymousSet]) checkVector(setMessage, one, {});
    for (const one of [NFTABLES.addElements, NFTABLES.addAnonymousElements]) checkVector(elementsMessage, one, {});
    for (const { vector } of RULES) checkVector(ruleMessage, vector, {});
    checkVector(ruleMessage, NFTABLES.addSetRule, { family: 1, attributes: { table: "filter", chain: "input" } });
  });

  it("give a value or a MalformedMessageError when they are cut short", () => {
    const read = (bytes: Uint8Array) =>
      readRule("inet", ruleMessage.decode(bytes).attributes.expressions ?? [], () => undefined);
    checkTruncated(read, NFTABLES.rule1);
    checkTruncated(read, NFTABLES.addSetRule);
    checkTruncated(decodeSet, NFTABLES.set1);
    checkTruncated(decodeElementAttributes, NFTABLES.elements1);
  });
});

describe("readRule()", () => {
  for (const { vector, expr } of RULES) {
    it(`reads what nft wrote: ${JSON.stringify(expr)}`, () => {
      const { family, attributes } = ruleMessage.decode(vector.bytes);
      assertEquals(readRule(family === 2 ? "ip" : "inet", attributes.expressions ?? [], () => undefined), expr);
    });
  }

  it("names an expression that it does not know, and what depends on it", () => {
    const expressions = [
      { name: "unknown", kernelName: "osf", raw: new Uint8Array(0) },
      { name: "cmp", data: { sreg: 1, op: 0, data: { value: Uint8Array.of(1) } } },
      { name: "immediate", data: { dreg: 0, data: { verdict: { code: 1 } } } },
    ] as const;
    assertEquals(readRule("ip", expressions, () => undefined), [{ unknown: "osf" }, { unknown: "cmp" }, {
      accept: null,
    }]);
  });
});

describe("CommandCompiler", () => {
  it("writes tables, chains and rules as nft does", () => {
    const [table, chain, natChain, plain] = compiled(
      { add: { table: { family: "inet", name: "filter" } } },
      {
        add: {
          chain: { ...FILTER, name: "input", type: "filter", hook: "input", prio: 0, policy: "drop" },
        },
      },
      { add: { chain: { ...NAT, name: "pre", type: "nat", hook: "prerouting", prio: -100 } } },
      { add: { chain: { ...NAT, name: "other" } } },
    );
    assertEquals(hex(table?.body ?? new Uint8Array(0)), hex(NFTABLES.addTable.bytes));
    assertEquals(chainMessage.decode(chain?.body ?? new Uint8Array(0)), chainMessage.decode(NFTABLES.addChain.bytes));
    assertEquals(
      chainMessage.decode(natChain?.body ?? new Uint8Array(0)),
      chainMessage.decode(NFTABLES.addNatChain.bytes),
    );
    assertEquals(hex(plain?.body ?? new Uint8Array(0)), hex(NFTABLES.addPlainChain.bytes));
  });

  for (const { vector, expr, comment } of RULES) {
    it(`writes the expressions that nft writes: ${JSON.stringify(expr)}`, () => {
      const { family, attributes: { table = "", chain = "", ...theirs } } = ruleMessage.decode(vector.bytes);
      const [request] = compiled({
        add: { rule: { family: family === 2 ? "ip" : "inet", table, chain, expr, comment } },
      });
      assert(request !== undefined);
      const ours = ruleMessage.decode(request.body).attributes;
      assertEquals([ours.expressions, ours.userData], [theirs.expressions, theirs.userData]);
    });
  }

  it("refuses a rate or an amount that is none, and says where it stands", () => {
    const refused = (statement: unknown, text: string): void => {
      const rule = { family: "ip", table: "filter", chain: "input", expr: [untyped<NftStatement>(statement)] } as const;
      const { message } = assertThrows(() => compiled({ add: { rule } }), TypeError);
      assert(message.includes(text), message);
    };
    refused({ limit: { rate: 0 } }, "commands[0].add.rule.expr[0].limit.rate: expected a whole number, 1 or more");
    refused({ limit: { rate: 1.5 } }, "Cannot use 1.5 as");
    refused({ limit: { rate: 1, per: "year" } }, 'Cannot use "year" as');
    refused({ limit: { rate: 1, rate_unit: "gbytes" } }, "expected bytes, kbytes, mbytes");
    refused({ limit: null }, "expected an object");
    refused({ quota: { val: -1 } }, "expr[0].quota.val");
  });

  it("destroys as it deletes, by messages of a newer kernel", () => {
    const types = compiled(
      { destroy: { table: { family: "inet", name: "filter" } } },
      { delete: { table: { family: "inet", name: "filter" } } },
      { destroy: { chain: { ...FILTER, name: "input" } } },
      { destroy: { rule: { ...FILTER, chain: "input", handle: 5 } } },
      { destroy: { set: { ...FILTER, name: "s" } } },
    ).map(({ type }) => type & 0xff);
    assertEquals(types, [26, 2, 27, 28, 29]);
  });

  it("makes a set for a comparison with several values, in the same batch", () => {
    const [set, elements, rule] = compiled({
      add: {
        rule: {
          ...FILTER,
          chain: "input",
          expr: [
            { match: { op: "==", left: { payload: { protocol: "ip", field: "saddr" } }, right: "@allowed" } },
            { match: { op: "==", left: port("dport"), right: { set: [22, 80] } } },
            { accept: null },
          ],
        },
      },
    });
    const body = (request: CommandRequest | undefined) => request?.body ?? new Uint8Array(0);
    const theirs = setMessage.decode(NFTABLES.addAnonymousSet.bytes).attributes;
    const ours = setMessage.decode(body(set)).attributes;
    assertEquals([ours.flags, ours.keyType, ours.keyLength], [theirs.flags, theirs.keyType, theirs.keyLength]);
    assertEquals(
      elementsMessage.decode(body(elements)).attributes.elements,
      elementsMessage.decode(NFTABLES.addAnonymousElements.bytes).attributes.elements,
    );
    const names = (bytes: Uint8Array) => ruleMessage.decode(bytes).attributes.expressions?.map(({ name }) => name);
    assertEquals(names(body(rule)), names(NFTABLES.addSetRule.bytes));
  });

  it("refuses what it does not know, and says where it stands", () => {
    const rule = (...expr: unknown[]) => ({ add: { rule: { ...FILTER, chain: "c", expr } } });
    const match = (left: unknown, right: unknown, op?: string) => rule({ match: { left, right, op } });
    const ip = { payload: { protocol: "ip", field: "saddr" } };
    const wrong: readonly (readonly [text: string, command: unknown])[] = [
      ["commands[0]: expected an object with one key", {}],
      ["commands[0]: expected an object with one key", null],
      ['"nosuch" as the key of commands[0]: expected add, create', { nosuch: {} }],
      ["commands[0].add.table.name: expected text", { add: { table: { family: "ip" } } }],
      ["commands[0].add.table.family: expected inet", { add: { table: { family: "ipv4", name: "t" } } }],
      ['"nam" as a key of commands[0].add.table', { add: { table: { family: "ip", nam: "t" } } }],
      ["commands[0].add.table.flags", { add: { table: { family: "ip", name: "t", flags: "nosuch" } } }],
      ["commands[0].add.chain.hook: expected prerouting", {
        add: { chain: { ...FILTER, name: "c", type: "filter", prio: 0, hook: "nosuch" } },
      }],
      ["commands[0].add.chain.prio: expected a whole", {
        add: { chain: { ...FILTER, name: "c", type: "filter", hook: "input", prio: "x" } },
      }],
      ["commands[0].add.chain.policy", { add: { chain: { ...FILTER, name: "c", policy: "nosuch" } } }],
      ["commands[0].delete.rule.handle", { delete: { rule: { ...FILTER, chain: "c" } } }],
      ['"rule" as the key of commands[0].flush: expected what can be flushed', {
        flush: { rule: { ...FILTER, chain: "c" } },
      }],
      ['"table" as the key of commands[0].insert: expected what can be inserted: rule', {
        insert: { table: { family: "ip", name: "t" } },
      }],
      ["commands[0].add.rule.expr: expected a list", { add: { rule: { ...FILTER, chain: "c" } } }],
      ['"queue" as commands[0].add.rule.expr[1]', rule({ accept: null }, { queue: null })],
      ["expr[0]: expected an object with one key", rule({ accept: null, drop: null })],
      ["expr[0].jump.target", rule({ jump: { target: "" } })],
      ["expr[0].match.left: expected meta", match({ meta: { key: "nosuch" } }, 1)],
      ["expr[0].match.left: expected meta", match({ payload: { protocol: "tcp", field: "nosuch" } }, 1)],
      ["expr[0].match.right: expected a value of the type ipv4_addr", match(ip, "10.0.0.256")],
      ["expr[0].match.right.prefix", match(ip, { prefix: { addr: "x", len: 8 } })],
      ["an address, and a length of 0 to 32", match(ip, { prefix: { addr: "10.0.0.0", len: 33 } })],
      ["a range from low to high", match(ip, { range: ["10.0.0.2", "10.0.0.1"] })],
      ["expr[0].match.right.set: expected a list that is not empty", match(ip, { set: [] })],
      ["expr[0].match.right.set[1]", match(ip, { set: ["10.0.0.1", "x"] })],
      ["expr[0].match.op", match(ip, "10.0.0.1", "=~")],
      ['"in" as commands[0].add.rule.expr[0].match.op', match(ip, "10.0.0.1", "in")],
      ["== or != with a set", match(ip, "@s", "<")],
      ["value of the type inet_service", match(port("dport"), 65536)],
      ["value of the type ifname", match(meta("iifname"), "a-name-that-is-too-long")],
      ["value of the type ct_state", match({ ct: { key: "state" } }, ["nosuch"])],
      ["expr[0].reject.type", rule({ reject: { type: "nosuch" } })],
      ["expr[0].reject.expr", rule({ reject: { type: "icmp", expr: "nosuch" } })],
      ["expr[0].log.level", rule({ log: { level: "nosuch" } })],
      ["expr[0].masquerade.flags", rule({ masquerade: { flags: ["nosuch"] } })],
      ["expr[0].dnat.addr", rule({ dnat: { addr: "nosuch" } })],
      ["expr[0].match.left: expected meta", match({ fib: { result: "iif", flags: ["daddr"] } }, 1)],
      ["expr[0].match.right", match({ fib: { result: "oif", flags: ["daddr"] } }, "lo")],
      ["expr[0].match.left.fib.flags: expected a list", match({ fib: { result: "type", flags: ["iif"] } }, "local")],
      ["expr[0].mangle.key: expected meta mark", rule({ mangle: { key: meta("iifname"), value: 1 } })],
      ["expr[0].counter.packets", rule({ counter: { packets: -1 } })],
      [
        "are not ipv6",
        rule(
          { match: { left: ip, right: "10.0.0.1" } },
          { match: { left: { payload: { protocol: "ip6", field: "saddr" } }, right: "::1" } },
        ),
      ],
      [
        "of another protocol",
        rule(
          { match: { left: port("dport"), right: 1 } },
          { match: { left: port("dport", "udp"), right: 1 } },
        ),
      ],
      ["commands[0].add.set.type", { add: { set: { ...FILTER, name: "s", type: "nosuch" } } }],
      ["expected a set with the flag interval", {
        add: { set: { ...FILTER, name: "s", type: "ipv4_addr", elem: [{ prefix: { addr: "10.0.0.0", len: 8 } }] } },
      }],
      ["expected the name of a set or map of the table", { add: { element: { ...FILTER, name: "s", elem: [1] } } }],
    ];
    for (const [text, command] of wrong) {
      const error = assertThrows(() => compiled(untyped(command)), TypeError);
      assert(error.message.includes(text), `${text}\n${error.message}`);
    }
  });
});

describe("rulesetOf()", () => {
  it("gives what nft lists, from the kernel's messages", () => {
    const bytesOf = (...vectors: readonly Vector[]) => vectors.map(({ bytes }) => bytes);
    const ruleset = rulesetOf({
      tables: bytesOf(NFTABLES.table1, NFTABLES.table2),
      chains: bytesOf(NFTABLES.chain1, NFTABLES.chain2, NFTABLES.chain3),
      objects: [],
      flowtables: [],
      sets: bytesOf(NFTABLES.set1).flatMap((body) => decodeSet(body) ?? []),
      rules: bytesOf(NFTABLES.rule1),
      elementsOf: () => decodeElementAttributes(NFTABLES.elements1.bytes),
    });
    assertEquals(ruleset.slice(0, 3), [
      { table: { family: "inet", name: "filter", handle: 1 } },
      {
        chain: { ...FILTER, name: "input", handle: 1, type: "filter", hook: "input", prio: 0, policy: "drop" },
      },
      {
        set: {
          ...FILTER,
          name: "allowed",
          handle: 2,
          type: "ipv4_addr",
          flags: ["interval"],
          elem: [{ prefix: { addr: "10.0.0.0", len: 8 } }],
        },
      },
    ]);
    assertEquals(ruleset.length, 7);
  });
});

describe("encodeElements(), decodeElements()", () => {
  const networks: SetType = { key: [DATATYPES.ipv4], intervals: true };
  const links: SetType = { key: [DATATYPES.ifname], intervals: true };
  const marks: SetType = { key: [DATATYPES.mark], intervals: false };

  it("keep intervals, up to the first and the last value", () => {
    const all: NftElement[] = [
      "0.0.0.0",
      { prefix: { addr: "10.0.0.0", len: 8 } },
      { range: ["11.0.0.1", "11.0.0.6"] },
      "192.0.2.1",
      { prefix: { addr: "255.255.255.0", len: 24 } },
    ];
    const encoded = encodeElements(networks, all.toReversed(), "elem");
    assertEquals(decodeElements(networks, encoded.toReversed()), all);
    const whole: NftElement[] = [{ prefix: { addr: "0.0.0.0", len: 0 } }];
    assertEquals(decodeElements(networks, encodeElements(networks, whole, "elem")), whole);
    const names = ["a", "b*"];
    assertEquals(decodeElements(links, encodeElements(links, names, "elem")), names);
  });

  it("keep how long an element stays, and refuse what is no list", () => {
    const timed = [{ elem: { val: 5, timeout: 20 } }];
    assertEquals(decodeElements(marks, encodeElements(marks, timed, "elem")), timed);
    assertThrows(() => encodeElements(marks, untyped(5), "elem"), TypeError, "expected a list");
  });
});

describe("maskBytes(), maskLength()", () => {
  it("are each other's inverse", () => {
    for (let length = 0; length <= 128; length++) assertEquals(maskLength(maskBytes(length, 16)), length);
    assertEquals([...maskBytes(23, 4)], [255, 255, 254, 0]);
    assertEquals(maskLength(Uint8Array.of(255, 0, 255, 0)), undefined);
  });
});
