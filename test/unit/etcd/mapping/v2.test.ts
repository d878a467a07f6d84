import { describe, it } from "@std/testing/bdd";
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { mapV2 } from "../../../../src/etcd/mapping/v2.ts";
import { MappingFault } from "../../../../src/etcd/mapping/mapped.ts";
import { itemsOf } from "../../../../src/etcd/items.ts";

const LINK = "interfaces/v2/interface/a";
const ROUTE = "l3/v2/route/10.0.0.0/8/a";
const inputOf = (rest: string, value: unknown): unknown => mapV2(rest, value).input;

/** The state, path and expectation of the fault of a value. */
function faultOf(rest: string, value: unknown): string {
  try {
    mapV2(rest, value);
  } catch (error) {
    assert(error instanceof MappingFault);
    return `${error.state} ${error.path}: ${error.expected}`;
  }
  throw new Error(`no fault in ${JSON.stringify(value)}`);
}

/** What a value stands for, without what is undefined. */
function itemOf(rest: string, value: unknown): unknown {
  const found = itemsOf("l", `/vnf-agent/l/config/linux/${rest}`, JSON.stringify(value));
  if ("fault" in found) throw found.fault.error;
  return found.items[0]?.value;
}

describe("an interface of version 2", () => {
  const veth = { name: "a", type: "VETH", veth: { peer_if_name: "b" } };
  const a = {
    name: "a",
    type: "VETH",
    enabled: false,
    ipAddresses: [],
    hostIfName: "a",
    veth: { peerIfName: "b" },
  };

  it("reads names and numbers of enumerations, and both spellings of fields", () => {
    const written = {
      ...veth,
      enabled: true,
      ip_addresses: ["192.0.2.1/24"],
      namespace: { type: "NSID", reference: "n" },
    };
    const other = {
      name: "a",
      type: 1,
      enabled: true,
      ipAddresses: ["192.0.2.1/24"],
      namespace: { type: 1, reference: "n" },
      veth: { peerIfName: "b" },
    };
    const expected = { ...a, enabled: true, ipAddresses: ["192.0.2.1/24"], namespace: { type: 2, name: "n" } };
    assertEquals(itemOf(LINK, written), expected);
    assertEquals(itemOf(LINK, other), expected);
  });

  it("is down and without addresses if those are absent", () => {
    assertEquals(itemOf(LINK, veth), a);
  });

  it("reads integers that are text", () => {
    assertEquals(itemOf(LINK, { ...veth, mtu: "1400" }), { ...a, mtu: 1400 });
  });

  it("reads each type of namespace", () => {
    const ns = (namespace: unknown): unknown => Reflect.get(Object(itemOf(LINK, { ...veth, namespace })), "namespace");
    assertEquals(ns({ type: "PID", reference: "42" }), { type: 0, pid: 42 });
    assertEquals(ns({ type: "FD", reference: "/proc/1/ns/net" }), { type: 3, filepath: "/proc/1/ns/net" });
    assertEquals(ns({ type: 4, reference: "web" }), { type: 1, microservice: "web" });
    assertEquals(ns({}), undefined);
  });

  it("refuses a namespace without a reference, and one without a type", () => {
    const ns = (namespace: unknown): string => faultOf(LINK, { ...veth, namespace });
    assertStringIncludes(ns({ type: "NSID" }), "INVALID namespace.reference: ");
    assertStringIncludes(ns({ reference: "n" }), "INVALID namespace.type: NSID, PID, FD, MICROSERVICE");
  });

  it("refuses unknown fields", () => {
    assertEquals(faultOf(LINK, { ...veth, enable: true }), "INVALID enable: no such field; did you mean enabled?");
    assertStringIncludes(faultOf(LINK, { ...veth, veth: { peer: "b" } }), "INVALID veth.peer: no such field");
    assertStringIncludes(faultOf(LINK, { ...veth, tap: {} }), "INVALID tap: no tap in an interface of type VETH");
  });

  it("of type UNDEFINED or of an unknown number is not implemented; an unknown name is invalid", () => {
    assertStringIncludes(faultOf(LINK, { name: "a" }), "UNIMPLEMENTED type: ");
    assertStringIncludes(faultOf(LINK, { name: "a", type: "UNDEFINED" }), "UNIMPLEMENTED type: ");
    assertStringIncludes(faultOf(LINK, { name: "a", type: 99 }), "UNIMPLEMENTED type: ");
    assertStringIncludes(faultOf(LINK, { name: "a", type: "TUNNEL" }), "INVALID type: ");
  });

  it("of type TAP_TO_VPP is an AUTO_TAP with the name of VPP's", () => {
    const value = { name: "t", type: "TAP_TO_VPP", tap: { vpp_tap_if_name: "tap0" } };
    const { name: _, veth: __, ...rest } = a;
    assertEquals(itemOf(LINK, value), {
      ...rest,
      name: "t",
      hostIfName: "t",
      type: "AUTO_TAP",
      tap: { tempIfName: "tap0" },
    });
  });

  it("of type VRF_DEVICE has its table, and one in it has it as its master", () => {
    const vrf = { name: "red", type: 5, vrf_dev: { routing_table: 10 } };
    const { veth: _, ...rest } = a;
    assertEquals(itemOf(LINK, vrf), {
      ...rest,
      name: "red",
      hostIfName: "red",
      type: "VRF_DEVICE",
      vrf: { table: 10 },
    });
    assertEquals(itemOf(LINK, { ...veth, vrf_master_interface: "red" }), { ...a, master: "red" });
  });

  it("of type LOOPBACK, EXISTING or DUMMY is that of the topology file", () => {
    for (const [type, host] of [["LOOPBACK", "lo"], ["EXISTING", "x"], ["DUMMY", "x"]]) {
      const item = itemOf(LINK, { name: "x", type, enabled: true, ip_addresses: ["192.0.2.1/24"] });
      const expected = { name: "x", type, enabled: true, ipAddresses: ["192.0.2.1/24"], hostIfName: host };
      assertEquals(item, expected);
    }
  });

  it("that is link_only has its addresses, MAC and MTU left alone", () => {
    const value = {
      ...veth,
      link_only: true,
      ip_addresses: ["192.0.2.1/24"],
      mtu: 1400,
      phys_address: "02:00:00:00:00:01",
    };
    const { ipAddresses: _, ...rest } = a;
    assertEquals(itemOf(LINK, value), rest);
  });

  it("warns of checksums that it does not set", () => {
    const value = { ...veth, veth: { peer_if_name: "b", rx_checksum_offloading: "CHKSM_OFFLOAD_DISABLED" } };
    assertEquals(mapV2(LINK, value).warnings.length, 1);
  });
});

