import { describe, it } from "@std/testing/bdd";
import { assert, assertEquals } from "@std/assert";
import { checkConfig, faults } from "./faults.ts";

const read = (fields: Record<string, unknown>): unknown =>
  checkConfig({ rules: [{ name: "r", ...fields }] }).rules?.[0];
const one = (fields: Record<string, unknown>, path: string, expected = ""): void => {
  const found = faults({ rules: [{ name: "r", ...fields }] });
  assert(found.length === 1 && found[0]?.startsWith(`rules[0].${path}: ${expected}`), found.join("\n"));
};

describe("ruleSchema", () => {
  it("reads every field", () => {
    const fields = { fwMark: 7, iif: "eth0", oif: "eth1", table: 100, priority: 50 };
    assertEquals(read({ ...fields, namespace: "a", from: "fd00::/16", to: "FD01::1", uidRange: "5", action: 0 }), {
      ...fields,
      name: "r",
      namespace: { type: 2, name: "a" },
      ipFamily: "IPV6",
      from: "fd00::/16",
      to: "fd01::1/128",
      uidRange: "5-5",
    });
    assertEquals(read({ uid_range: 7, ip_family: 1, action: "PROHIBIT" }), {
      name: "r",
      ipFamily: "IPV6",
      uidRange: "7-7",
      action: "PROHIBIT",
    });
    assertEquals(read({ not: true, fwMark: 7, fwMask: 15, protocol: "tcp", sourcePort: "5-9", destinationPort: 80 }), {
      ...{ name: "r", ipFamily: "IPV4", not: true, fwMark: 7, fwMask: 15, protocol: "tcp", sourcePort: "5-9" },
      destinationPort: 80,
    });
    assertEquals(read({ not: false, suppress_prefixlength: 0 }), {
      name: "r",
      ipFamily: "IPV4",
      suppressPrefixlength: 0,
    });
    assertEquals(read({}), { name: "r", ipFamily: "IPV4" });
  });

  it("says what is wrong", () => {
    one({ from: "10.0.0.1/8" }, "from");
    one({ from: "10.0.0.0/8", to: "fd00::1" }, "to", "an IPv4 network");
    one({ from: "10.0.0.0/8", ipFamily: "IPV6" }, "ipFamily", "IPV4");
    one({ uidRange: "9-5" }, "uidRange");
    one({ action: "THROW" }, "action");
    one({ action: "BLACKHOLE", table: 7 }, "table", "no table");
    one({ action: "BLACKHOLE", suppressPrefixlength: 0 }, "suppressPrefixlength", "no suppressPrefixlength");
    one({ fwMask: 7 }, "fwMask", "the fwMark beside it");
    one({ protocol: "ip" }, "protocol", "tcp, udp");
    one({ destinationPort: "9-5" }, "destinationPort");
    one({ priority: 32766 }, "priority");
    const twice = faults({ rules: [{ name: "a", table: 5 }, { name: "b", table: 5 }] });
    assert(twice.length === 1 && twice[0]?.includes("rules[0] has the same"), twice.join("\n"));
    assertEquals(faults({ rules: [{ name: "a", table: 5 }, { name: "b", table: 5, namespace: "x" }] }), []);
  });

  it("names links by the names of interfaces, or by host names", () => {
    const interfaces = [
      { name: "inner link", type: "DUMMY", namespace: "a", hostIfName: "eth0" },
      { name: "other", type: "DUMMY", namespace: "b", hostIfName: "eth1" },
    ];
    const found = (...rules: Record<string, unknown>[]): string[] =>
      faults({ interfaces, rules: rules.map((one, i) => ({ name: `r${i}`, namespace: "a", ...one })) });
    assertEquals(found({ iif: "inner link" }, { oif: "inner link" }, { iif: "other" }, { iif: "eth7" }), []);
    const expected = "an interface of the file in the same namespace, or a name of 1 to 15 bytes";
    for (const fields of [{ oif: "inner link", namespace: "b" }, { oif: "inner link", namespace: undefined }]) {
      const [fault] = found(fields);
      assert(fault?.startsWith(`rules[0].oif: ${expected}`), fault);
    }
    assert(found({ iif: "no such/link" })[0]?.startsWith(`rules[0].iif: ${expected}`));
    assert(found({ iif: "inner link" }, { iif: "eth0" })[0]?.includes("rules[0] has the same"));
  });

  it("refuses two rules that mean the same, however that is written", () => {
    const both = (a: Record<string, unknown>, b: Record<string, unknown>): string[] =>
      faults({ rules: [{ name: "a", ...a }, { name: "b", ...b }] });
    const same: readonly (readonly [Record<string, unknown>, Record<string, unknown>])[] = [
      [{ from: "10.0.0.0/8" }, { from: "10.0.0.0/8", table: 254 }],
      [{ fwMark: 7 }, { fwMark: 7, action: "UNICAST", table: 254 }],
      [{ fwMark: 7, from: "0.0.0.0/0" }, { fwMark: 7 }],
      [{ to: "::/0", priority: 5 }, { ipFamily: "IPV6", from: "::/0", priority: 5, table: 254 }],
      [{ from: "10.0.0.1", uidRange: 5 }, { from: "10.0.0.1/32", uidRange: "5-5" }],
    ];
    for (const [a, b] of same) {
      const found = both(a, b);
      assert(found.length === 1 && found[0]?.includes("rules[0] has the same"), JSON.stringify([a, b, found]));
    }
    assertEquals(both({ fwMark: 7 }, { fwMark: 7, table: 253 }), []);
    assertEquals(both({ to: "0.0.0.0/0" }, { to: "::/0" }), []);
    assertEquals(both({ fwMark: 7, action: "BLACKHOLE" }, { fwMark: 7 }), []);
  });
});
