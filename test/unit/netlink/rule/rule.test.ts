import { assertEquals, assertObjectMatch, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { ruleMessage } from "../../../../src/netlink/rule/message.ts";
import { decodeRule } from "../../../../src/netlink/rule/reply.ts";
import { addRuleRequest, deleteRuleRequest } from "../../../../src/netlink/rule/request.ts";
import type { RuleSpec } from "../../../../src/netlink/rule/types.ts";
import { checkTruncated, checkVector } from "../check.ts";
import { RULES } from "./vectors.ts";

describe("ruleMessage", () => {
  it("reads what the kernel and ip wrote, and writes the same bytes", () => {
    for (const vector of Object.values(RULES)) checkVector(ruleMessage, vector, {});
  });

  it("gives a value or a MalformedMessageError for a message that is cut short", () => {
    for (const name of ["marked", "byPorts", "goto", "inverted", "prohibit", "tunnel"] as const) {
      checkTruncated(decodeRule, RULES[name]);
    }
  });
});

describe("decodeRule()", () => {
  it("reads what a newer kernel lists, without the masks that it adds itself", () => {
    const fields = { family: 10, priority: 7, action: "lookup", table: 8, ipproto: 6, protocol: 3 } as const;
    const ports = { dport: [16, 16], dportMask: 0xf0, sport: [5, 5] } as const;
    const given = { ...fields, ...ports, dscp: 4, flowLabel: 4, flowLabelMask: 15 };
    const { body } = addRuleRequest({ ...given, sportMask: 0xffff, dscpMask: 0x3f });
    assertEquals(decodeRule(body), { ...given, not: false, l3mdev: false, flags: 0 });
  });

  const common = { not: false, l3mdev: false, protocol: 0, flags: 0 };

  it("reads selectors and actions", () => {
    assertEquals(decodeRule(RULES.marked.bytes), {
      ...common,
      family: 2,
      priority: 1000,
      action: "lookup",
      table: 100,
      fwmark: 0x10,
      fwmask: 0xff,
    });
    assertObjectMatch(decodeRule(RULES.byPorts.bytes) ?? {}, {
      src: "10.0.0.0/8",
      dst: "10.1.2.3/32",
      ipproto: 6,
      sport: [1000, 2000],
      dport: [80, 80],
      tos: 0x10,
      table: 1000,
    });
    assertObjectMatch(decodeRule(RULES.goto.bytes) ?? {}, { action: "goto", goto: 32766, iif: "v0", oif: "v1" });
    assertObjectMatch(decodeRule(RULES.inverted.bytes) ?? {}, {
      not: true,
      uidrange: [1000, 2000],
      suppressPrefixlength: 0,
      suppressIfgroup: 5,
    });
    assertObjectMatch(decodeRule(RULES.l3mdev.bytes) ?? {}, { l3mdev: true });
    assertObjectMatch(decodeRule(RULES.prohibit.bytes) ?? {}, { family: 10, action: "prohibit", src: "2001:db8::/32" });
    assertObjectMatch(decodeRule(RULES.tunnel.bytes) ?? {}, { tunId: 5n, realm: 3 << 16 | 7, table: 8 });
  });

  it("skips rules of multicast routing", () => {
    const other = RULES.marked.bytes.slice();
    other[0] = 128; // RTNL_FAMILY_IPMR
    assertEquals(decodeRule(other), undefined);
  });
});

describe("addRuleRequest()", () => {
  /** The same but for FRA_PROTOCOL, which this `ip` does not send. */
  const same = (spec: RuleSpec, name: keyof typeof RULES): void =>
    assertEquals(
      ruleMessage.decode(addRuleRequest(spec).body),
      ((message) => ({ ...message, attributes: { ...message.attributes, protocol: 3 } }))(
        ruleMessage.decode(RULES[name].bytes),
      ),
      RULES[name].command,
    );

  it("writes what ip writes", () => {
    same({ fwmark: 0x10, fwmask: 0xff, table: 100, priority: 1000 }, "addMarked");
    const ends = { src: "10.0.0.0/8", dst: "10.1.2.3" };
    same({ ...ends, ipproto: 6, sport: [1000, 2000], dport: 80, tos: 0x10, table: 1000, priority: 1001 }, "addByPorts");
    same({ iif: "v0", oif: { name: "v1" }, goto: 32766, priority: 1002 }, "addGoto");
    same({
      not: true,
      src: "10.0.0.0/24",
      uidrange: [1000, 2000],
      table: 7,
      suppressPrefixlength: 0,
      suppressIfgroup: 5,
      priority: 1003,
    }, "addNot");
    same({ l3mdev: true, priority: 1004 }, "addL3mdev");
    same({ src: "2001:db8::/32", action: "prohibit", priority: 1005 }, "addProhibit");
    same({ tunId: 5n, table: 8, realm: 3 << 16 | 7, priority: 1006 }, "addTunnel");
    assertEquals(
      ruleMessage.decode(deleteRuleRequest({ fwmark: 0x10, fwmask: 0xff, table: 100, priority: 1000 }).body),
      ruleMessage.decode(RULES.remove.bytes),
    );
  });

  it("refuses what is no range, no link and no field of a rule", () => {
    const wrong: readonly (readonly [spec: object, text: string])[] = [
      [{ sport: [1] }, "expected a number or [from, to]"],
      [{ iif: 1 }, "expected a name, { name } or { index }"],
      [{ oif: { index: 1 } }, "expected a name in a batch"],
      [{ from: "10.0.0.0/8" }, '"from"'],
      [{ src: "10.0.0.0/40" }, "as a prefix"],
    ];
    for (const [spec, text] of wrong) assertThrows(() => addRuleRequest(spec), TypeError, text);
  });
});
