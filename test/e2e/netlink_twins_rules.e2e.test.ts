/** Rules of one priority that differ in one field: what was listed names exactly one of them. */
import { assertEquals } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import { execFileSync } from "node:child_process";
import type { NsHandle, Rule } from "@netns/netns";
import { describeAsRoot, traces } from "../integration/support/traces.ts";
import { refusal, scratch, type ScratchNamespace } from "../integration/netlink/support.ts";

/** Each asks for all that the one before it asks for, or for something else: the kernel takes most for each other. */
const SELECTORS = [
  "table 100",
  "fwmark 1 table 100",
  "fwmark 1/0xf table 100",
  "fwmark 0/0xf table 100",
  "fwmark 2 table 100",
  "fwmark 1 uidrange 7-8 table 100",
  "uidrange 7-9 table 100",
  "ipproto tcp table 100",
  "ipproto tcp dport 80 table 100",
  "ipproto tcp dport 80-90 table 100",
  "ipproto tcp sport 80 table 100",
  "ipproto udp dport 80 table 100",
  "tos 0x10 table 100",
  "tos 0x08 table 100",
  "iif lo table 100",
  "iif absent table 100",
  "oif absent table 100",
  "iif lo fwmark 1 table 100",
  "tun_id 5 table 100",
  "table 100 suppress_prefixlength 0",
  "table 100 suppress_prefixlength 8",
  "table 100 suppress_ifgroup 5",
  "table 100000",
  "table 100 protocol static",
  "fwmark 1 table 100 protocol static",
  "l3mdev",
  "goto 32766",
  "fwmark 1 goto 32766",
  "nop",
  "prohibit",
  "blackhole",
];
const NETWORKS4 = ["from 10.0.0.0/8 table 100", "from 10.0.0.0/16 table 100", "to 10.0.0.0/8 table 100"];
const NETWORKS6 = ["from 2001:db8::/32 table 100", "from 2001:db8::/48 table 100", "to 2001:db8::/32 table 100"];
const REALMS4 = ["table 100 realms 3/7", "table 100 realms 7"];
const INVERTED = ["not from all fwmark 9 table 100", "not from all iif lo table 101"];

function ip(ns: NsHandle, args: readonly string[], input = ""): string {
  return ns.run(() => execFileSync("ip", args, { encoding: "utf8", input, stdio: ["pipe", "pipe", "pipe"] }));
}

/** The rules that the tests made, in the kernel's order. */
function made({ netlink }: ScratchNamespace): Rule[] {
  return netlink.listRules().filter(({ priority }) => priority === 1000);
}

/** What `ip` shows of them, in no order: what is added again comes last. */
function shown(ns: NsHandle): string[] {
  return ["-4", "-6"].flatMap((family) => {
    const all: readonly { readonly priority: number }[] = JSON.parse(ip(ns, [family, "-N", "-d", "-j", "rule"]));
    return all.filter(({ priority }) => priority === 1000).map((rule) => family + JSON.stringify(rule));
  }).sort();
}

describeAsRoot("a listed rule among its twins", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertEquals(traces(), start));

  it("is the one that is deleted, and comes back the same, in whatever order they are", () => {
    using here = scratch();
    const add = (family: string, selectors: readonly string[]): void => {
      ip(here.ns, [family, "-batch", "-"], selectors.map((one) => `rule add ${one} priority 1000`).join("\n"));
    };
    add("-4", [...SELECTORS, ...NETWORKS4, ...REALMS4, ...INVERTED]);
    add("-6", [...SELECTORS, ...NETWORKS6, ...INVERTED]);
    const all = shown(here.ns);
    assertEquals(all.length, 74);
    for (let pass = 0; pass < 2; pass++) {
      // From the last on, as each comes back behind the others: the order is then the opposite.
      const rules = made(here).reverse();
      assertEquals(rules.length, 74);
      for (const rule of rules) {
        const before = made(here);
        here.netlink.deleteRule(rule);
        const text = JSON.stringify(rule, bigints);
        assertEquals(made(here), before.filter((one) => JSON.stringify(one, bigints) !== text), `deleting ${text}`);
        here.netlink.addRule(rule);
      }
      assertEquals(shown(here.ns), all, "each was added as it was listed");
    }
  });

  it("is distinguished from one that is inverted, or that goes on elsewhere, by which the kernel knows none", () => {
    using here = scratch();
    const rule = { family: 2, priority: 1000, fwmark: 1, action: "goto", goto: 32766 } as const;
    here.netlink.addRule({ ...rule, not: true });
    here.netlink.batch((batch) => {
      batch.addRule({ ...rule, fwmark: 2 });
      batch.addRule({ ...rule, goto: 32767, fwmark: 3 });
    });
    const [inverted, second, third] = made(here);
    if (inverted === undefined || second === undefined || third === undefined) throw new Error("a rule is missing");
    // Neither is there: the kernel would take the first and the last for them.
    assertEquals(refusal(() => here.netlink.deleteRule({ ...inverted, not: false })).code, "ENOENT");
    assertEquals(refusal(() => here.netlink.deleteRule({ ...third, goto: 32766 })).code, "ENOENT");
    assertEquals(made(here), [inverted, second, third]);
    here.netlink.deleteRule(third);
    assertEquals(made(here), [inverted, second]);
  });
});

function bigints(_: string, value: unknown): unknown {
  return typeof value === "bigint" ? `${value}` : value;
}
