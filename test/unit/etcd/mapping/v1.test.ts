import { describe, it } from "@std/testing/bdd";
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { itemsOf } from "../../../../src/etcd/items.ts";

const PREFIX = "/vnf-agent/vpp1/linux/config/v1/";

/** The one item that a value stands for, and the warnings. */
function mapped(key: string, value: unknown): { value: unknown; warnings: readonly string[] } {
  const found = itemsOf("vpp1", PREFIX + key, typeof value === "string" ? value : JSON.stringify(value));
  if ("fault" in found) throw found.fault.error;
  assertEquals(found.items.length, 1);
  return { value: found.items[0]?.value, warnings: found.warnings };
}

/** The state and the text of the fault of a value. */
function faultOf(key: string, value: unknown): string {
  const found = itemsOf("vpp1", PREFIX + key, typeof value === "string" ? value : JSON.stringify(value));
  assert("fault" in found, `no fault in ${JSON.stringify(value)}`);
  return `${found.fault.state}: ${found.fault.error.message}`;
}

const VETH = { name: "a", veth: { peer_if_name: "b" } };
const a = { name: "a", type: "VETH", hostIfName: "a", veth: { peerIfName: "b" } };
const down = { ...a, enabled: false, ipAddresses: [] };

describe("an interface of version 1", () => {
  it("is what Ligato's example says", () => {
    const value = {
      name: "a",
      enabled: true,
      ip_addresses: ["192.0.2.1/24"],
      namespace: { type: 2, name: "n1" },
      veth: { peer_if_name: "b" },
    };
    assertEquals(mapped("interface/a", value), {
      value: { ...a, enabled: true, ipAddresses: ["192.0.2.1/24"], namespace: { type: 2, name: "n1" } },
      warnings: [],
    });
  });

  it("is down if enabled is absent", () => {
    assertEquals(mapped("interface/a", VETH), { value: down, warnings: [] });
  });

  it("has no addresses if they are absent", () => {
    assertEquals(mapped("interface/a", { ...VETH, enabled: true }).value, { ...down, enabled: true });
  });

  it("is in the default namespace if that is empty", () => {
    const value = { ...down, namespace: { type: 0, pid: 0 } };
    assertEquals(mapped("interface/a", { ...VETH, namespace: {} }), { value, warnings: [] });
  });

  it("is in the default namespace if type 2 has no name, with a warning", () => {
    const { value, warnings } = mapped("interface/a", { ...VETH, namespace: { type: 2 } });
    assertEquals(value, { ...down, namespace: { type: 0, pid: 0 } });
    assertEquals(warnings, ["namespace.name is absent, which means the default namespace"]);
  });

  it("is in the default namespace if there is a name without a type, with a warning", () => {
    const { value, warnings } = mapped("interface/a", { ...VETH, namespace: { name: "n" } });
    assertEquals(value, { ...down, namespace: { type: 0, pid: 0 } });
    assertEquals(warnings, ["namespace.name is ignored: a namespace of type 0 has its pid instead"]);
  });

  it("is in the namespace of each type", () => {
    const ns = (namespace: unknown): unknown =>
      Reflect.get(Object(mapped("interface/a", { ...VETH, namespace }).value), "namespace");
    assertEquals(ns({ pid: 42 }), { type: 0, pid: 42 });
    assertEquals(ns({ type: 1, microservice: "web" }), { type: 1, microservice: "web" });
    assertEquals(ns({ type: 3, filepath: "/proc/1/ns/net" }), { type: 3, filepath: "/proc/1/ns/net" });
  });

  it("ignores fields of another branch of the union and unknown fields, with warnings", () => {
    const value = {
      ...VETH,
      tap: { temp_if_name: "t" },
      vlan: 7,
      namespace: { type: 2, name: "n", pid: 4, shape: "round" },
    };
    const { value: found, warnings } = mapped("interface/a", value);
    assertEquals(found, { ...down, namespace: { type: 2, name: "n" } });
    assertEquals(warnings, [
      "tap is ignored: it is of another type than VETH",
      "namespace.pid is ignored: a namespace of type 2 has its name instead",
      "namespace.shape is ignored: version 1 has no such field",
      "vlan is ignored: version 1 has no such field",
    ]);
  });

  it("takes an empty name as not set: the key has it", () => {
    assertEquals(mapped("interface/a", { ...VETH, name: "" }), { value: down, warnings: [] });
  });

  it("takes mtu 0, empty text and an empty tap of a VETH as not set", () => {
    const value = { ...VETH, mtu: 0, description: "", phys_address: "", host_if_name: "", tap: {} };
    assertEquals(mapped("interface/a", value), { value: down, warnings: [] });
  });

  it("reads an AUTO_TAP by number, with a veth that does not count", () => {
    const { value } = mapped("interface/t", { name: "t", type: 1, tap: { temp_if_name: "tap0" }, veth: {} });
    assertEquals(value, {
      name: "t",
      type: "AUTO_TAP",
      enabled: false,
      ipAddresses: [],
      hostIfName: "t",
      tap: { tempIfName: "tap0" },
    });
  });

  it("has the name in its value, whatever the key says", () => {
    assertEquals(mapped("interface/other", VETH).value, down);
  });

  it("has a fault that names the key, the value and what was expected", () => {
    const fault = faultOf("interface/a", { ...VETH, mtu: 7 });
    assertStringIncludes(fault, `INVALID: Cannot use ${PREFIX}interface/a: mtu: 7, expected a number of bytes from 68`);
    assertStringIncludes(faultOf("interface/a", { ...VETH, type: 7 }), "type: 7, expected 0 (VETH), 1 (AUTO_TAP)");
    assertStringIncludes(faultOf("interface/a", { ...VETH, namespace: 3 }), "namespace: 3, expected an object of JSON");
    assertStringIncludes(faultOf("interface/a", { ...VETH, name: "a/b" }), "or a hostIfName beside it");
    assertStringIncludes(faultOf("interface/a", "{"), 'interface/a: "{", expected JSON');
    assertStringIncludes(faultOf("interface/a", "[]"), "expected an object of JSON");
  });
});

