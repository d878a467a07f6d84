import { describe, it } from "@std/testing/bdd";
import { assertEquals } from "@std/assert";
import { pictureOfConfig } from "../../../../src/graph/sources/config.ts";
import { parseConfig } from "../../../../src/models/config.ts";
import { edge, link, namespace } from "../pictures.ts";

const CONFIG = parseConfig(`
namespaces: [green]
interfaces:
  - { name: a, hostIfName: eth0, namespace: blue, mtu: 1400, ipAddresses: [10.1.0.1/24, "fd00::1/64"], veth: { peerIfName: b } }
  - { name: b, hostIfName: eth0, namespace: "MICROSERVICE:web", enabled: false, veth: { peerIfName: a } }
  - { name: c, namespace: green, veth: { peerIfName: elsewhere } }
  - { name: d, type: AUTO_TAP, hostIfName: tap0, namespace: green, tap: { tempIfName: vm-tap } }
  - { name: e, veth: { peerIfName: f } }
  - { name: f, veth: { peerIfName: e } }
arpEntries:
  - { name: n, interface: a, ipAddr: 10.1.0.9, hwAddress: "02:00:00:00:00:09" }
routes:
  - { name: r, interface: a, dstIpAddr: 10.2.0.0/16, gwAddr: 10.1.0.2, table: 100 }
  - { name: s, namespace: "FILE:/run/other", interface: wan, default: true, gwAddr: "fd00::2" }
`);

const CONTAINER = 'No container with the microservice label "web" is running';

describe("pictureOfConfig()", () => {
  it("has what a file describes, in its order, and each pair once", () => {
    assertEquals(pictureOfConfig(CONFIG), {
      namespaces: [
        namespace("green", [
          link("c", { pending: "its peer elsewhere is not described" }),
          link("tap0", { kind: "tap", note: "made as vm-tap in the default namespace" }),
        ]),
        namespace("blue", [link("eth0", { mtu: 1400, addresses: ["10.1.0.1/24", "fd00::1/64"] })], {
          routes: [{ destination: "10.2.0.0/16", gateway: "10.1.0.2", link: "eth0", table: 100 }],
          neighbours: [{ ip: "10.1.0.9", address: "02:00:00:00:00:09", link: "eth0" }],
        }),
        namespace("MICROSERVICE:web", [link("eth0", { state: "down" })], { containers: ["web"] }),
        namespace("PID:0", [link("e"), link("f")]),
        namespace("FILE:/run/other", [], { routes: [{ destination: "::/0", gateway: "fd00::2", link: "wan" }] }),
      ],
      edges: [edge("blue/eth0", "MICROSERVICE:web/eth0"), edge("PID:0/e", "PID:0/f")],
    });
  });

  it("has as pending what is pending or failed in the plan, and the edges of that", () => {
    const { namespaces, edges } = pictureOfConfig(CONFIG, {
      pending: [
        { item: "interface b", reason: CONTAINER },
        { item: "interface d", reason: "there is no TAP" },
        { item: "ARP entry n", reason: "the interface a is not there" },
        { item: "interface gone", reason: "is left" },
      ],
      failed: [
        { item: "namespace green", reason: "it is a file" },
        { item: "route r", reason: "refused", code: "EINVAL" },
      ],
    });
    const pendingOf = (name: string) => namespaces.find((ns) => ns.name === name)?.pending;
    assertEquals(edges.map(({ pending }) => pending), [CONTAINER, undefined]);
    assertEquals(pendingOf("green"), "it is a file");
    assertEquals(pendingOf("blue"), undefined);
    assertEquals(pendingOf("MICROSERVICE:web"), CONTAINER, "nothing but this link asks for it");
    const [green, blue, web] = namespaces;
    assertEquals(green?.links.map(({ pending }) => pending), [
      "its peer elsewhere is not described",
      "there is no TAP",
    ]);
    assertEquals(web?.links[0]?.pending, CONTAINER);
    assertEquals([blue?.routes[0]?.pending, blue?.neighbours[0]?.pending], [
      "refused",
      "the interface a is not there",
    ]);
  });

  it("never has the default namespace or one that the file lists as pending for its links", () => {
    const config = parseConfig(
      "namespaces: [blue]\ninterfaces: [{ name: a, namespace: blue, veth: { peerIfName: x } }]",
    );
    assertEquals(pictureOfConfig(config).namespaces.map(({ pending }) => pending), [undefined]);
    const host = parseConfig("interfaces: [{ name: a, veth: { peerIfName: x } }]");
    assertEquals(pictureOfConfig(host).namespaces.map(({ pending }) => pending), [undefined]);
  });

  it("has masters, what links stand on, impairments, next hops, rules, sysctls, filters and uplinks", () => {
    const config = parseConfig(`
namespaces: [{ name: blue, sysctls: { net.ipv4.ip_forward: 1 } }]
interfaces:
  - { name: br, type: BRIDGE, hostIfName: br0, namespace: blue }
  - { name: a, type: DUMMY, hostIfName: d0, namespace: blue, master: br, impair: { delay: 20ms, loss: 1% } }
  - { name: v, type: VLAN, hostIfName: v5, namespace: blue, vlan: { parent: a, id: 5 } }
  - { name: w, type: MACVLAN, hostIfName: m0, namespace: green, macvlan: { parent: a } }
routes:
  - { name: r, namespace: blue, default: true, nextHops: [{ interface: a, gwAddr: 10.1.0.1 }, { interface: v }] }
  - { name: s, namespace: blue, dstIpAddr: 10.9.0.0/16, type: BLACKHOLE, table: 7 }
rules: [{ name: q, namespace: blue, from: 10.1.0.0/16, table: 7, priority: 100 }]
nat: [{ name: n, namespace: blue, out: d0 }]
firewall: [{ name: f, namespace: blue, out: drop, except: [{ out: d0 }] }]
uplinks: [green]
`);
    const { namespaces: [blue, green, home], edges } = pictureOfConfig(config);
    const marks = blue?.links.map(({ name, master, on, vlan, impairment }) => [name, master, on, vlan, impairment]);
    assertEquals(marks, [
      ["br0", undefined, undefined, undefined, undefined],
      ["d0", "br0", undefined, undefined, "delay 20ms, loss 1%"],
      ["v5", undefined, "d0", 5, undefined],
    ]);
    assertEquals(blue?.routes, [
      { destination: "0.0.0.0/0", gateway: "10.1.0.1", link: "d0" },
      { destination: "0.0.0.0/0", link: "v5" },
      { destination: "10.9.0.0/16", type: "blackhole", table: 7 },
    ]);
    assertEquals(blue?.rules, [{ text: "100: from 10.1.0.0/16 table 7" }]);
    assertEquals(blue?.filters, [{ text: "nat by d0" }, { text: "out drop, 1 except" }]);
    assertEquals(blue?.sysctls, [{ text: "net.ipv4.ip_forward 1" }]);
    assertEquals([green?.links.map(({ name }) => name), home?.links.map(({ name }) => name)], [
      ["m0", "uplink"],
      ["up-green"],
    ]);
    assertEquals(edges, [edge("green/m0", "blue/d0", { kind: "macvlan" }), edge("green/uplink", "PID:0/up-green")]);
  });

  it("is empty for an empty file", () => {
    assertEquals(pictureOfConfig(parseConfig("{}")), { namespaces: [], edges: [] });
  });
});
