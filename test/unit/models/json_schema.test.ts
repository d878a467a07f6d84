/**
 * The JSON Schema of the file. What the other tests of the models read and refuse goes through it too; here are files as
 * a whole, and what it says to people.
 */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import fc from "../../support/properties.ts";
import * as v from "npm:valibot@1.5.0";
import { parseConfig } from "../../../src/models/config.ts";
import { fileJsonSchema } from "../../../src/models/sections.ts";
import { readDocument } from "../../../src/models/document.ts";
import { jsonSchemaOf } from "../../../src/models/json_schema.ts";
import { anyFile } from "../../support/any_file.ts";
import { fileCheck, partialCheck } from "./schema_check.ts";

const FILE = `
x-mtu: &mtu 1400
name: lab
namespaces: [a, { name: b, sysctls: { net.ipv4.ip_forward: 1, "net.ipv4.conf.v/5.proxy_arp": "1" } }, "PID:7"]
links:
  - { ends: ["a eth0 10.0.0.1/24 fd00::1/64", "b eth0 10.0.0.2/24"], mtu: *mtu, impair: { delay: 20ms, loss: 1 } }
  - { bridge: "sw br0", ends: ["a e1", "b e1", "FILE:/proc/1/ns/net e1"], impair: [null, { rate: 10Mbit }, null] }
interfaces:
  - { name: l, type: 0, ip_addresses: null, namespace: { type: 2, name: a }, veth: { peer_if_name: r } }
  - { name: s, type: BOND, bond: { mode: 802.3ad, lacpRate: fast }, master: null, bridgePort: { vlans: [{ id: 5-7 }] } }
  - { name: x, type: VXLAN, vxlan: { id: 7, remote: "fe80::1", parent: p } }
arp_entries: [{ name: e, interface: l, ip_addr: "fd00::2", hwAddress: "02:00:00:00:00:AB", state: { type: 1 } }]
routes:
  - a default via 10.0.0.2
  - b blackhole 10.9.0.0/16 metric 7
  - { name: m, default: true, nextHops: [{ gwAddr: 10.0.0.9, weight: 2 }, { interface: l }] }
rules: [{ name: r, from: 10.0.0.0/8, table: 7, uidRange: 1000 }]
nat: [{ name: n, out: l, source: 10.0.0.0/8, random: true }]
forwards: [{ name: f, in: l, protocol: tcp, port: 8000-8010, to: "fd00::9" }]
firewall: [{ name: w, namespace: a, out: drop, except: [{ out: tun0 }, { protocol: tcp, port: 53, state: [new] }] }]
uplinks: [a, { namespace: b, addresses: 10.200.1.0/30, dns: [9.9.9.9] }]
`;

describe("fileJsonSchema()", () => {
  it("is valid, and takes a file with every section, in every spelling", () => {
    parseConfig(FILE.replace(', "PID:7"', ""));
    assertEquals(fileCheck()(readDocument(FILE.replace(', "PID:7"', ""))), undefined);
  });

  it("refuses a wrong value in each section", () => {
    const check = partialCheck();
    assert(check(readDocument(FILE)) !== undefined, "PID:7 cannot be made");
    for (
      const wrong of [
        { namespace: ["a"] },
        { x: 1 },
        { namespaces: ["a/b"] },
        { links: [{ ends: ["a eth0"] }] },
        { links: [{ ends: ["a eth0 10.0.0.1", "b eth0"] }] },
        { interfaces: [{ name: "a" }] },
        { interfaces: [{ name: "a", type: "DUMMY", ipAddresses: ["10.0.0.256/24"] }] },
        { interfaces: [{ name: "a", type: "DUMMY", ip_addresses: [], ipAddresses: [] }] },
        ...["1-5000", "0-5", "4095", "20-10", "100-99"].map((id) => ({
          interfaces: [{ name: "a", type: "DUMMY", bridgePort: { vlans: [{ id }] } }],
        })),
        { interfaces: [{ name: "a", veth: { peerIfName: "b" }, mtu: 65_536 }] },
        { forwards: [{ name: "f", in: "l", protocol: "tcp", port: "8000-65536", to: "10.0.0.1" }] },
        { forwards: [{ name: "f", in: "l", protocol: "tcp", port: "8010-8000", to: "10.0.0.1" }] },
        { rules: [{ name: "r", table: 7, uidRange: "1999-1000" }] },
        { arpEntries: [{ name: "a", interface: "b", ipAddr: "10.0.0.1" }] },
        { routes: ["a default"] },
        { routes: [{ name: "r", default: true, type: "BLACKHOLE", gwAddr: "10.0.0.1" }] },
        { rules: [{ name: "r", action: "PROHIBIT", table: 7 }] },
        { nat: [{ name: "n" }] },
        { forwards: [{ name: "f", in: "l", protocol: "icmp", port: 1, to: "10.0.0.1" }] },
        { firewall: [{ name: "w", namespace: "a" }] },
        { uplinks: [{ namespace: "a", addresses: "10.0.0.0/31" }] },
      ]
    ) assert(check(wrong) !== undefined, JSON.stringify(wrong));
  });

  it("takes every file that there can be", () => {
    const check = partialCheck();
    fc.assert(fc.property(anyFile(3), (file) => assertEquals(check(JSON.parse(JSON.stringify(file))), undefined)), {
      numRuns: 30,
    });
  });

  it("says of each field what it takes, and proposes one spelling", () => {
    const { definitions } = fileJsonSchema() as {
      definitions: { interfaces: { properties: Record<string, { description?: string }> } };
    };
    const { properties } = definitions.interfaces;
    assertEquals(properties["mtu"]?.description, "a number of bytes from 68 to 2147483647");
    assertEquals(Object.keys(properties).filter((name) => name.includes("_")), []);
  });

  it("has words for editors beside each pattern, and for a field that does not belong there", () => {
    const unclear: string[] = [];
    const look = (schema: object, path: string): void => {
      const { pattern, patternErrorMessage, type, errorMessage } = schema as Readonly<Record<string, unknown>>;
      if (pattern !== undefined && patternErrorMessage === undefined) unclear.push(`${path}: ${pattern}`);
      if (type === "null" && path.includes("/then") && errorMessage === undefined) unclear.push(path);
      for (const [key, part] of Object.entries(schema)) {
        // No editor shows why a condition does not hold.
        if (typeof part === "object" && part !== null && key !== "if" && key !== "not") look(part, `${path}/${key}`);
      }
    };
    look(fileJsonSchema(), "");
    assertEquals(unclear, []);
  });
});

describe("jsonSchemaOf()", () => {
  it("refuses a field that does not say how it is written", () => {
    assertThrows(() => jsonSchemaOf(v.date()), TypeError, "described()");
  });
});
