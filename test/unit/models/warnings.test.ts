import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { configWarnings, type NetworkConfigInput, readConfig } from "@netns/netns";
import { leftEnd, rightEnd } from "../../support/topologies.ts";

const warnings = (document: NetworkConfigInput): string[] =>
  configWarnings(readConfig(document)).map(({ item, reason }) => `${item}: ${reason}`);
const pair = (left: object, right: object): NetworkConfigInput => ({
  interfaces: [leftEnd({ ipAddresses: [], ...left }), rightEnd({ ipAddresses: [], ...right })],
});

describe("configWarnings() (T23)", () => {
  const cases: [name: string, document: NetworkConfigInput, expected: string[]][] = [
    ["two MTUs at the ends of a pair", pair({ mtu: 1500 }, { mtu: 9000 }), [
      "interface right: its mtu is 9000, and that of its peer left is 1500: larger packets are lost",
    ]],
    ["an MTU at one end alone", pair({ mtu: 9000 }, {}), []],
    [
      "one hardware address at both ends",
      pair({ physAddress: "02:00:00:00:00:01" }, {
        physAddress: "02:00:00:00:00:01",
      }),
      [
        "interface right: the interface left has the same physAddress 02:00:00:00:00:01: they cannot reach each other",
      ],
    ],
    ["one address in two VRFs", {
      interfaces: [
        { name: "red", namespace: "blue", type: "VRF_DEVICE", vrf: { table: 10 } },
        { name: "a", namespace: "blue", ipAddresses: ["10.0.0.1/24"], master: "red", veth: { peerIfName: "x" } },
        { name: "b", namespace: "blue", ipAddresses: ["10.0.0.1/24"], veth: { peerIfName: "y" } },
      ],
    }, []],
    ["one address twice in a VRF", {
      interfaces: [
        { name: "red", namespace: "blue", type: "VRF_DEVICE", vrf: { table: 10 } },
        { name: "a", namespace: "blue", ipAddresses: ["10.0.0.1/24"], master: "red", veth: { peerIfName: "x" } },
        { name: "b", namespace: "blue", ipAddresses: ["10.0.0.1/24"], master: "red", veth: { peerIfName: "y" } },
      ],
    }, ["interface b: the interface a has the same address 10.0.0.1"]],
    [
      "addresses of a link that is linkOnly",
      pair({ linkOnly: true, ipAddresses: ["10.0.0.1/24"] }, { linkOnly: true }),
      ["interface left: it is linkOnly: its ipAddresses and physAddress are neither set nor waited for"],
    ],
    ["an uplink whose packets the file drops", {
      uplinks: ["blue"],
      firewall: [{ name: "g", namespace: "PID:0", forward: "drop", except: [{ state: "established" }] }],
    }, [
      "uplink blue: the firewall g drops what it sends: it needs the exceptions { in: up-blue } and { out: up-blue }",
    ]],
    ["an uplink whose answers the file drops", {
      uplinks: [{ namespace: "blue", addresses: "10.3.0.0/30" }],
      firewall: [{ name: "g", namespace: "PID:0", forward: "drop", except: [{ source: "10.3.0.0/30" }, { out: "x" }] }],
    }, [
      "uplink blue: the firewall g drops answers to what it sends: it needs the exceptions { in: up-blue } and { out: up-blue }",
    ]],
    ...([
      ["an uplink beside exceptions for it", "PID:0", [{ in: "up-blue" }, { state: "established" }]],
      ["an uplink beside exceptions for what all send", "PID:0", [{ protocol: "tcp", port: 443 }, { out: "up-blue" }]],
      ["an uplink beside exceptions for its network", "PID:0", [{ source: "10.200.0.0/16" }, {
        destination: "10.0.0.0/8",
      }]],
      ["an uplink beside a filter of another namespace", "blue", []],
    ] as const).map(([name, namespace, except]): [string, NetworkConfigInput, string[]] => [name, {
      uplinks: ["blue"],
      firewall: [{ name: "g", namespace, forward: "drop", except }],
    }, []]),
    ["one address at both ends", pair({ ipAddresses: ["10.0.0.1/24"] }, { ipAddresses: ["10.0.0.1/16"] }), [
      "interface right: the interface left has the same address 10.0.0.1",
    ]],
    ["one link-local address at both ends", pair({ ipAddresses: ["fe80::1/64"] }, { ipAddresses: ["fe80::1/64"] }), [
      "interface right: the interface left has the same address fe80::1",
    ]],
    ["one address in two namespaces that are not connected", {
      interfaces: [
        { name: "a", namespace: "blue", ipAddresses: ["10.0.0.1/24"], veth: { peerIfName: "x" } },
        { name: "b", namespace: "green", ipAddresses: ["10.0.0.1/24"], veth: { peerIfName: "y" } },
      ],
    }, []],
    ["a gateway in a network of the namespace that is given by its file", {
      interfaces: [
        { name: "a", namespace: "blue", ipAddresses: ["10.0.0.1/24"], veth: { peerIfName: "x" } },
        { name: "b", namespace: "FILE:/run/netns/blue", ipAddresses: ["10.1.0.1/24"], veth: { peerIfName: "y" } },
      ],
      routes: ["blue 10.9.0.0/16 via 10.1.0.2", "blue 10.8.0.0/16 via 10.2.0.2"],
    }, [
      "route blue 10.8.0.0/16 via 10.2.0.2: no address and no route of its namespace has the gateway 10.2.0.2 in its network",
    ]],
    ["one address twice in a namespace", {
      interfaces: [
        { name: "a", namespace: "blue", ipAddresses: ["10.0.0.1/24", "fe80::1/64"], veth: { peerIfName: "x" } },
        { name: "b", namespace: "blue", ipAddresses: ["10.0.0.1/24", "fe80::1/64"], veth: { peerIfName: "y" } },
      ],
    }, ["interface b: the interface a has the same address 10.0.0.1"]],
    ["a gateway outside of every network (T18)", {
      ...pair({ ipAddresses: ["10.0.0.1/24"] }, {}),
      routes: [{ name: "r", interface: "left", dstIpAddr: "10.9.0.0/16", gwAddr: "10.1.0.1" }],
    }, [
      "route r: no address of the interface left and no route by it has the gateway 10.1.0.1 in its network",
    ]],
    ["a gateway that another route reaches", {
      ...pair({ ipAddresses: ["10.0.0.1/24"] }, {}),
      routes: [
        { name: "r", interface: "left", dstIpAddr: "10.9.0.0/16", gwAddr: "10.1.0.1" },
        { name: "s", interface: "left", dstIpAddr: "10.1.0.0/24" },
      ],
    }, []],
    ["a gateway in a namespace with a link of somebody else, which may have any address beside those of the file", {
      interfaces: [{ name: "a", type: "EXISTING", namespace: "blue", ipAddresses: ["10.0.0.1/24"] }],
      routes: [
        "blue 10.9.0.0/16 via 10.1.0.2",
        { name: "r", interface: "a", dstIpAddr: "10.8.0.0/16", gwAddr: "10.1.0.2" },
      ],
    }, []],
    ["a link-local gateway, and one by a link whose addresses are not described", {
      interfaces: [leftEnd(), { name: "plain", namespace: "blue", veth: { peerIfName: "x" } }],
      routes: [
        { name: "r", interface: "left", default: true, gwAddr: "fe80::1" },
        { name: "s", interface: "plain", dstIpAddr: "10.9.0.0/16", gwAddr: "10.1.0.1" },
      ],
    }, []],
  ];
  for (const [name, document, expected] of cases) {
    it(`${expected.length === 0 ? "says nothing of" : "warns of"} ${name}`, () => {
      assertEquals(warnings(document), expected);
    });
  }
});
