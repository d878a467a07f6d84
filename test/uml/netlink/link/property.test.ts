/** Links of random kinds with random options: what was listed makes the same link again, as `ip` shows it. */
import { assert, assertEquals } from "@std/assert";
import { after, before, describe, it } from "@std/testing/bdd";
import process from "node:process";
import fc from "../../../support/properties.ts";
import { type Link, type LinkSpec, NetlinkError } from "@netns/netns";
import { Scene } from "../../../e2e/ip_scene.ts";
import type { IpLink } from "../../../e2e/ip_links.ts";
import { traces } from "../../../integration/support/traces.ts";
import { CASES } from "../../../unit/netlink/link/kinds/cases.ts";

const { LINKS_SEED, LINKS_RUNS = "30" } = process.env;

/** What each link has: an `ip` that goes on running looks a name up once. */
const NAMED = { name: "x", index: 50 } as const;

/** The specifications of each kind that this kernel has. */
const KINDS = new Map<string, LinkSpec[]>();
for (const { spec, kernel } of CASES) {
  if (kernel === undefined) KINDS.set(spec.kind, [...KINDS.get(spec.kind) ?? [], spec]);
}

/** A kind, some of the options that its cases have, and what every link can have. */
const anyLink: fc.Arbitrary<LinkSpec> = fc.constantFrom(...KINDS.values()).chain((specs) => {
  const options = specs.flatMap((spec) => Object.entries(spec)).filter(([key]) => key !== "kind" && key !== "name");
  return fc.tuple(
    fc.constantFrom(...specs),
    fc.subarray(options),
    fc.record({
      mtu: fc.constantFrom(1300, 1400),
      txQueueLength: fc.constantFrom(7, 500),
      numTxQueues: fc.constantFrom(2, 4),
      allmulti: fc.constant(true),
    }, { requiredKeys: [] }),
  ).map(([spec, chosen, base]): LinkSpec => {
    const needed = spec.kind === "hsr" ? spec : { link: "link" in spec ? spec.link : undefined };
    const id = "id" in spec ? { id: spec.id } : {};
    return Object.assign({ kind: spec.kind, ...NAMED }, needed, id, Object.fromEntries(chosen), base) as LinkSpec;
  });
});

/** What a link that exists is made of again. */
function listedSpec({ kind, data, mtu, txQueueLength, numTxQueues, numRxQueues, allmulti, address }: Link): LinkSpec {
  const own = { mtu, txQueueLength, numTxQueues, numRxQueues, allmulti: allmulti || undefined };
  // Tunnels have an address that comes from their options.
  const ethernet = address !== undefined && /^(..:){5}..$/.test(address) ? { address } : {};
  return Object.assign({ kind, ...NAMED }, data, own, ethernet) as LinkSpec; // the kinds without options have no data
}

/** What `ip` says of `x`, without what changes by itself or is the kernel's to choose. */
function shown(scene: Scene): unknown {
  const [{ ifindex: _index, ...link } = { ifindex: 0 }] = JSON.parse(scene.ask("link show x")) as (
    & IpLink
    & Record<string, unknown>
  )[];
  const OWN = /_timer$|^(seq_nr|bridge_id|root_id|sci|hash|permaddr)$/;
  return JSON.parse(JSON.stringify(link, (key, value) => OWN.test(key) ? undefined : value));
}

describe("a random link", () => {
  let start: unknown;
  before(() => {
    {
      // Modules of tunnels make a link of their own in every namespace, once they are there.
      using scene = new Scene();
      for (const [spec] of KINDS.values()) {
        if (spec === undefined || "slave1" in spec) continue;
        scene.netlink.addLink(spec);
        scene.netlink.deleteLink("x");
      }
    }
    start = traces();
  });
  after(() => assertEquals(traces(), start));

  it("is made again by what was listed", () => {
    using scene = new Scene();
    const { netlink } = scene;
    for (const [name, index] of [["d0", 20], ["d1", 21]] as const) netlink.addLink({ kind: "ifb", name, index });
    const made = new Map<string, number>();
    fc.assert(
      fc.property(anyLink, (spec) => {
        if (netlink.listLinks().some(({ name }) => name === "x")) netlink.deleteLink("x");
        try {
          netlink.addLink(spec);
        } catch (error) {
          if (error instanceof NetlinkError || error instanceof TypeError || error instanceof RangeError) return;
          throw error; // options that exclude each other are refused
        }
        made.set(spec.kind, (made.get(spec.kind) ?? 0) + 1);
        const before = shown(scene);
        const listed = netlink.getLink("x");
        netlink.deleteLink("x");
        netlink.addLink(listedSpec(listed));
        assertEquals(shown(scene), before, JSON.stringify(spec));
      }),
      { numRuns: Number(LINKS_RUNS), seed: LINKS_SEED === undefined ? 18 : Number(LINKS_SEED) },
    );
    assert(made.size >= KINDS.size / 4, `links of ${made.size} kinds: ${JSON.stringify([...made])}`);
  });
});