describe("a route of version 1", () => {
  const route = { name: "r", interface: "a", dst_ip_addr: "10.0.0.0/8" };
  const r = { name: "r", interface: "a", default: false, dstIpAddr: "10.0.0.0/8", scope: { type: "GLOBAL" } };

  it("has the scope GLOBAL if that is an empty message", () => {
    assertEquals(mapped("route/r", { ...route, gw_addr: "192.0.2.9", scope: {} }).value, { ...r, gwAddr: "192.0.2.9" });
  });

  it("has the universe as its scope without a scope and a gateway", () => {
    assertEquals(mapped("route/r", route).value, r);
  });

  it("has the scope of each number", () => {
    assertEquals(mapped("route/r", { ...route, scope: { type: 2 } }).value, { ...r, scope: { type: "LINK" } });
  });

  it("has no scope in IPv6, where there is only one", () => {
    const { value } = mapped("route/r", { ...route, dst_ip_addr: "2001:db8::/32" });
    assertEquals(value, { name: "r", interface: "a", default: false, dstIpAddr: "2001:db8::/32" });
  });

  it("goes by the link by which its gateway is reached if it has no interface", () => {
    const { value } = mapped("route/r", { name: "r", dst_ip_addr: "10.0.0.0/8", gw_addr: "192.0.2.9" });
    assertEquals(value, {
      name: "r",
      default: false,
      dstIpAddr: "10.0.0.0/8",
      gwAddr: "192.0.2.9",
      scope: { type: "GLOBAL" },
    });
  });

  it("has host bits masked out of its destination, with a warning", () => {
    const { value, warnings } = mapped("route/r", { ...route, dst_ip_addr: "10.1.2.3/8" });
    assertEquals(value, r);
    assertEquals(warnings, ["dst_ip_addr has bits beyond its prefix, which are ignored: 10.0.0.0/8"]);
  });

  it("ignores the destination of a default route, with a warning", () => {
    const { value, warnings } = mapped("route/r", { ...route, default: true, gw_addr: "192.0.2.9" });
    assertEquals(value, { ...r, default: true, dstIpAddr: "0.0.0.0/0", gwAddr: "192.0.2.9" });
    assertEquals(warnings, ["dst_ip_addr is ignored: it is a default route"]);
  });

  it("takes metric 0 and table 0 as not set", () => {
    assertEquals(mapped("route/r", { ...route, metric: 0, table: 0 }).value, r);
  });

  it("has the name of its key if the value has none", () => {
    const { name: _, ...nameless } = route;
    assertEquals(mapped("route/r", nameless).value, r);
  });
});

describe("an ARP entry of version 1", () => {
  const arp = { name: "e", interface: "a", ip_addr: "192.0.2.9", hw_address: "02:00:00:00:00:09" };
  const e = {
    name: "e",
    interface: "a",
    ipAddr: "192.0.2.9",
    hwAddress: "02:00:00:00:00:09",
    ipFamily: "IPV4",
    state: { type: "PERMANENT" },
  };

  it("is permanent and of the family of its address if both messages are empty", () => {
    assertEquals(mapped("arp/e", { ...arp, ip_family: {}, state: {} }), { value: e, warnings: [] });
    const { value } = mapped("arp/e", { ...arp, ip_addr: "2001:db8::9", ip_family: {} });
    assertEquals(value, { ...e, ipAddr: "2001:db8::9", ipFamily: "IPV6" });
  });

  it("has the state of each number", () => {
    assertEquals(mapped("arp/e", { ...arp, state: { type: 3 } }).value, { ...e, state: { type: "STALE" } });
  });

  it("takes ALL as the family of its address, and refuses MPLS", () => {
    assertEquals(mapped("arp/e", { ...arp, ip_family: { family: 2 } }).value, e);
    assertStringIncludes(
      faultOf("arp/e", { ...arp, ip_family: { family: 3 } }),
      "ip_family.family: 3, expected 0 (IPV4)",
    );
  });
});

describe("a key of version 1", () => {
  it("of another kind is not implemented", () => {
    assertStringIncludes(faultOf("tunnel/x", {}), "UNIMPLEMENTED: ");
    assertStringIncludes(faultOf("constructor/x", {}), "UNIMPLEMENTED: ");
  });
});
