import { assert, assertEquals, assertObjectMatch, assertThrows } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import type { Rule, RuleSpec } from "@netns/netns";
import { describeAsRoot, traces } from "../../support/traces.ts";
import { refusal, scratch } from "../support.ts";

const AF_INET = 2;
const AF_INET6 = 10;

describeAsRoot("Netlink.addRule(), deleteRule(), listRules()", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertEquals(traces(), start));

  it("lists the kernel's own", () => {
    using here = scratch();
    const found = here.netlink.listRules({ family: AF_INET });
    assertEquals(found.map(({ priority, table }) => [priority, table]), [[0, 255], [32766, 254], [32767, 253]]);
    assert(found.every(({ action, protocol }) => action === "lookup" && protocol === 2));
    assert(here.netlink.listRules({ family: AF_INET6 }).every(({ family }) => family === AF_INET6));
    assertEquals(here.netlink.listRules({ table: 254, family: AF_INET }).map(({ priority }) => priority), [32766]);
  });

  it("adds each selector and action, and deletes what was listed", () => {
    using here = scratch();
    const specs: readonly RuleSpec[] = [
      { src: "10.0.0.0/8", table: 100 },
      { dst: "10.1.2.3/32", table: 100_000 },
      { iif: "lo", table: 100 },
      { oif: "absent", table: 100 },
      { fwmark: 1, table: 100 },
      { fwmark: 0x10, fwmask: 0xf0, table: 100 },
      { tos: 0x10, table: 100 },
      { ipproto: 6, sport: [1000, 2000], table: 100 },
      { ipproto: 17, dport: [53, 53], table: 100 },
      { uidrange: [1000, 2000], table: 100 },
      { tunId: 5n, table: 100 },
      { table: 100, suppressPrefixlength: 0 },
      { table: 100, suppressIfgroup: 5 },
      { l3mdev: true },
      { not: true, src: "10.0.0.0/8", table: 100 },
      { src: "10.0.0.0/8", action: "prohibit" },
      { src: "10.0.0.0/8", action: "unreachable" },
      { src: "10.0.0.0/8", action: "blackhole" },
      { action: "nop", fwmark: 3 },
      { goto: 32766, fwmark: 4 },
      { src: "10.0.0.0/8", table: 100, realm: 3 << 16 | 7 },
      { src: "2001:db8::/32", table: 100 },
      { family: AF_INET6, fwmark: 7, table: 100 },
    ];
    specs.forEach((spec, i) => here.netlink.addRule({ ...spec, priority: 1000 + i }));
    const listed = (): Rule[] => here.netlink.listRules().filter(({ protocol }) => protocol === 3);
    const all = listed();
    assertEquals(all.length, specs.length);
    specs.forEach((spec, i) => {
      const rule = all.find(({ priority }) => priority === 1000 + i);
      const { goto: _, ...fields } = spec;
      assertObjectMatch(rule ?? {}, fields);
    });
    for (const rule of all) {
      assertEquals(refusal(() => here.netlink.addRule(rule)).code, "EEXIST");
      here.netlink.deleteRule(rule);
      assertEquals(listed(), all.filter((one) => one !== rule));
      here.netlink.addRule(rule);
      assertEquals(listed(), all);
    }
  });

  it("has the kernel choose a priority before those that there are", () => {
    using here = scratch();
    here.netlink.addRule({ fwmark: 1, table: 7 });
    assertObjectMatch(here.netlink.listRules({ family: AF_INET, table: 7 })[0] ?? {}, { priority: 32765, fwmark: 1 });
    here.netlink.deleteRule({ fwmark: 1 });
    assertEquals(refusal(() => here.netlink.deleteRule({ fwmark: 1 })).code, "ENOENT");
  });

  it("takes a link by its index, or as it was listed, and keeps its name", () => {
    using here = scratch();
    const { netlink } = here;
    netlink.addRule({ iif: { index: 1 }, oif: netlink.getLink("lo"), table: 7 });
    assertObjectMatch(netlink.listRules({ family: AF_INET, table: 7 })[0] ?? {}, { iif: "lo", oif: "lo" });
    netlink.deleteRule({ iif: { index: 1 } });
    assertEquals(netlink.listRules({ table: 7 }), []);
    assertEquals(refusal(() => netlink.addRule({ iif: { index: 4711 } })).code, "ENODEV");
    assertThrows(() => netlink.batch((batch) => batch.addRule({ iif: { index: 1 } })), TypeError, "in a batch");
  });

  it("goes with others in a batch", () => {
    using here = scratch();
    const results = here.netlink.tryBatch((batch) => {
      batch.addRule({ fwmark: 1, table: 7, priority: 5 });
      batch.addRule({ fwmark: 1, table: 7, priority: 5 });
      batch.deleteRule({ priority: 5 });
    });
    assertEquals(results.map((error) => error?.code), [undefined, "EEXIST", undefined]);
    assertEquals(results[1]?.request, "RTM_NEWRULE priority 5");
  });
});
