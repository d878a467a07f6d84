/** What untyped code may put anywhere into commands: each refusal says where it stands and what is expected. */
import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { CommandCompiler } from "../../../../src/netlink/nftables/commands.ts";

const T = { family: "inet", table: "t" } as const;
const SADDR = { payload: { protocol: "ip", field: "saddr" } } as const;
const DPORT = { payload: { protocol: "tcp", field: "dport" } } as const;

const rule = (...expr: readonly unknown[]) => ({ add: { rule: { ...T, chain: "c", comment: "r", expr } } });

/** Commands with every key that there is. */
const COMMANDS: readonly unknown[] = [
  { add: { table: { family: "inet", name: "t", flags: ["dormant"], comment: "c" } } },
  { flush: { ruleset: { family: "inet" } } },
  {
    add: {
      chain: { ...T, name: "c", type: "filter", hook: "input", prio: 0, dev: ["a"], policy: "drop", comment: "c" },
    },
  },
  {
    add: {
      set: {
        ...T,
        name: "s",
        type: "ipv4_addr",
        flags: ["interval", "timeout"],
        timeout: 60,
        "gc-interval": 10,
        size: 5,
        policy: "memory",
        comment: "c",
        stmt: [{ limit: { rate: 5, per: "minute", burst: 1 } }],
        elem: [
          "10.0.0.1",
          { range: ["10.0.1.1", "10.0.1.9"] },
          { prefix: { addr: "10.2.0.0", len: 16 } },
          {
            elem: {
              val: "10.3.0.1",
              timeout: 5,
              comment: "c",
              counter: { packets: 1, bytes: 2 },
              limit: { rate: 5, rate_unit: "kbytes", per: "day", burst: 1, burst_unit: "mbytes", inv: true },
              quota: { val: 1, val_unit: "mbytes", used: 1, used_unit: "bytes", inv: true },
            },
          },
        ],
      },
    },
  },
  { add: { set: { ...T, name: "s", type: ["ipv4_addr", "inet_service"], elem: [{ concat: ["10.0.0.1", 80] }] } } },
  { add: { map: { ...T, name: "m", type: "ifname", map: "verdict", elem: [["a", { jump: { target: "c" } }]] } } },
  { add: { map: { ...T, name: "m", type: "ifname", map: ["ipv4_addr"], elem: [["a", "10.0.0.1"]] } } },
  { add: { map: { ...T, name: "m", type: "ifname", map: "counter", elem: [["a", "c"]] } } },
  { add: { counter: { ...T, name: "o", packets: 1, bytes: 2, comment: "c" } } },
  { add: { quota: { ...T, name: "o", bytes: 1, used: 1, inv: true } } },
  { add: { limit: { ...T, name: "o", rate: 1, rate_unit: "packets", per: "hour", burst: 1, inv: true } } },
  { add: { "ct helper": { ...T, name: "o", type: "ftp", protocol: "tcp", l3proto: "ip" } } },
  { add: { "ct timeout": { ...T, name: "o", protocol: "tcp", l3proto: "ip", policy: { established: 1 } } } },
  {
    add: { "ct expectation": { ...T, name: "o", protocol: "tcp", l3proto: "ip", dport: 80, timeout: 1, size: 4 } },
  },
  { add: { synproxy: { ...T, name: "o", mss: 1460, wscale: 7, flags: ["timestamp"] } } },
  { add: { flowtable: { ...T, name: "f", hook: "ingress", prio: 0, dev: ["a"], flags: "counter" } } },
  rule({ match: { op: "==", left: { meta: { key: "iifname" } }, right: "lo" } }, { counter: { packets: 1, bytes: 2 } }),
  rule({ limit: { rate: 5, per: "minute", burst: 5 } }, { quota: { val: 5, val_unit: "bytes" } }, { accept: null }),
  rule({ log: { prefix: "p", group: 1, snaplen: 1, "queue-threshold": 1, flags: "all" } }, { log: { level: "info" } }),
  rule({ match: { left: SADDR, right: { prefix: { addr: "10.0.0.0", len: 8 } } } }, { notrack: null }),
  rule({ match: { left: DPORT, right: { set: [22, { range: [80, 90] }] } } }, { reject: { type: "tcp reset" } }),
  rule({ reject: { type: "icmpx", expr: "port-unreachable" } }, { goto: { target: "c" } }),
  rule({ match: { left: { ct: { key: "state" } }, right: ["new", "established"] } }, { "ct helper": "h" }),
  rule({ mangle: { key: { meta: { key: "mark" } }, value: 5 } }, {
    mangle: { key: { ct: { key: "mark" } }, value: 5 },
  }),
  rule({ match: { left: { "&": [{ meta: { key: "mark" } }, 255] }, right: 1 } }),
  rule({ match: { left: { fib: { result: "type", flags: ["daddr"] } }, right: "local" } }),
  rule({ match: { left: { numgen: { mode: "inc", mod: 2, offset: 0 } }, right: 0 } }),
  rule({ match: { left: { concat: [SADDR, DPORT] }, right: "@s" } }),
  rule({ counter: { map: { key: DPORT, data: "@m" } } }),
  rule({ vmap: { key: DPORT, data: { set: [[80, { accept: null }]] } } }, {
    counter: { map: { key: DPORT, data: { set: [[80, "o"]] } } },
  }),
  rule({
    set: { op: "add", elem: { elem: { val: SADDR, timeout: 1 } }, set: "@s", stmt: [{ counter: { packets: 1 } }] },
  }),
  rule({ match: { left: DPORT, right: 80 } }, {
    dnat: { family: "ip", addr: "10.0.0.1", port: 80, flags: ["random"] },
  }),
  rule({ match: { left: DPORT, right: 80 } }, { snat: { addr: { range: ["10.0.0.1", "10.0.0.2"] }, port: 1 } }),
  rule({ dnat: { family: "ip", addr: { map: { key: SADDR, data: { set: [["10.0.0.1", "10.0.0.2"]] } } } } }),
  rule({ match: { left: DPORT, right: 80 } }, { masquerade: { port: { range: [1, 2] }, flags: "random" } }),
  rule({ match: { left: DPORT, right: 80 } }, { redirect: { port: 5353 } }, { flow: { op: "add", flowtable: "@f" } }),
  rule({ counter: "o" }, { quota: "o" }, { limit: "o" }, { synproxy: "o" }, { "ct timeout": "o" }),
];

