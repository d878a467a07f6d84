import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import { ConfigError, type NetworkConfigInput, type NftCommand, type NftObject } from "@netns/netns";

import { PAIR } from "../../support/topologies.ts";
import { assertSameTraces, describeAsRoot, traces } from "../support/traces.ts";
import { Scratch } from "./scratch.ts";

const FILTERS: NetworkConfigInput = {
  ...PAIR,
  nat: [
    { name: "home", out: "left", source: "10.0.0.0/8", random: true },
    { name: "all", namespace: "blue", out: "wan0" },
  ],
  forwards: [
    { name: "web", in: "left", protocol: "tcp", port: 8080, to: "10.0.0.2:80" },
    { name: "six", in: "left", protocol: "udp", port: "8000-8010", to: "fd00::2" },
  ],
  firewall: [
    {
      name: "kill",
      namespace: "green",
      out: "drop",
      in: "drop",
      except: [
        { out: "tun0" },
        { out: "right", protocol: "udp", port: "500-501", destination: "192.0.2.0/25" },
        { state: ["established", "related"] },
        { protocol: "icmp", source: "0.0.0.0/0" },
        { protocol: "icmpv6" },
      ],
    },
    { name: "through", namespace: "green", forward: "accept", except: [{ in: "right", source: "fd00::9" }] },
  ],
};

/** A table of somebody else that drops everything. */
const FOREIGN: NftCommand[] = [
  { add: { table: { family: "ip", name: "filter" } } },
  {
    add: {
      chain: {
        ...{ family: "ip", table: "filter", name: "FORWARD" },
        ...{ type: "filter", hook: "forward", prio: 0, policy: "drop" },
      },
    },
  },
  {
    add: {
      rule: {
        ...{ family: "ip", table: "filter", chain: "FORWARD" },
        expr: [{ match: { left: { meta: { key: "mark" } }, right: 7 } }, { counter: null }, { accept: null }],
      },
    },
  },
];

/** The rulesets of the namespaces. */
const rulesets = (scratch: Scratch): NftObject[][] =>
  ["blue", "green"].map((name) =>
    scratch.in(name, (_, ns) => {
      using nftables = ns.nftables();
      return nftables.list();
    })
  );
const change = (scratch: Scratch, name: string, commands: readonly NftCommand[]): void =>
  scratch.in(name, (_, ns) => {
    using nftables = ns.nftables();
    nftables.apply(commands);
  });
const foreign = (scratch: Scratch): string =>
  JSON.stringify(rulesets(scratch).flat().filter((one) => !JSON.stringify(one).includes(`netns-`)));

