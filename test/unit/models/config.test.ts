import { describe, it } from "@std/testing/bdd";
import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "../../support/properties.ts";
import { anyCharacter } from "../../support/any_character.ts";
import { ConfigError } from "../../../src/errors.ts";
import { parseConfig } from "../../../src/models/config.ts";
import { checkConfig, faults, textFaults, veth } from "./faults.ts";

const pair = (name: string, peer: string, fields: Record<string, unknown> = {}): Record<string, unknown> => ({
  name,
  veth: { peerIfName: peer },
  ...fields,
});
const only = (document: unknown, start: string): void => {
  const found = faults(document);
  assert(found.length === 1 && found[0]?.startsWith(start), found.join("\n"));
};

const EXAMPLE = `
namespaces: [blue, green]               # made if missing
interfaces:
  - { name: left,  type: VETH, enabled: true, hostIfName: eth0, ipAddresses: [10.1.0.1/24], mtu: 1400,
      physAddress: "02:00:00:00:00:01", namespace: blue, veth: { peerIfName: right } }
  - { name: right, type: VETH, enabled: true, hostIfName: eth0, ipAddresses: [10.1.0.2/24],
      namespace: { type: MICROSERVICE_REF_NS, microservice: web }, veth: { peerIfName: left } }
arpEntries:
  - { name: a, namespace: blue, interface: left, ipAddr: 10.1.0.9, hwAddress: "02:00:00:00:00:09", state: { type: PERMANENT } }
routes:
  - { name: r, namespace: blue, interface: left, dstIpAddr: 10.2.0.0/16, gwAddr: 10.1.0.2, metric: 10 }
`;

