import { describe, it } from "@std/testing/bdd";
import { assert, assertEquals } from "@std/assert";
import { checkConfig, faults } from "./faults.ts";

const route = (fields: Record<string, unknown>): Record<string, unknown> => ({
  name: "r",
  interface: "eth0",
  ...fields,
});
const read = (fields: Record<string, unknown>): unknown => checkConfig({ routes: [route(fields)] }).routes[0];
const one = (fields: Record<string, unknown>, path: string, expected = ""): void => {
  const found = faults({ routes: [route(fields)] });
  const start = `routes[0].${path}: ${expected}`;
  assert(found.length === 1 && found[0]?.startsWith(start), `${JSON.stringify(fields)}: ${found}`);
};

describe("routeSchema", () => {
  it("reads every field, camelCase and snake_case", () => {
    const expected = {
      name: "r",
      default: false,
      namespace: { type: 2, name: "blue" },
      interface: "eth0",
      description: "d",
      scope: { type: "SITE" },
      dstIpAddr: "10.2.0.0/16",
      srcIpAddr: "10.1.0.1",
      gwAddr: "10.1.0.2",
      metric: 10,
      table: 1000,
    };
    const rest = { namespace: "blue", description: "d", metric: 10, table: "1000" };
    assertEquals(
      read({ ...rest, scope: { type: 1 }, dstIpAddr: "10.2.0.0/16", srcIpAddr: "10.1.0.1", gwAddr: "10.1.0.2" }),
      expected,
    );
    assertEquals(
      read({ ...rest, scope: "SITE", dst_ip_addr: "10.2.0.0/16", src_ip_addr: "10.1.0.1", gw_addr: "10.1.0.2" }),
      expected,
    );
  });

  it("reads a default route in the family of its gateway", () => {
    const base = { name: "r", interface: "eth0", default: true };
    assertEquals(read({ default: true, gwAddr: "10.0.0.1" }), { ...base, dstIpAddr: "0.0.0.0/0", gwAddr: "10.0.0.1" });
    const across = { dstIpAddr: "10.2.0.0/16", gwAddr: "fd00::1" };
    assertEquals(read(across), { ...base, ...across, default: false });
    assertEquals(read({ default: true, gwAddr: "fd00::1" }), { ...base, dstIpAddr: "::/0", gwAddr: "fd00::1" });
    assertEquals(read({ default: true }), { ...base, dstIpAddr: "0.0.0.0/0" });
    assertEquals(read({ dstIpAddr: "::/0" }), { ...base, dstIpAddr: "::/0" });
  });

  it("reads types, next hops and an MTU", () => {
    const base = { name: "r", default: false, dstIpAddr: "10.9.0.0/16" };
    const withoutLink = (fields: Record<string, unknown>): unknown =>
      checkConfig({ routes: [{ name: "r", dstIpAddr: "10.9.0.0/16", ...fields }] }).routes[0];
    assertEquals(withoutLink({ type: 1 }), { ...base, type: "BLACKHOLE" });
    assertEquals(withoutLink({ type: "LOCAL" }), { ...base, type: "LOCAL" });
    assertEquals(withoutLink({ type: "UNICAST", gwAddr: "10.0.0.1", onLink: false }), { ...base, gwAddr: "10.0.0.1" });
    const nextHops = [{ gwAddr: "10.0.0.1", weight: 2 }, { interface: "eth1" }];
    assertEquals(withoutLink({ nextHops, mtu: 1400 }), { ...base, nextHops, mtu: 1400 });
    assertEquals(withoutLink({ gwAddr: "10.0.0.1", interface: "eth0", onLink: true }), {
      ...base,
      interface: "eth0",
      gwAddr: "10.0.0.1",
      onLink: true,
    });
  });

  it("refuses a way that its type cannot have, or none", () => {
    const dstIpAddr = "10.9.0.0/16";
    one({ dstIpAddr, type: "BLACKHOLE" }, "interface", "no interface in a route of type BLACKHOLE");
    one({ dstIpAddr, type: "LOCAL", gwAddr: "10.0.0.1" }, "gwAddr", "no gwAddr in a route of type LOCAL");
    one({ dstIpAddr, nextHops: [{ gwAddr: "10.0.0.1" }] }, "interface", "no interface beside nextHops");
    one({ dstIpAddr, interface: undefined }, "interface", "an interface, a gwAddr, nextHops, or another type");
    one({ dstIpAddr, onLink: true }, "onLink", "a gwAddr beside it");
    one({ dstIpAddr, interface: undefined, gwAddr: "10.0.0.1", onLink: true }, "onLink", "the interface beside it");
    one({ dstIpAddr, interface: undefined, nextHops: [] }, "nextHops", "1 to 256");
    one({ dstIpAddr, interface: undefined, nextHops: [{}] }, "nextHops[0].gwAddr", "a gateway, an interface");
    const six = { dstIpAddr: "fd09::/32", interface: undefined };
    one({ ...six, nextHops: [{ gwAddr: "10.0.0.1" }] }, "nextHops", "IPv6 addresses");
    one({ dstIpAddr, interface: undefined, nextHops: [{ interface: "a", weight: 0 }] }, "nextHops[0].weight");
  });

  it("refuses a destination that is none, and names the network that was meant", () => {
    for (const dstIpAddr of ["10.2.0.0", "10.2.0.0/x", "ten/8", "10.2.0.0/33", "", 10]) one({ dstIpAddr }, "dstIpAddr");
    one({ dstIpAddr: "10.2.3.4/16" }, "dstIpAddr", "a network without bits beyond its prefix, here 10.2.0.0/16");
    one({ dstIpAddr: "fd00:1:2::5/33" }, "dstIpAddr", "a network without bits beyond its prefix, here fd00:1::/33");
    one({}, "dstIpAddr");
    one({ default: false }, "dstIpAddr");
    one({ default: true, dstIpAddr: "10.0.0.0/8" }, "dstIpAddr");
  });

  it("refuses addresses of another family, a group, or with a prefix", () => {
    one({ dstIpAddr: "fd09::/32", gwAddr: "10.0.0.1" }, "gwAddr", "an IPv6 address");
    one({ dstIpAddr: "fd00::/16", srcIpAddr: "10.0.0.1" }, "srcIpAddr", "an IPv6 address");
    for (const gwAddr of ["10.0.0.1/24", "224.0.0.1", "0.0.0.0", "nowhere"]) {
      one({ dstIpAddr: "10.2.0.0/16", gwAddr }, "gwAddr");
    }
  });

  it("refuses a scope that the kernel would not take", () => {
    one({ dstIpAddr: "fd00::/16", scope: "LINK" }, "scope");
    one({ dstIpAddr: "10.2.0.0/16", gwAddr: "10.0.0.1", scope: { type: "HOST" } }, "scope");
    one({ dstIpAddr: "10.2.0.0/16", scope: { type: "WORLD" } }, "scope.type");
    one({ dstIpAddr: "10.2.0.0/16", scope: 9 }, "scope");
    assertEquals(faults({ routes: [route({ dstIpAddr: "10.2.0.0/16", scope: "LINK" })] }), []);
    assertEquals(faults({ routes: [route({ dstIpAddr: "fd00::/16", scope: { type: 0 } })] }), []);
  });

  it("refuses numbers out of range", () => {
    for (const metric of [-1, 4_294_967_296, 0.5, "x"]) one({ dstIpAddr: "10.2.0.0/16", metric }, "metric");
    one({ dstIpAddr: "10.2.0.0/16", table: -1 }, "table");
  });
});
