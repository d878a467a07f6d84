import { describe, it } from "@std/testing/bdd";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { ConfigError } from "../../../src/errors.ts";
import { parseEndpoint } from "../../../src/models/forwards.ts";
import { portRange } from "../../../src/models/ports.ts";
import { checkConfig, faults, veth } from "./faults.ts";

type Section = "nat" | "forwards" | "firewall" | "uplinks";
type Fields = Readonly<Record<string, unknown>>;

const BLUE = { type: 2, name: "blue" };
const BASE: Readonly<Record<Section, Fields>> = {
  nat: { name: "n", namespace: "blue", out: "eth0" },
  forwards: { name: "f", namespace: "blue", in: "eth0", protocol: "tcp", port: 8080, to: "10.0.0.2:80" },
  firewall: { name: "w", namespace: "blue", out: "drop" },
  uplinks: { namespace: "blue" },
};
const read = (section: Section, fields: Fields): unknown =>
  checkConfig({ [section]: [{ ...BASE[section], ...fields }] })[section]?.[0];
const one = (section: Section, fields: Fields, path: string, expected = ""): void => {
  const found = faults({ [section]: [{ ...BASE[section], ...fields }] });
  const start = `${section}[0].${path}: ${expected}`;
  assert(found.length === 1 && found[0]?.startsWith(start), `${JSON.stringify(fields)}: ${found}, not ${start}`);
};

describe("natSchema", () => {
  it("reads what is written, and fills the defaults in", () => {
    assertEquals(read("nat", {}), { name: "n", namespace: BLUE, out: "eth0", random: false });
    const more = { description: "d", source: "10.0.0.0/8", random: true };
    assertEquals(read("nat", more), { name: "n", namespace: BLUE, out: "eth0", ...more });
    assertEquals(read("nat", { source: "10.0.0.1", namespace: undefined }), {
      name: "n",
      out: "eth0",
      source: "10.0.0.1/32",
      random: false,
    });
  });

  it("refuses what is none, each with its path", () => {
    one("nat", { source: "10.0.0.1/8" }, "source", "a network with its prefix and without bits beyond it");
    one("nat", { source: "here" }, "source");
    one("nat", { random: "yes" }, "random");
    one("nat", { out: undefined }, "out");
    one("nat", { name: undefined }, "name");
    one("nat", { in: "eth0" }, "in", "no such field");
    one("nat", { out: "a name that is too long" }, "out", "an interface of the file, or");
    one("nat", { out: "eth*" }, "out", "an interface of the file, or");
  });
});

describe("forwardSchema", () => {
  it("reads ports, ranges and endpoints in canonical text", () => {
    const [port, to] = [8080, "10.0.0.2:80"];
    const rest = { name: "f", namespace: BLUE, in: "eth0", protocol: "tcp" };
    const both = (given: Fields): unknown => read("forwards", given);
    assertEquals(both({}), { ...rest, port, to });
    assertEquals(both({ port: "8080", to: "[FD00:0::2]:80" }), { ...rest, port: 8080, to: "[fd00::2]:80" });
    assertEquals(both({ port: "8000-8010", to: "fd00::2" }), { ...rest, port: "8000-8010", to: "fd00::2" });
    assertEquals(both({ port: "80-80", to: "10.0.0.2", protocol: "udp" }), {
      ...rest,
      protocol: "udp",
      port: 80,
      to: "10.0.0.2",
    });
  });

  it("refuses what is none, each with its path", () => {
    for (const port of [0, 65536, "80-79", "80-", "http", null, "1-65536", -1, 1.5]) one("forwards", { port }, "port");
    for (const to of ["10.0.0.2:0", "10.0.0.2:x", "fd00::2:80:90:1:2:3:4:5:6", "224.0.0.1:80", "0.0.0.0", ":80", 80]) {
      one("forwards", { to }, "to");
    }
    one("forwards", { port: "80-90" }, "to", "an address without a port");
    one("forwards", { protocol: "sctp" }, "protocol", "tcp or udp");
    one("forwards", { in: undefined }, "in");
  });

  it("refuses two forwards of one port, however the link is named", () => {
    const interfaces = [veth({ name: "lan", hostIfName: "eth0", namespace: "blue" })];
    const forwards = [
      { ...BASE.forwards, port: "8000-8100" },
      { ...BASE.forwards, name: "g", namespace: undefined, in: "lan" },
      { ...BASE.forwards, name: "h", protocol: "udp" },
      { ...BASE.forwards, name: "i", to: "[fd00::2]:80" },
      { ...BASE.forwards, name: "j", in: "eth1" },
    ].map((one, index) => index === 0 ? { ...one, to: "10.0.0.2" } : one);
    assertEquals(faults({ interfaces, forwards }), [
      "forwards[1].port: ports that no other forward of the link has; forwards[0] has some of them",
    ]);
  });
});