describe("parseConfig()", () => {
  it("refuses IPVLANs of two modes on one link, and a MACVLAN beside one in the mode passthru", () => {
    const on = (type: "IPVLAN" | "MACVLAN", ...modes: readonly (string | undefined)[]): string[] =>
      faults({
        interfaces: modes.map((mode, index) => ({
          name: `m${index}`,
          type,
          namespace: "blue",
          [type.toLowerCase()]: { parent: index === 2 ? "m1" : "eth0", ...mode === undefined ? {} : { mode } },
        })),
      });
    assertEquals([on("IPVLAN", "l2", undefined, "l2"), on("IPVLAN", "l3", "l3"), on("MACVLAN", "vepa", "bridge")], [
      [],
      [],
      [],
    ]);
    const of = "interfaces[0], which stands on the same link";
    assertEquals(on("IPVLAN", "l3", undefined, "l3s"), [
      `interfaces[1].ipvlan.mode: l3, as ${of}`,
      `interfaces[2].ipvlan.mode: l3, as ${of}`,
    ]);
    assertEquals(on("MACVLAN", "bridge", "passthru"), [
      `interfaces[1].macvlan.mode: a link for itself in the mode passthru; not that of ${of}`,
    ]);
  });

  it("refuses a MACVLAN and an IPVLAN on one link, and takes an IPVLAN on a MACVLAN", () => {
    const one = { name: "m", type: "MACVLAN", namespace: "blue", macvlan: { parent: "eth0" } };
    const other = (parent: string) => ({ name: "i", type: "IPVLAN", namespace: "blue", ipvlan: { parent } });
    assertEquals(faults({ interfaces: [one, other("eth0")] }), [
      "interfaces[1].ipvlan.parent: a link without a MACVLAN; not that of interfaces[0], which stands on the same link",
    ]);
    assertEquals(faults({ interfaces: [other("eth0"), one] }), [
      "interfaces[1].macvlan.parent: a link without an IPVLAN; not that of interfaces[0], which stands on the same link",
    ]);
    assertEquals(faults({ interfaces: [one, other("m")] }), []);
  });

  it("refuses a second link with what the kernel takes but once", () => {
    const two = (type: string, object: string, one: object, other: object, fields: object = {}): string[] =>
      faults({
        interfaces: [one, other].map((options, i) => (
          { name: `${object}${i}`, type, namespace: "blue", [object]: options, ...i === 1 ? fields : {} }
        )),
      });
    const link = { parent: "eth0" };
    const [number, port, ends] = ["another number", "in the same namespace", "other ends, or another key"];
    const same = "interfaces[0] has the same";
    const refused = (field: string, expected: string): string[] => [`interfaces[1].${field}: ${expected}; ${same}`];
    assertEquals(
      two("VLAN", "vlan", { ...link, id: 7 }, { ...link, id: 7, protocol: "802.1Q" }),
      refused("vlan.id", `${number} on the same link`),
    );
    assertEquals(two("VLAN", "vlan", { ...link, id: 7 }, { ...link, id: 7, protocol: "802.1ad" }), []);
    assertEquals(two("VLAN", "vlan", { ...link, id: 7 }, { parent: "eth1", id: 7 }), []);
    const vxlan = { id: 7, remote: "10.0.0.2" };
    assertEquals(
      two("VXLAN", "vxlan", vxlan, { ...vxlan, remote: "10.0.0.3", port: 8472 }),
      refused("vxlan.id", `${number} or port ${port}`),
    );
    assertEquals(two("VXLAN", "vxlan", vxlan, { ...vxlan, port: 4789 }), []);
    assertEquals(two("VXLAN", "vxlan", vxlan, vxlan, { namespace: "green" }), []);
    const near = (parent: string) => ({ id: 7, local: "fe80::1", remote: "fe80::2", parent });
    assertEquals(two("VXLAN", "vxlan", near("eth0"), near("eth1")), []);
    assertEquals(two("VXLAN", "vxlan", near("eth0"), near("eth0")), refused("vxlan.id", `${number} or port ${port}`));
    assertEquals(
      two("GENEVE", "geneve", vxlan, { ...vxlan, port: 6081 }),
      refused("geneve.id", `${number}, port or remote ${port}`),
    );
    assertEquals(two("GENEVE", "geneve", vxlan, { ...vxlan, remote: "10.0.0.3" }), []);
    const tunnel = { mode: "gre", local: "10.0.0.1", remote: "10.0.0.2" };
    assertEquals(two("TUNNEL", "tunnel", tunnel, tunnel), refused("tunnel.remote", ends));
    for (const other of [{ key: 5 }, { mode: "gretap" }, { remote: "10.0.0.3" }, link]) {
      assertEquals(two("TUNNEL", "tunnel", tunnel, { ...tunnel, ...other }), []);
    }
  });

  it("reads the example of the design", () => {
    const config = parseConfig(EXAMPLE, { source: "/tmp/two.yaml" });
    assertEquals(config.name, "two");
    assertEquals(config.namespaces, ["blue", "green"]);
    assertEquals(config.interfaces.map(({ hostIfName, namespace }) => [hostIfName, namespace]), [
      ["eth0", { type: 2, name: "blue" }],
      ["eth0", { type: 1, microservice: "web" }],
    ]);
    assertEquals([config.arpEntries.length, config.routes.length], [1, 1]);
  });

  it("reads JSON, with tabs, and an unquoted hardware address", () => {
    assertEquals(parseConfig('{\n\t"namespaces": [\n\t\t"blue"\n\t]\n}').namespaces, ["blue"]);
    const text = "interfaces: [{ name: a, physAddress: 02:00:00:00:00:10, veth: { peerIfName: b } }]";
    assertEquals(parseConfig(text).interfaces[0]?.physAddress, "02:00:00:00:00:10");
  });

  it("reads aliases and merged mappings", () => {
    const text = "interfaces:\n- &a { name: a, mtu: 1400, veth: { peerIfName: b } }\n" +
      "- { <<: *a, name: b, veth: { peerIfName: a } }";
    assertEquals(parseConfig(text).interfaces.map(({ name, mtu }) => [name, mtu]), [["a", 1400], ["b", 1400]]);
  });

  it("takes its name from the field, or from the base name of the source", () => {
    assertEquals(parseConfig("name: lab", { source: "x.yaml" }).name, "lab");
    assertEquals(parseConfig("{}", { source: "dir/x.y.json" }).name, "x.y");
    assertEquals(parseConfig("{}", { source: "-" }).name, undefined);
    assertEquals(parseConfig("{}").name, undefined);
    for (const name of ["a/b", "..", ".", "", "a\nb", "x".repeat(201)]) only({ name }, "name: ");
  });

  it("says where the text is no YAML, with the line itself", () => {
    const error = assertThrows(() => parseConfig("namespaces: [a\nroutes: [", { source: "x.yaml" }), ConfigError);
    assertEquals(error.source, "x.yaml");
    assert(
      /^Cannot use x\.yaml: line 2, column \d+: "routes: \[", expected YAML or JSON: /.test(error.message),
      error.message,
    );
    assertThrows(
      () => parseConfig("namespaces: [a, b\ninterfaces:\n  - name: x\n", { source: "x.yaml" }),
      ConfigError,
      'line 1, column 13: "namespaces: [a, b", expected YAML or JSON: ] to close this [',
    );
    assertEquals(textFaults("a: 1\n\tb: 2")[0]?.startsWith("line 2, column "), true);
  });

  it("refuses duplicate keys, tags and complex keys", () => {
    for (const text of ["routes: []\nroutes: []", '{"name":"a","name":"b"}', "name: !!binary aGk=", "? [a]\n: b"]) {
      assertEquals(textFaults(text).map((line) => line.split(",")[0]), [
        `line ${text.includes("\n") && !text.startsWith("?") ? 2 : 1}`,
      ]);
    }
  });

  it("refuses what is no single mapping", () => {
    for (const text of ["", "\n\n", "# only a comment", "---\n", "null", "~"]) {
      const [fault = ""] = textFaults(text);
      assert(fault.includes("the document is empty"), fault);
    }
    assertEquals(textFaults("a: 1\n---\nb: 2")[0], ": one document; without lines of --- between parts");
    for (const text of ["hello", "42", "[1]", "- a", '"x"']) {
      assertEquals(textFaults(text), [": a mapping with namespaces, links, interfaces or routes"]);
    }
  });

  it("does not follow aliases without end", () => {
    const names = "abcdefghij";
    const bomb = [...names].map((name, i) =>
      `${name}: &${name} [${Array(10).fill(i === 0 ? "x" : `*${names[i - 1]}`)}]`
    );
    const start = performance.now();
    assertEquals(textFaults(bomb.join("\n")).length, 1);
    assertEquals(textFaults("routes: &r [*r]").length, 1);
    assertEquals(textFaults(`x: ${"[".repeat(5000)}`).length, 1);
    assert(performance.now() - start < 20_000); // on a busy machine
  });

  it("only ever gives a configuration or a ConfigError", () => {
    const check = (act: () => unknown): void => {
      try {
        act();
      } catch (error) {
        assert(error instanceof ConfigError && error.issues.length > 0, String(error));
      }
    };
    fc.assert(fc.property(fc.string({ unit: anyCharacter }), (text) => check(() => parseConfig(text))), {
      numRuns: 150,
    });
    const field = fc.constantFrom(
      ..."name type enabled ipAddresses mtu namespace veth tap interface dstIpAddr default".split(" "),
    );
    const item = fc.dictionary(fc.oneof(field, fc.string()), fc.jsonValue());
    const document = fc.record({ interfaces: fc.array(item), routes: fc.array(item), namespaces: fc.jsonValue() });
    fc.assert(fc.property(document, (value) => check(() => checkConfig(value))), { numRuns: 150 });
  });
});