describeAsRoot("Configurator: nat, forwards, firewall", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertSameTraces(start));

  it("makes one table for each namespace beside those of others, and takes it away", async () => {
    using scratch = new Scratch();
    for (const name of ["blue", "green"]) {
      scratch.make(name);
      change(scratch, name, FOREIGN);
    }
    const others = foreign(scratch);
    const report = await scratch.apply(FILTERS);
    assertEquals(report.failed, []);
    const table = `netns-${scratch.config({}).name}`;
    assertEquals(report.lines.filter((line) => line.includes("table")), [
      `rules of blue: create the table inet ${table} in blue: nat home, nat all, forward web, forward six`,
      `rules of green: create the table inet ${table} in green: firewall kill, firewall through`,
    ]);
    const [blue = [], green = []] = rulesets(scratch);
    const rules = (list: NftObject[]): unknown[] => (
      list.flatMap((one) => "rule" in one && one.rule.table === table ? [[one.rule.chain, one.rule.expr.length]] : [])
    );
    assertEquals(rules(blue).length + rules(green).length, 4 + 6 + 8 + 1, JSON.stringify([blue, green]));
    assertEquals(foreign(scratch), others);
    const again = await scratch.apply(FILTERS);
    assertEquals([again.lines, again.pending, again.failed], [[], [], []]);
    assertEquals(again.unchanged, 4 + 6);
    assertEquals((await scratch.destroy(FILTERS)).failed, []);
    assertEquals(foreign(scratch), others);
    assertEquals(JSON.stringify(rulesets(scratch)).includes(table), false);
  });

  it("mends what somebody deleted, replaces what changed, and removes what is no longer described", async () => {
    using scratch = new Scratch();
    const one = { ...PAIR, nat: FILTERS.nat };
    await scratch.apply(one);
    const table = `netns-${scratch.config({}).name}`;
    const of = { family: "inet", table } as const;
    const ours = (): readonly NftObject[] => rulesets(scratch)[0] ?? [];
    const text = (): string => JSON.stringify(ours(), (key, value) => key === "handle" ? undefined : value);
    const before = text();
    const handle = ours().flatMap((one) => "rule" in one ? [one.rule.handle] : [])[0];
    change(scratch, "blue", [{ delete: { rule: { ...of, chain: "postrouting", handle } } }]);
    const mended = `rules of blue: replace the table inet ${table} in blue: nat home, nat all`;
    assertEquals((await scratch.apply(one)).lines, [mended]);
    assertEquals(text(), before);
    for (
      const harm of [
        { add: { chain: { ...of, name: "more" } } },
        { add: { rule: { ...of, chain: "postrouting", expr: [{ counter: null }] } } },
        { add: { set: { ...of, name: "s", type: "mark" } } },
      ] satisfies NftCommand[]
    ) {
      change(scratch, "blue", [harm]);
      assertEquals((await scratch.apply(one)).lines, [mended], JSON.stringify(harm));
      assertEquals(text(), before);
    }
    change(scratch, "blue", [{ delete: { table: { family: "inet", name: table } } }]);
    assertEquals((await scratch.apply(one)).lines, [mended.replace("replace", "create")]);
    const renamed = { ...one, nat: [{ name: "other", out: "left" }] };
    assertEquals((await scratch.apply(renamed)).lines, [mended.replace("nat home, nat all", "nat other")]);
    assertEquals((await scratch.apply(PAIR)).lines, [`rules of blue: delete the table inet ${table} in blue`]);
    assertEquals(ours(), []);
    await scratch.destroy(PAIR);
  });

  it("refuses a table of its name that somebody else made, and leaves it", async () => {
    using scratch = new Scratch();
    scratch.make("blue");
    scratch.make("green");
    const table = `netns-${scratch.config({}).name}`;
    change(scratch, "blue", [{ add: { table: { family: "inet", name: table, comment: "of me" } } }]);
    const before = rulesets(scratch);
    const report = await scratch.apply({ ...PAIR, nat: FILTERS.nat });
    assertEquals(report.failed.map(({ item, owner }) => [item, owner]), [["nat home", null], ["nat all", null]]);
    assertMatch(
      report.failed[0]?.reason ?? "",
      /^the table inet netns-.* in blue is not this .*its comment is "of me"$/,
    );
    assertEquals(rulesets(scratch), before);
    await scratch.destroy(PAIR);
    assertEquals(rulesets(scratch), before);
    // One that somebody made in the place of its own is somebody else's, too.
    change(scratch, "blue", [{ delete: { table: { family: "inet", name: table } } }]);
    await scratch.apply({ ...PAIR, nat: FILTERS.nat });
    change(scratch, "blue", [
      { delete: { table: { family: "inet", name: table } } },
      { add: { table: { family: "inet", name: table } } },
    ]);
    const replaced = rulesets(scratch);
    assertEquals((await scratch.apply({ ...PAIR, nat: FILTERS.nat })).failed.length, 2);
    await scratch.destroy(PAIR);
    assertEquals(rulesets(scratch), replaced);
  });

  it("takes back with --atomic what it made, replaced and deleted", async () => {
    using scratch = new Scratch();
    const first = { ...PAIR, nat: FILTERS.nat, firewall: FILTERS.firewall };
    await scratch.apply(first);
    const text = (): string => JSON.stringify(rulesets(scratch), (key, value) => key === "handle" ? undefined : value);
    const before = text();
    const [left, right] = PAIR.interfaces;
    assert(left !== undefined && right !== undefined);
    const second = {
      ...PAIR,
      interfaces: [{ ...left, ipAddresses: ["::1/128"] }, right],
      nat: [{ name: "other", out: "left" }],
    };
    const report = await scratch.apply(second, { atomic: true });
    assertEquals(report.failed.map(({ item }) => item), ["interface left"], JSON.stringify(report));
    assertEquals(text(), before);
    assertEquals((await scratch.apply(first)).lines, []);
    await scratch.destroy(first);
  });

  it("waits with a process or a container that is not there, and refuses one namespace in two ways", async () => {
    using scratch = new Scratch();
    const away = { firewall: [{ name: "w", namespace: "MICROSERVICE:away", out: "drop" as const }] };
    assertEquals((await scratch.apply(away)).pending.map(({ item }) => item), ["firewall w"]);
    scratch.make("blue");
    const twice = ["blue", `FILE:/run/netns/${scratch.name("blue")}`].map((namespace, i) => (
      { name: `w${i}`, namespace, out: "drop" as const }
    ));
    const error = await assertRejects(() => scratch.apply({ firewall: twice }), ConfigError);
    assertEquals(error.issues.map(({ path }) => path), ["firewall[1] (w1)"]);
  });
});
