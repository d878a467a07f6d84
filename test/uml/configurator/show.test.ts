/** `show` of machines with kinds of links and qdiscs that not every kernel has: what it gives makes the same again. */
import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import process from "node:process";
import fc from "../../support/properties.ts";
import { traces } from "../../integration/support/traces.ts";
import { holdsFor } from "../../e2e/show_law.ts";
import { anyMachine, type Deed } from "../../e2e/show_machine.ts";
import { leavesNothing } from "./leaves_nothing.ts";

const { SHOW_CASES = "6", SHOW_SEED, SHOW_KINDS } = process.env;

/** A pair that is up, with addresses. */
const PAIR: readonly Deed[] = [
  { do: "pair", side: "a", name: "e0", far: "b", farName: "e0", queues: 1 },
  { do: "pair", side: "a", name: "e1", far: "b", farName: "e1", queues: 1 },
  { do: "pair", side: "a", name: "e2", far: "b", farName: "e2", queues: 1 },
  { do: "set", side: "a", name: "e0", change: { up: true } },
  { do: "set", side: "b", name: "e0", change: { up: true } },
  { do: "set", side: "b", name: "e1", change: { up: true } },
  { do: "address", side: "a", name: "e0", cidr: "10.1.0.1/24", options: { noDad: true, broadcast: "+" } },
  { do: "address", side: "a", name: "e0", cidr: "fd01::1/64", options: { noDad: true } },
];
const up = (name: string): Deed => ({ do: "set", side: "a", name, change: { up: true } });
const link = (spec: Extract<Deed, { readonly do: "link" }>["spec"]): Deed => ({ do: "link", side: "a", spec });
const lower = { name: "e0" } as const;

const CASES: Readonly<Record<string, readonly Deed[]>> = {
  vlan: [link({ kind: "vlan", name: "v5", id: 5, protocol: 0x88a8, link: lower }), up("v5")],
  vrf: [
    link({ kind: "vrf", name: "vrf0", table: 10 }),
    up("vrf0"),
    { do: "set", side: "a", name: "e0", change: { master: { name: "vrf0" } } },
    { do: "route", side: "a", spec: { dst: "0.0.0.0/0", type: "unreachable", table: 10, metric: 9 } },
  ],
  bond: [
    link({ kind: "bond", name: "bond0", mode: "active-backup", miimon: 100 }),
    { do: "set", side: "a", name: "e1", change: { master: { name: "bond0" } } },
    { do: "set", side: "a", name: "bond0", change: { bond: { primary: { name: "e1" } } } },
    up("bond0"),
    { do: "address", side: "a", name: "bond0", cidr: "10.2.0.1/24", options: { noDad: true, broadcast: "+" } },
  ],
  netem: [{ do: "qdisc", side: "a", name: "e0", qdisc: { kind: "netem", delay: 20_000_000, loss: 1, limit: 55 } }],
  vxlan: [
    link({ kind: "vxlan", name: "x0", id: 5, remote: "10.1.0.9", link: lower, learning: false, port: 4789 }),
    { do: "entry", side: "a", name: "x0", address: "02:00:00:00:00:09", ip: "10.1.0.7" },
    { do: "entry", side: "a", name: "x0", address: "00:00:00:00:00:00", ip: "10.1.0.8" },
    up("x0"),
  ],
  "VLAN of what has no ARP": [
    link({ kind: "dummy", name: "d1" }),
    link({ kind: "vlan", name: "v6", id: 6, link: { name: "d1" } }),
    up("d1"),
    up("v6"),
  ],
  geneve: [link({ kind: "geneve", name: "g0", id: 5, remote: "10.1.0.9", ttl: 9 }), up("g0")],
  "geneve over IPv6": [link({ kind: "geneve", name: "g6", id: 6, remote: "fd01::9", ttl: 9 }), up("g6")],
  macvlan: [link({ kind: "macvlan", name: "m0", mode: "vepa", link: lower }), up("m0")],
  ipvlan: [link({ kind: "ipvlan", name: "i0", mode: "l3", link: lower }), up("i0")],
  dummy: [link({ kind: "dummy", name: "d0" }), up("d0")],
  "bridge with VLANs": [
    link({ kind: "bridge", name: "br0", vlanFiltering: true, vlanDefaultPvid: 7, priority: 100 }),
    { do: "set", side: "a", name: "e2", change: { master: { name: "br0" } } },
    { do: "vlan", side: "a", name: "e2", id: 10, pvid: false, untagged: false },
    { do: "vlan", side: "a", name: "e2", id: 11, pvid: false, untagged: false },
    { do: "vlan", side: "a", name: "e2", id: 20, pvid: true, untagged: true },
  ],
  ...Object.fromEntries((["gre", "gretap", "ipip", "sit"] as const).map((kind) => [
    kind,
    [link({ kind, name: `t-${kind}`, local: "10.1.0.1", remote: "10.1.0.9", ttl: 9, link: lower }), up(`t-${kind}`)],
  ])),
  ...Object.fromEntries((["ip6gre", "ip6gretap", "ip6tnl"] as const).map((kind) => [
    kind,
    [link({ kind, name: `t-${kind}`, local: "fd01::1", remote: "fd01::9" }), up(`t-${kind}`)],
  ])),
};

describe("show()", () => {
  leavesNothing(traces);

  const whole = process.env["WHOLE"] === "1";

  const isWanted = (name: string): boolean => (
    SHOW_KINDS === undefined ? whole || name === "vlan" : SHOW_KINDS.split(",").includes(name)
  );
  for (const [name, deeds] of Object.entries(CASES).filter(([name]) => isWanted(name))) {
    it(`is a file that makes the same, of ${name}`, async () => {
      assertEquals(await holdsFor([...PAIR, ...deeds]), []);
    });
  }

  if (!whole || SHOW_KINDS !== undefined) return;
  it("is a file that makes the same, of all kinds at once", async () => {
    // That of a VRF comes last: it takes the addresses of IPv6 from the link.
    const { vrf = [], ...others } = CASES;
    const lines = await holdsFor([...PAIR, ...Object.values(others).flat(), ...vrf]);
    // Down and up again for the VRF, the kernel has the link below a macvlan promiscuous as if somebody had set it so.
    assertEquals(lines.filter((line) => !line.endsWith("/e0: without promiscuous")), []);
  });

  it("is a file that makes the same, of any machine", async () => {
    const property = fc.asyncProperty(anyMachine, async (deeds) => {
      const lines = await holdsFor(deeds);
      // This kernel is for one processor, and has one queue in, however many are asked for.
      assertEquals(
        lines.filter((line) =>
          !/ is down$|: without (\d+ queues out and \d+ in$|the carrier that a bridge )/.test(line)
        ),
        [],
      );
    });
    await fc.assert(property, {
      numRuns: Number(SHOW_CASES),
      ...SHOW_SEED === undefined ? {} : { seed: Number(SHOW_SEED) },
      endOnFailure: true,
    });
  });
});
