import { assertEquals } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import fc from "fast-check";
import { readConfig } from "@netns/netns";
import { assertSameTraces, describeAsRoot, traces } from "../support/traces.ts";
import { Scratch } from "./scratch.ts";

const SPACES = ["blue", "green", "red"];
const ADDRESSES = ["10.0.0.1/24", "10.0.0.2/24", "10.0.0.3/24", "10.1.0.1/16", "fd00::1/64", "fd00::2/64"];
const LINKS = fc.constantFrom("a0", "b0", "a1");

const side = fc.record({
  hostIfName: fc.constantFrom("e0", "e1", "e2"),
  namespace: fc.constantFrom(...SPACES),
  mtu: fc.constantFrom(1400, 1500),
  physAddress: fc.constantFrom("02:00:00:00:00:01", "02:00:00:00:00:02"),
  enabled: fc.boolean(),
  ipAddresses: fc.uniqueArray(fc.constantFrom(...ADDRESSES), { maxLength: 4 }),
});
const route = fc.record({
  interface: LINKS,
  dstIpAddr: fc.constantFrom("10.7.0.0/16", "10.8.0.0/16", "fd07::/32"),
  metric: fc.constantFrom(5, 6),
  table: fc.constantFrom(254, 77),
});
const entry = fc.record({
  interface: LINKS,
  ipAddr: fc.constantFrom("10.0.0.9", "fd00::9"),
  hwAddress: fc.constantFrom("02:00:00:00:00:08", "02:00:00:00:00:09"),
  state: fc.constantFrom("PERMANENT", "NOARP", "STALE"),
});

/** Any file about three namespaces, with all the fields that have no default of their own. */
const file: fc.Arbitrary<Record<string, unknown>> = fc.record({
  pairs: fc.array(fc.tuple(side, side), { maxLength: 2 }),
  routes: fc.array(route, { maxLength: 3 }),
  arpEntries: fc.array(entry, { maxLength: 3 }),
}).map(({ pairs, routes, arpEntries }) => ({
  namespaces: SPACES,
  interfaces: pairs.flatMap(([a, b], i) => [
    { name: `a${i}`, veth: { peerIfName: `b${i}` }, ...a },
    { name: `b${i}`, veth: { peerIfName: `a${i}` }, ...b },
  ]),
  routes: routes.map((one, i) => ({ name: `r${i}`, ...one })),
  arpEntries: arpEntries.map((one, i) => ({ name: `n${i}`, ...one })),
})).filter((document) => {
  try {
    return readConfig(document) !== undefined;
  } catch {
    return false; // two links of one name, two routes in one place
  }
});

describeAsRoot("Configurator, of any two files,", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertSameTraces(start));

  it("has the same end as applying the second alone, and then nothing to do", async () => {
    await fc.assert(
      fc.asyncProperty(file, file, async (a, b) => {
        using both = new Scratch();
        using alone = new Scratch();
        const first = await both.apply(a);
        const second = await both.apply(b);
        const only = await alone.apply(b);
        assertEquals([first.failed, second.failed, only.failed], [[], [], []]);
        for (const space of SPACES) assertEquals(both.state(space), alone.state(space), space);
        assertEquals((await both.apply(b)).lines, []);
        const last = await both.destroy(b);
        assertEquals([last.failed, last.pending, SPACES.filter((space) => both.exists(space))], [[], [], []]);
      }),
      { numRuns: 40 },
    );
  });
});