/** What fits nowhere. */
const WRONG: readonly unknown[] = [
  -1.5,
  NaN,
  2 ** 60,
  -5n,
  "a\0b",
  "\ud800",
  "x".repeat(70_000),
  [[]],
  { nosuch: 1 },
  { toString: null },
  new Uint8Array(1),
  Symbol("s"),
  () => 1,
];

/** Each command with something wrong at each place, another value or a key that there is not, and the place. */
function* mutations(value: unknown, at = ""): Generator<readonly [at: string, mutated: unknown]> {
  for (const wrong of WRONG) {
    yield [`${at} = ${typeof wrong === "object" ? JSON.stringify(wrong) : String(wrong)}`, wrong];
  }
  if (typeof value !== "object" || value === null) return;
  if (Array.isArray(value)) {
    for (const [i, one] of value.entries()) {
      for (const [place, wrong] of mutations(one, `${at}[${i}]`)) yield [place, value.with(i, wrong)];
    }
    return;
  }
  yield [`${at}.nosuch`, { ...value, nosuch: 1 }];
  for (const [key, one] of Object.entries(value)) {
    for (const [place, wrong] of mutations(one, `${at}.${key}`)) yield [place, { ...value, [key]: wrong }];
  }
}

function refusal(command: unknown): string | undefined {
  const compiler = new CommandCompiler(() => undefined);
  try {
    compiler.add(command as Parameters<typeof compiler.add>[0], 7); // as untyped code has it
    return undefined;
  } catch (error) {
    return error instanceof TypeError || error instanceof RangeError ? error.message : `${error}`;
  }
}

describe("CommandCompiler, of what untyped code gives", () => {
  it("takes what is right", () => {
    for (const command of COMMANDS) assertEquals(refusal(command), undefined, JSON.stringify(command));
  });

  it("refuses what is wrong at any place, and says where it stands and what is expected", () => {
    for (const command of COMMANDS) {
      for (const [place, wrong] of mutations(command)) {
        const message = refusal(wrong);
        assert(message !== undefined, `taken: ${place}`);
        assert(/^Cannot use .* (as|of) .*commands\[7\].*expected /s.test(message), `${place}: ${message}`);
      }
    }
  });

  it("refuses a priority that is no s32, a range from high to low, and a translation to nowhere", () => {
    const chain = (prio: unknown) => ({ add: { chain: { ...T, name: "c", type: "filter", hook: "input", prio } } });
    assert(refusal(chain(2 ** 31))?.includes("prio: expected a whole number, -2147483648 to 2147483647"));
    assert(refusal(chain(-(2 ** 31))) === undefined);
    const to = (nat: unknown) => rule({ match: { left: DPORT, right: 80 } }, { dnat: nat });
    assert(refusal(to({ addr: "10.0.0.1", port: { range: [9, 8] } }))?.includes("dnat.port: expected"));
    assert(refusal(to({ family: "ip" }))?.includes("dnat: expected addr, port, or both"));
    assert(
      refusal(to({ addr: "10.0.0.1", prot: 80 }))?.includes('"prot" as a key of commands[7].add.rule.expr[1].dnat'),
    );
  });

  it("refuses the direction of a ct key rather than not to see it", () => {
    const left = { ct: { key: "mark", dir: "original" } };
    assert(refusal(rule({ match: { left, right: 1 } }))?.includes('"dir" as a key of'));
  });
});