describe("checkConfig()", () => {
  it("reports all faults together, in the order of the document", () => {
    assertEquals(
      faults({
        routes: [{ name: "r", interface: "x", dstIpAddr: "10.0.0.1/8" }],
        interfaces: [veth({ mtu: 1, bogus: 1 }), veth({ name: "b", veth: { peerIfName: "b" } }), 7],
        namespaces: ["a", "a", "b/c", "PID:4", null],
        rotues: [],
      }).map((line) => line.split(": ")[0]),
      [
        "routes[0].dstIpAddr",
        "interfaces[0].bogus",
        "interfaces[0].mtu",
        "interfaces[1].veth.peerIfName",
        "interfaces[2]",
        "namespaces[1]",
        "namespaces[2]",
        "namespaces[3]",
        "namespaces[4]",
        "rotues",
      ],
    );
  });

  it("writes paths as the document has them", () => {
    only(
      { interfaces: [{ name: "a", host_if_name: "a/b", veth: { peer_if_name: "b" } }] },
      "interfaces[0].host_if_name: ",
    );
    only(
      { arp_entries: [{ name: "a", interface: "b", ip_addr: "x", hw_address: "02:00:00:00:00:01" }] },
      "arp_entries[0].ip_addr: ",
    );
    only({ "odd key\n": 1 }, '["odd key\\n"]: ');
  });

  it("takes a section without content as empty, and a section that is no list as a fault", () => {
    assertEquals(faults({ interfaces: null, routes: null, arpEntries: null, namespaces: null }), []);
    only({ interfaces: {} }, "interfaces: a list of interfaces");
  });

  it("refuses two items of one name", () => {
    only({ interfaces: [pair("a", "b"), pair("a", "c")] }, "interfaces[1].name: a name of its own; interfaces[0]");
    const route = { name: "r", interface: "x" };
    only(
      { routes: [{ ...route, dstIpAddr: "10.0.0.0/8" }, { ...route, dstIpAddr: "11.0.0.0/8" }] },
      "routes[1].name: ",
    );
  });

  it("refuses pairs that are none, and lets a peer be missing", () => {
    const path = "interfaces[0].veth.peerIfName: ";
    only({ interfaces: [pair("a", "a")] }, `${path}another interface`);
    only(
      { interfaces: [pair("a", "b"), pair("b", "c")] },
      `${path}an interface whose own peer is a; the peer of b is c`,
    );
    only({ interfaces: [pair("a", "t"), { name: "t", type: "AUTO_TAP" }] }, `${path}an interface of type VETH`);
    only(
      { interfaces: [pair("a", "b"), pair("b", "a"), pair("c", "b")] },
      "interfaces[2].veth.peerIfName: an interface whose own peer is c; the peer of b is a",
    );
    only(
      { interfaces: [pair("a", "x"), pair("b", "x")] },
      "interfaces[1].veth.peerIfName: a peer that no other interface",
    );
    assertEquals(faults({ interfaces: [pair("a", "b")] }), []);
    assertEquals(faults({ interfaces: [pair("a", "b"), pair("b", "a")] }), []);
  });

  it("refuses a master that the file describes elsewhere, or as something without ports", () => {
    const bridge = { name: "br0", type: "BRIDGE", namespace: "blue" };
    const port = (fields: Record<string, unknown>): unknown => ({ interfaces: [bridge, pair("a", "b", fields)] });
    const path = "interfaces[1].master: a BRIDGE";
    assertEquals(faults(port({ namespace: "blue", master: "br0" })), []);
    assertEquals(faults(port({ namespace: "blue", master: null })), []);
    assertEquals(faults(port({ namespace: "green", master: "br1" })), [], "one that is there");
    only(port({ namespace: "green", master: "br0" }), path);
    const other = pair("c", "d", { namespace: "blue" });
    only({ interfaces: [bridge, pair("a", "b", { namespace: "blue", master: "c" }), other] }, path);
    only({ interfaces: [{ ...bridge, master: "br0" }] }, "interfaces[0].master: another interface");
    const inner = { ...bridge, name: "br1", master: "br0" };
    only({ interfaces: [bridge, inner] }, "interfaces[1].master: another interface: the kernel takes no BRIDGE");
    const used = { name: "used", type: "EXISTING", namespace: "blue", hostIfName: "br7" };
    for (const master of ["used", "br7"]) {
      assertEquals(faults({ interfaces: [used, pair("a", "b", { namespace: "blue", master }), other] }), []);
    }
  });

  it("refuses what is of IPv6 on a link that the file makes too small for that, itself or by what it stands on", () => {
    const file = (more: Record<string, unknown>, mtu = 1279): Record<string, unknown> => ({
      interfaces: [
        { name: "d", type: "DUMMY", namespace: "blue", hostIfName: "eth0", mtu },
        { name: "v", type: "VLAN", namespace: "blue", vlan: { parent: "d", id: 5 } },
        { name: "m", type: "MACVLAN", namespace: "blue", macvlan: { parent: "v" } },
        { name: "big", type: "DUMMY", namespace: "blue" },
      ],
      ...more,
    });
    const expected = "a link with IPv6: give d an mtu of at least 1280, it has 1279";
    const route = (fields: Record<string, unknown>): Record<string, unknown> => (
      { name: "r", namespace: "blue", dstIpAddr: "fd01::/64", ...fields }
    );
    for (const name of ["d", "eth0", "v", "m"]) {
      only(file({ routes: [route({ interface: name })] }), `routes[0].interface: ${expected}`);
      assertEquals(faults(file({ routes: [route({ interface: name })] }, 1280)), []);
      assertEquals(faults(file({ routes: [route({ interface: name, dstIpAddr: "10.0.0.0/8" })] })), []);
      const entry = { name: "n", namespace: "blue", interface: name, hwAddress: "02:00:00:00:00:01" };
      only(file({ arpEntries: [{ ...entry, ipAddr: "fd01::1" }] }), `arpEntries[0].interface: ${expected}`);
      assertEquals(faults(file({ arpEntries: [{ ...entry, ipAddr: "10.0.0.1" }] })), []);
    }
    const nextHops = [{ gwAddr: "fe80::1", interface: "big" }, { gwAddr: "fe80::2", interface: "v" }];
    only(file({ routes: [route({ nextHops })] }), `routes[0].nextHops[1].interface: ${expected}`);
    only(file({ routes: ["blue fd01::/64 dev eth0"] }), `routes[0]: ${expected}`);
    assertEquals(faults(file({ routes: [route({ type: "BLACKHOLE" })] })), []);
    const { interfaces } = file({});
    const withAddress = { name: "w", type: "IPVLAN", namespace: "blue", ipvlan: { parent: "d" } };
    only(
      { interfaces: [...interfaces as unknown[], { ...withAddress, ipAddresses: ["10.0.0.1/8", "fd01::1/64"] }] },
      `interfaces[4].ipAddresses[1]: ${expected}`,
    );
  });

  it("refuses two links of one name in one namespace", () => {
    const named = (namespace: unknown): unknown => ({
      interfaces: [
        pair("a", "b", { hostIfName: "eth0", namespace: "blue" }),
        pair("b", "a", { hostIfName: "eth0", namespace }),
      ],
    });
    only(named({ type: 2, name: "blue" }), "interfaces[1].hostIfName: a host name that is free");
    assertEquals(faults(named("green")), []);
    only(
      { interfaces: [pair("a", "b", { hostIfName: "x", namespace: "PID:0" }), pair("x", "c")] },
      "interfaces[1].name: a host name that is free",
    );
    const tap = (name: string): unknown => ({ name, type: "AUTO_TAP", tap: { tempIfName: "t" } });
    only({ interfaces: [tap("a"), tap("b")] }, "interfaces[1].tap: another TAP");
  });

  it("refuses two routes, or two entries, that the kernel could not distinguish", () => {
    const interfaces = [pair("a", "b", { hostIfName: "eth0", namespace: "blue" })];
    const route = (name: string, fields: object = {}): object => ({
      name,
      interface: "a",
      dstIpAddr: "fd00:5::/64",
      ...fields,
    });
    const same = route("s", { interface: "eth0", namespace: "blue", metric: 1024, table: 254 });
    only({ interfaces, routes: [route("r"), same] }, "routes[1].dstIpAddr: another destination, metric or table");
    assertEquals(faults({ interfaces, routes: [route("r"), route("s", { metric: 5 }), route("t", { table: 9 })] }), []);
    const entry = (name: string, fields: object): object => ({
      name,
      ipAddr: "10.0.0.9",
      hwAddress: "02:00:00:00:00:09",
      ...fields,
    });
    const arpEntries = [entry("x", { interface: "a" }), entry("y", { interface: "eth0", namespace: "blue" })];
    only({ interfaces, arpEntries }, "arpEntries[1].ipAddr: one entry for each address");
  });

  it("takes a gateway that the namespace has itself, as the kernel does (T11)", () => {
    const interfaces = [pair("a", "b", { ipAddresses: ["10.0.0.1/24"], namespace: "blue" })];
    const routes = [{ name: "r", interface: "a", dstIpAddr: "10.9.0.0/16", gwAddr: "10.0.0.1" }];
    assertEquals(faults({ interfaces, routes }), []);
  });

  it("does not blame an item for the faults of another", () => {
    only({ interfaces: [pair("a", "b"), pair("b", "a", { mtu: 1 })] }, "interfaces[1].mtu: ");
  });
});
