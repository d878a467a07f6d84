/** What the kernel takes but once: what a file may therefore not describe twice, `ip` makes no second time either. */
import { spawnSync } from "node:child_process";
import { assertEquals } from "@std/assert";
import { after, afterEach, before, describe, it } from "@std/testing/bdd";
import { ConfigError, createNamedNamespace, deleteNamedNamespace, readConfig } from "@netns/netns";
import { scratchName } from "../../../integration/support/traces.ts";

type Link = Readonly<Record<string, string | number>>;
/** Two links of one type, and what the kernel makes of the second. */
type Case = readonly [type: string, one: Link, other: Link, isTaken: boolean];

const VLAN = { parent: "p0", id: 7 };
const UDP = { id: 7, remote: "10.0.0.2" };
const UDP6 = { id: 7, remote: "2001:db8::2" };
const NEAR = { id: 7, local: "fe80::1", remote: "fe80::2" };
const GRE = { mode: "gre", local: "10.0.0.1", remote: "10.0.0.2" };
const SIX = { mode: "ip6tnl", local: "2001:db8::1", remote: "2001:db8::2" };
const CASES: readonly Case[] = [
  ["vlan", VLAN, VLAN, true],
  ["vlan", VLAN, { ...VLAN, protocol: "802.1ad" }, false],
  ["vlan", VLAN, { ...VLAN, parent: "p1" }, false],
  ["vxlan", UDP, { ...UDP, remote: "10.0.0.3" }, true],
  ["vxlan", UDP, { ...UDP, local: "10.0.0.1", parent: "p0" }, true],
  ["vxlan", UDP, UDP6, false],
  ["vxlan", UDP6, { ...UDP6, remote: "2001:db8::3" }, true],
  ["vxlan", UDP, { ...UDP, port: 4789 }, false],
  ["vxlan", UDP, { ...UDP, id: 8 }, false],
  ["vxlan", { ...NEAR, parent: "p0" }, { ...NEAR, parent: "p0" }, true],
  ["vxlan", { ...NEAR, parent: "p0" }, { ...NEAR, parent: "p1" }, false],
  ["geneve", UDP, UDP, true],
  ["geneve", UDP, { ...UDP, remote: "10.0.0.3" }, false],
  ["geneve", UDP, { ...UDP, port: 6082 }, false],
  ["tunnel", GRE, GRE, true],
  ["tunnel", GRE, { ...GRE, mode: "gretap" }, false],
  ["tunnel", GRE, { ...GRE, key: 5 }, false],
  ["tunnel", GRE, { ...GRE, parent: "p0" }, false],
  ["tunnel", GRE, { ...GRE, remote: "10.0.0.3" }, false],
  ["tunnel", { ...GRE, mode: "ipip" }, { ...GRE, mode: "ipip", ttl: 9 }, true],
  ["tunnel", { ...GRE, mode: "sit" }, { ...GRE, mode: "sit" }, true],
  ["tunnel", SIX, SIX, true],
  ["tunnel", SIX, { ...SIX, parent: "p0" }, false],
  ["tunnel", { ...SIX, mode: "ip6gre" }, { ...SIX, mode: "ip6gre" }, true],
  ["tunnel", { ...SIX, mode: "ip6gre" }, { ...SIX, mode: "ip6gretap" }, false],
];

/** The line by which `ip` makes a link. */
function line(name: string, type: string, { parent, mode, protocol, port, ...rest }: Link): string {
  const below = parent === undefined ? "" : `${type === "vlan" ? "link" : "dev"} ${parent}`;
  const [before, after] = type === "vlan" ? [below, ""] : ["", below];
  const listening = port ?? (type === "vxlan" ? 8472 : undefined); // `ip` says that it takes another one by itself
  const options = [
    ...Object.entries({ protocol, ...rest, dstport: listening }).filter(([, value]) => value !== undefined).flat(),
    after,
  ];
  return `link add ${before} name ${name} type ${mode ?? type} ${options.join(" ")}\n`;
}

function isRefused(document: Record<string, unknown>): boolean {
  try {
    readConfig(document);
    return false;
  } catch (error) {
    if (error instanceof ConfigError) return true;
    throw error;
  }
}

describe("Two links with what the kernel takes but once", () => {
  const name = scratchName();
  const ip = (input: string) => spawnSync("ip", ["-n", name, "-force", "-batch", "-"], { input, encoding: "utf8" });
  before(() => {
    createNamedNamespace(name).close();
    assertEquals(ip("link add p0 type dummy\nlink add p1 type dummy\n").stderr, "");
  });
  after(() => deleteNamedNamespace(name));
  afterEach(() => void ip("link delete x0\nlink delete x1\n"));

  for (const [type, one, other, isTaken] of CASES) {
    it(`${type} ${JSON.stringify(one)}, ${JSON.stringify(other)}: ${isTaken ? "refused" : "made"}`, () => {
      const { stderr } = ip(line("x0", type, one) + line("x1", type, other));
      assertEquals([stderr.includes("-:1"), stderr.includes("-:2")], [false, isTaken], stderr);
      const described = [one, other].map((options, i) => (
        { name: `x${i}`, type: type.toUpperCase(), namespace: "blue", [type]: options }
      ));
      assertEquals(isRefused({ interfaces: described }), isTaken, "the file");
    });
  }
});