describe("firewallSchema", () => {
  it("reads directions and exceptions; a state is one or a list", () => {
    const except = [
      { out: "tun0" },
      { protocol: "tcp", port: 22, source: "10.0.0.0/8" },
      { state: "established" },
      { state: ["established", "related"], destination: "fd00::1" },
    ];
    assertEquals(read("firewall", { in: "accept", except }), {
      name: "w",
      namespace: BLUE,
      in: "accept",
      out: "drop",
      except: [
        { out: "tun0" },
        { protocol: "tcp", port: 22, source: "10.0.0.0/8" },
        { state: ["established"] },
        { state: ["established", "related"], destination: "fd00::1/128" },
      ],
    });
    assertEquals(read("firewall", {}), { name: "w", namespace: BLUE, out: "drop", except: [] });
  });

  it("refuses what is none, each with its path", () => {
    one("firewall", { namespace: undefined }, "namespace");
    assertEquals(faults({ firewall: [{ name: "w", namespace: "blue" }] }), [
      "firewall[0]: drop or accept for in, out or forward",
    ]);
    one("firewall", { out: "reject" }, "out", "drop or accept");
    one("firewall", { except: [{}] }, "except[0]", "at least one field");
    one("firewall", { except: [{ port: 22 }] }, "except[0].protocol", "tcp or udp");
    one("firewall", { except: [{ port: 22, protocol: "icmp" }] }, "except[0].protocol", "tcp or udp");
    one("firewall", { except: [{ protocol: "icmp", source: "fd00::/8" }] }, "except[0].protocol", "no icmp");
    one("firewall", { except: [{ source: "10.0.0.0/8", destination: "fd00::1" }] }, "except[0].destination");
    one("firewall", { except: [{ state: "open" }] }, "except[0].state", "new, established");
    one("firewall", { except: [{ state: [] }] }, "except[0].state");
    one("firewall", { except: [{ in: "eth0" }] }, "except", "no exception with in in a filter that has out alone");
    one("firewall", { except: [{ out: "eth 0" }] }, "except[0].out", "an interface of the file, or");
  });

  it("refuses two filters of one direction in a namespace", () => {
    const firewall = [BASE.firewall, { ...BASE.firewall, name: "x", in: "drop" }, {
      ...BASE.firewall,
      name: "y",
      namespace: "green",
    }];
    assertEquals(faults({ firewall }), ["firewall[1].out: one filter with out for each namespace; firewall[0] has it"]);
    assertEquals(faults({ firewall: [BASE.firewall, { ...BASE.firewall, out: undefined, in: "drop" }] }), [
      "firewall[1].name: a name of its own; firewall[0] has it",
    ]);
  });
});

describe("uplinkSchema", () => {
  it("reads a namespace alone, or a mapping", () => {
    const uplinks = ["blue", { namespace: "green", addresses: "10.200.1.0/30", dns: ["9.9.9.9"] }, "PID:1", {
      namespace: { name: "red" },
      dns: "host",
    }];
    assertEquals(checkConfig({ uplinks }).uplinks, [
      { namespace: { type: 2, name: "blue" }, dns: "host" },
      { namespace: { type: 2, name: "green" }, addresses: "10.200.1.0/30", dns: ["9.9.9.9"] },
      { namespace: { type: 0, pid: 1 }, dns: [] },
      { namespace: { type: 2, name: "red" }, dns: "host" },
    ]);
  });

  it("refuses what is none, each with its path", () => {
    for (const addresses of ["10.200.1.1/30", "10.200.1.0/31", "fd00::/64", "10.200.1.0", 1]) {
      one("uplinks", { addresses }, "addresses");
    }
    const both = (first: string, second: string): string[] =>
      faults({ uplinks: [{ namespace: "a", addresses: first }, "b", { namespace: "c", addresses: second }] });
    assertEquals(both("10.200.1.0/30", "10.200.1.4/30"), []);
    for (const [first, second] of [["10.200.0.0/29", "10.200.0.4/30"], ["10.200.0.4/30", "10.200.0.0/16"]] as const) {
      assertEquals(both(first, second), ["uplinks[2].addresses: a network of its own; uplinks[0] has addresses of it"]);
    }
    one("uplinks", { dns: "9.9.9.9" }, "dns");
    one("uplinks", { dns: ["here"] }, "dns[0]");
    one("uplinks", { namespace: "PID:1", dns: "host" }, "dns", "no dns");
    one("uplinks", { namespace: "PID:0" }, "namespace", "another namespace than the default one");
    assertEquals(faults({ uplinks: ["PID:0", { type: 2, name: "" }, 5] }).map((fault) => fault.split(": ")[0]), [
      "uplinks[0]",
      "uplinks[1].name",
      "uplinks[2]",
    ]);
    const { issues } = assertThrows(() => checkConfig({ uplinks: ["PID:0"] }), ConfigError);
    assertEquals(issues.map(({ value }) => value), ["PID:0"], "as it is written");
    assertEquals(faults({ uplinks: ["blue", { namespace: "blue" }] }), [
      "uplinks[1].namespace: one uplink for each namespace; uplinks[0] has it",
    ]);
  });
});

describe("portRange(), parseEndpoint()", () => {
  it("read what the schemas accept", () => {
    assertEquals([portRange(80), portRange("80-90"), portRange("x")], [
      { first: 80, last: 80 },
      { first: 80, last: 90 },
      undefined,
    ]);
    assertEquals([parseEndpoint("10.0.0.2"), parseEndpoint("[fd00::2]"), parseEndpoint("[fd00::2]:65536")], [
      { address: "10.0.0.2" },
      { address: "fd00::2" },
      undefined,
    ]);
  });
});