describe("a route of version 2", () => {
  const route = { outgoing_interface: "a", scope: "GLOBAL", dst_network: "10.0.0.0/8", gw_addr: "192.0.2.9" };

  it("has its identity from its value", () => {
    assertEquals(itemOf(ROUTE, { ...route, metric: "7" }), {
      name: "10.0.0.0/8 a",
      default: false,
      interface: "a",
      dstIpAddr: "10.0.0.0/8",
      gwAddr: "192.0.2.9",
      metric: 7,
      scope: { type: "GLOBAL" },
    });
  });

  it("has host bits masked out of its destination, with a warning", () => {
    const { input, warnings } = mapV2(ROUTE, { ...route, dst_network: "10.1.2.3/8" });
    assertEquals(Reflect.get(Object(input), "dstIpAddr"), "10.0.0.0/8");
    assertEquals(warnings.length, 1);
  });

  it("without a scope or an interface is invalid", () => {
    const { scope: _, ...scopeless } = route;
    const { outgoing_interface: __, ...linkless } = route;
    assertStringIncludes(faultOf(ROUTE, scopeless), "INVALID scope: GLOBAL, SITE, LINK, HOST");
    assertStringIncludes(faultOf(ROUTE, { ...route, scope: 0 }), "INVALID scope: ");
    assertStringIncludes(faultOf(ROUTE, linkless), "INVALID outgoing_interface: the name of an interface");
  });

  it("has the numbers of version 2, one above those of version 1", () => {
    const { gw_addr: _, ...direct } = route;
    assertEquals(Reflect.get(Object(inputOf(ROUTE, { ...direct, scope: 3 })), "scope"), "LINK");
  });
});

describe("an ARP entry of version 2", () => {
  it("has its identity from its value", () => {
    const value = { interface: "a", ip_address: "192.0.2.9", hw_address: "02:00:00:00:00:09" };
    assertEquals(itemOf("l3/v2/arp/a/192.0.2.9", value), {
      name: "a 192.0.2.9",
      interface: "a",
      ipAddr: "192.0.2.9",
      hwAddress: "02:00:00:00:00:09",
      ipFamily: "IPV4",
      state: { type: "PERMANENT" },
    });
  });
});

describe("a key of version 2", () => {
  it("of another model is not implemented", () => {
    assertStringIncludes(faultOf("iptables/v2/rulechain/x", {}), "UNIMPLEMENTED ");
  });
});
