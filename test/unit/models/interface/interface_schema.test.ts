import { describe, it } from "@std/testing/bdd";
import { assert, assertEquals } from "@std/assert";
import { checkConfig, faults, veth } from "../faults.ts";

const read = (fields: Record<string, unknown>): unknown => checkConfig({ interfaces: [veth(fields)] }).interfaces[0];
const faultsOf = (fields: Record<string, unknown>): string[] => faults({ interfaces: [veth(fields)] });
const one = (fields: Record<string, unknown>, path: string): void => {
  const found = faultsOf(fields);
  assert(found.length === 1 && found[0]?.startsWith(`interfaces[0].${path}: `), `${JSON.stringify(fields)}: ${found}`);
};

describe("interfaceSchema", () => {
  it("takes the forward delays of a bridge that the kernel takes with spanning tree", () => {
    const found = (bridge: object): string[] => (
      faults({ interfaces: [{ name: "br0", type: "BRIDGE", bridge }] })
    );
    for (const forwardDelay of [200, 3000, null]) assertEquals(found({ stp: true, forwardDelay }), []);
    for (const forwardDelay of [0, 199, 3001]) {
      assertEquals(found({ stp: false, forwardDelay }), []);
      assertEquals(found({ forwardDelay }), []);
      assertEquals(found({ stp: true, forward_delay: forwardDelay }), [
        "interfaces[0].bridge.forward_delay: 200 to 3000 hundredths of a second, as stp is true",
      ]);
    }
  });

  it("fills in the defaults", () => {
    assertEquals(read({}), {
      name: "left",
      type: "VETH",
      enabled: true,
      hostIfName: "left",
      veth: { peerIfName: "right" },
    });
  });

  it("reads every field, camelCase and snake_case, and writes addresses in canonical text", () => {
    const expected: unknown = {
      name: "left",
      description: "to the right",
      type: "VETH",
      enabled: true,
      ipAddresses: ["10.0.0.1/24", "fd00::1/64", "::ffff:1.2.3.4/128"],
      physAddress: "02:00:00:00:00:ab",
      mtu: 1400,
      hostIfName: "eth0",
      namespace: { type: 2, name: "blue" },
      veth: { peerIfName: "right" },
    };
    const rest = { description: "to the right", enabled: true, mtu: "1400", namespace: "blue" };
    const ips = ["10.0.0.1/24", "FD00:0::0:1/64", "::FFFF:102:304/128"];
    assertEquals(
      read({ ...rest, type: 0, hostIfName: "eth0", physAddress: "02:00:00:00:00:AB", ipAddresses: ips }),
      expected,
    );
    assertEquals<unknown>(
      checkConfig({
        interfaces: [{
          name: "left",
          ...rest,
          type: "VETH",
          host_if_name: "eth0",
          phys_address: "02:00:00:00:00:AB",
          ip_addresses: ips,
          veth: { peer_if_name: "right" },
        }],
      }).interfaces[0],
      expected,
    );
  });

  it("reads a TAP", () => {
    assertEquals<unknown>(
      checkConfig({
        interfaces: [{ name: "t", type: 1, tap: { temp_if_name: "tap9" } }, { name: "u", type: "AUTO_TAP" }],
      })
        .interfaces,
      [
        { name: "t", type: "AUTO_TAP", enabled: true, hostIfName: "t", tap: { tempIfName: "tap9" } },
        { name: "u", type: "AUTO_TAP", enabled: true, hostIfName: "u" },
      ],
    );
  });

  it("takes null as absent", () => {
    assertEquals(read({ mtu: null, ipAddresses: null, namespace: null }), read({}));
  });

  it("refuses host names that the kernel would not take as they are", () => {
    for (
      const name of ["", ".", "..", "a/b", "a b", "a:b", "eth%d", "sixteen-bytes-xx", "ßßßßßßßß", "all", "a\u0001"]
    ) {
      one({ hostIfName: name }, "hostIfName");
    }
    assertEquals(faultsOf({ hostIfName: "fifteen-bytes-x" }), []);
    one({ name: "longer than any link" }, "name");
    assertEquals(faultsOf({ name: "longer than any link", hostIfName: "eth0" }), []);
  });

  it("leaves the name of the loopback link to that", () => {
    one({ hostIfName: "lo" }, "hostIfName");
    const named = (fields: Record<string, unknown>): string[] => faults({ interfaces: [{ name: "lo", ...fields }] });
    for (const type of ["DUMMY", "BRIDGE", "AUTO_TAP"]) assertEquals(named({ type }).length, 1, type);
    for (const fields of [{ type: "LOOPBACK" }, { type: "EXISTING" }, { type: "DUMMY", hostIfName: "d0" }]) {
      assertEquals(named(fields), []);
    }
    assertEquals(named({ type: "EXISTING", hostIfName: "lo" }), []);
    assertEquals(faults({ links: [{ ends: ["a lo", "b eth0"] }] }).map((fault) => fault.split(":")[0]), [
      "links[0].ends[0]",
    ]);
  });

  it("refuses ends of a VXLAN of two families, as the kernel does", () => {
    const found = (vxlan: object): string[] => (
      faults({ interfaces: [{ name: "x", type: "VXLAN", vxlan: { id: 1, parent: "p", ...vxlan } }] })
    );
    const mac = "02:00:00:00:00:01";
    for (
      const fine of [
        { local: "10.0.0.1", remote: "10.0.0.2", entries: [{ mac, remote: "10.0.0.3" }] },
        { local: "fd00::1", group: "ff05::1", entries: [{ mac, remote: "fd00::3" }] },
        { entries: [{ mac, remote: "10.0.0.3" }] },
      ]
    ) assertEquals(found(fine), []);
    const wrong: readonly (readonly [fields: object, path: string, expected: string])[] = [
      [{ local: "10.0.0.1", remote: "fd00::2" }, "remote", "an IPv4 address, as local"],
      [{ local: "fd00::1", group: "239.1.1.1" }, "group", "an IPv6 address, as local"],
      [
        { local: "fd00::1", entries: [{ mac, remote: "10.0.0.3" }] },
        "entries",
        "each remote an IPv6 address, as local",
      ],
      [
        { entries: [{ mac, remote: "fd00::3" }] },
        "entries",
        "each remote an IPv4 address, as there is no local or remote",
      ],
    ];
    for (const [fields, path, expected] of wrong) {
      assertEquals(found(fields), [`interfaces[0].vxlan.${path}: ${expected}`]);
    }
  });

  it("refuses options of a bond that its mode has not, as the kernel does", () => {
    const found = (bond: object): string[] => faults({ interfaces: [{ name: "b", type: "BOND", bond }] });
    for (const mode of ["active-backup", "balance-tlb", "balance-alb"]) assertEquals(found({ mode, primary: "p" }), []);
    assertEquals(found({ mode: "802.3ad", lacp_rate: "fast" }), []);
    assertEquals(found({ lacpRate: "fast" }), [
      "interfaces[0].bond.lacpRate: mode: 802.3ad beside it; the mode is balance-rr",
    ]);
    assertEquals(found({ mode: "802.3ad", primary: "p" }), [
      "interfaces[0].bond.primary: mode: active-backup, balance-tlb or balance-alb beside it; the mode is 802.3ad",
    ]);
    assertEquals(found({ mode: "lacp", primary: "p" }).length, 1);
  });

  it("refuses hardware addresses that are none, a group's, or zero", () => {
    for (const mac of ["02:00:00:00:00", "01:00:5e:00:00:01", "00:00:00:00:00:00", "02-00-00-00-00-01", 5]) {
      one({ physAddress: mac }, "physAddress");
    }
  });

  it("refuses a hardware address where a link has that of its parent", () => {
    const found = (fields: object): string[] =>
      faults({ interfaces: [{ name: "m0", physAddress: "02:00:00:00:00:01", ...fields }] });
    assertEquals(found({ type: "IPVLAN", ipvlan: { parent: "eth0" } }), [
      "interfaces[0].physAddress: no physAddress in an interface of type IPVLAN, which has none",
    ]);
    assertEquals(found({ type: "MACVLAN", macvlan: { parent: "eth0", mode: "passthru" } }), [
      "interfaces[0].physAddress: no physAddress in the mode passthru, which has that of its parent",
    ]);
    assertEquals(found({ type: "MACVLAN", macvlan: { parent: "eth0", mode: "private" } }), []);
  });

  it("refuses addresses that are no host's, or lack the prefix", () => {
    for (
      const ip of [
        "10.0.0.1",
        "10.0.0.1/33",
        "10.0.0.256/24",
        "010.0.0.1/24",
        "10.0.1/24",
        "224.0.0.1/24",
        "0.0.0.0/0",
        "::/64",
        "ff02::1/64",
        "fe80::1%eth0/64",
        "fd00::1/129",
        "fd00::1/064",
        "::1.2.3.256/64",
        "::ffff:010.2.3.4/96",
        "",
        12,
      ]
    ) one({ ipAddresses: ["10.9.9.9/24", ip] }, "ipAddresses[1]");
    one({ ipAddresses: "10.0.0.1/24" }, "ipAddresses");
    one({ ipAddresses: ["10.0.0.1/24", "10.0.0.1/24"] }, "ipAddresses");
    one({ ipAddresses: ["fd00::1/64", "fd00::1/96"] }, "ipAddresses");
    assertEquals(faultsOf({ ipAddresses: ["10.0.0.1/24", "10.0.0.1/16"] }), []);
  });

  it("refuses an MTU that no link has, and one without IPv6 beside an IPv6 address", () => {
    for (const mtu of [67, 2_147_483_648, 1.5, -1, "x", true]) one({ mtu }, "mtu");
    one({ mtu: 1000, ipAddresses: ["fd00::1/64"] }, "mtu");
    one({ mtu: 65_536 }, "mtu");
    for (const mtu of [68, 65_535]) assertEquals(faultsOf({ mtu }), []);
    for (const type of ["LOOPBACK", "EXISTING", "DUMMY"]) {
      for (const mtu of [65_536, 2_147_483_647]) assertEquals(faultsOf({ type, veth: undefined, mtu }), []);
    }
  });

  it("refuses what does not fit the type", () => {
    one({ veth: undefined }, "veth");
    one({ type: "AUTO_TAP" }, "veth");
    one({ tap: {} }, "tap");
    one({ type: "TAPE" }, "type");
    one({ type: "TAP" }, "veth");
    one({ type: 2 }, "type");
    one({ veth: {} }, "veth.peerIfName");
    one({ veth: "right" }, "veth");
    one({ enabled: "yes" }, "enabled");
  });

  it("reads version 3 of Ligato's model: types by number, link_only, vrf_master_interface, vrf_dev", () => {
    const { interfaces } = checkConfig({
      interfaces: [
        { name: "a", type: 1, veth: { peer_if_name: "b" }, link_only: true, ip_addresses: ["10.0.0.1/24"] },
        { name: "b", type: 1, veth: { peer_if_name: "a" }, link_only: false, ip_addresses: ["10.0.0.2/24"] },
        { name: "a long name of lo", type: 3 },
        { name: "eth0", type: 4, vrf_master_interface: "red" },
        { name: "red", type: 5, vrf_dev: { routing_table: 7 } },
        { name: "d0", type: 6 },
      ],
    });
    assertEquals(
      interfaces.map((
        { type, hostIfName, ipAddresses, master, vrf },
      ) => [type, hostIfName, ipAddresses ?? master ?? vrf]),
      [
        ["VETH", "a", undefined],
        ["VETH", "b", ["10.0.0.2/24"]],
        ["LOOPBACK", "lo", undefined],
        ["EXISTING", "eth0", "red"],
        ["VRF_DEVICE", "red", { table: 7 }],
        ["DUMMY", "d0", undefined],
      ],
    );
    assertEquals(faults({ interfaces: [{ name: "t", type: 1 }] }), []); // AUTO_TAP of version 1
    one({ type: 1, tap: {} }, "veth");
    one({ vrfMasterInterface: "red", master: "red" }, "vrfMasterInterface");
    one({ vrfDev: { routingTable: 7 } }, "vrfDev");
    one({ type: "LOOPBACK", veth: undefined, hostIfName: "eth0" }, "hostIfName");
  });

  it("reads a bridge, and what every type has", () => {
    const [bridge] = checkConfig({
      interfaces: [{
        name: "br0",
        type: "BRIDGE",
        master: null,
        tx_queue_length: 10,
        queues: 2,
        bridge: { stp: true, vlan_filtering: true, ageing_time: 100, vlanDefaultPvid: 0 },
      }],
    }).interfaces;
    assertEquals(bridge, {
      name: "br0",
      type: "BRIDGE",
      enabled: true,
      hostIfName: "br0",
      master: null,
      txQueueLength: 10,
      queues: 2,
      bridge: { stp: true, vlanFiltering: true, ageingTime: 100, vlanDefaultPvid: 0 },
    });
  });

  it("has no number for the types that Ligato has not", () => {
    one({ type: 2 }, "type");
    one({ type: "DUMMY" }, "veth");
    const bridge = { name: "a", type: "DUMMY", bridge: {} };
    assert(faults({ interfaces: [bridge] })[0]?.startsWith("interfaces[0].bridge: no bridge"));
    const tap = { name: "a", type: "AUTO_TAP", queues: 2 };
    assert(faults({ interfaces: [tap] })[0]?.startsWith("interfaces[0].queues: no queues"));
  });

  it("names the field that was meant", () => {
    assertEquals(faultsOf({ ipAdresses: [] }), ["interfaces[0].ipAdresses: no such field; did you mean ipAddresses?"]);
    assertEquals(faultsOf({ host_ifname: "x" }), [
      "interfaces[0].host_ifname: no such field; did you mean hostIfName?",
    ]);
    one({ somethingElse: 1 }, "somethingElse");
    one({ ["__proto__x"]: 1 }, "__proto__x");
    one(JSON.parse('{"__proto__": {"mtu": 5}}'), "__proto__");
    one({ hostIfName: "a", host_if_name: "b" }, "host_if_name");
  });

  it("asks for quotes round a number that is a name", () => {
    assertEquals(faultsOf({ name: 10 }), [
      "interfaces[0].name: the name of the interface, as text: write it in quotes",
    ]);
  });
});
