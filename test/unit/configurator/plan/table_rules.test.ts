import { assertEquals, assertNotEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { describedTable, tableComment, tableText } from "../../../../src/configurator/plan/table_rules.ts";
import type { Firewall } from "../../../../src/models/firewall.ts";
import type { NftObject } from "../../../../src/netlink/nftables/types.ts";

const NOTHING = { nat: [], forwards: [], firewall: [], uplinks: [], hostNameOf: (link: string) => `${link}-host` };
const rules = (objects: readonly NftObject[]): string[] =>
  objects.flatMap((one) => "rule" in one ? [`${one.rule.chain}: ${JSON.stringify(one.rule.expr)}`] : []);
const FILTER: Firewall = { name: "w", namespace: { type: 2, name: "blue" }, except: [] };

describe("describedTable()", () => {
  it("has only the chains that are needed", () => {
    assertEquals(describedTable("lab", NOTHING), { name: "netns-lab", comment: "made by netns for lab", objects: [] });
    const { objects } = describedTable(undefined, { ...NOTHING, firewall: [{ ...FILTER, forward: "drop" }] });
    const of = { family: "inet", table: "netns" } as const;
    assertEquals(objects, [
      { chain: { ...of, name: "forward", type: "filter", hook: "forward", prio: 0, policy: "drop" } },
    ]);
  });

  it("excepts from accept what is to be dropped, by host names", () => {
    const firewall: Firewall[] = [{ ...FILTER, in: "accept", except: [{ in: "left", protocol: "tcp", port: 22 }] }];
    assertEquals(rules(describedTable("lab", { ...NOTHING, firewall }).objects), [
      'input: [{"match":{"op":"==","left":{"meta":{"key":"iifname"}},"right":"lo"}},{"accept":null}]',
      'input: [{"match":{"op":"==","left":{"meta":{"key":"iifname"}},"right":"left-host"}},' +
      '{"match":{"op":"==","left":{"payload":{"protocol":"tcp","field":"dport"}},"right":22}},{"drop":null}]',
    ]);
  });
});

describe("tableComment()", () => {
  it("cuts a long name between two characters", () => {
    const comment = tableComment("é".repeat(100));
    assertEquals(comment, `made by netns for ${"é".repeat(54)}`);
  });
});

describe("tableText()", () => {
  it("is equal for one table in two forms, and differs with a rule, a chain, a set", () => {
    const nat = [{ item: { name: "n", out: "eth0", source: "10.0.0.1/32", random: false }, link: "eth0" }];
    const { objects } = describedTable("lab", { ...NOTHING, nat });
    const text = tableText(objects);
    const listed = JSON.parse(JSON.stringify(objects).replace('{"prefix":{"addr":"10.0.0.1","len":32}}', '"10.0.0.1"'));
    assertEquals(tableText([{ table: { family: "inet", name: "netns-lab", handle: 7 } }, ...listed]), text);
    assertNotEquals(tableText(objects.slice(0, 1)), text);
    assertNotEquals(tableText([...objects, { chain: { family: "inet", table: "netns-lab", name: "more" } }]), text);
    const set = { family: "inet", table: "netns-lab", name: "s", type: "mark" } as const;
    assertNotEquals(tableText([...objects, { set }]), text);
    const dormant = { table: { family: "inet", name: "netns-lab", flags: "dormant" } } as const;
    assertNotEquals(tableText([dormant, ...objects]), text);
    const changed: NftObject[] = JSON.parse(JSON.stringify(objects).replace("eth0", "eth1"));
    assertNotEquals(tableText(changed), text);
  });
});
