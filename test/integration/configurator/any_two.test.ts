import { assertEquals } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import fc from "../../support/properties.ts";
import type { NetworkConfigInput } from "@netns/netns";
import { assertSameTraces, describeAsRoot, traces } from "../support/traces.ts";
import { anyFile, NAMESPACES } from "../../support/any_file.ts";
import { Scratch } from "./scratch.ts";

/** A pair whose second end is down, and a neighbour on the first: one that is not permanent waits for the carrier. */
function waiting(state: "PERMANENT" | "STALE", first: "a0" | "b0"): NetworkConfigInput {
  const second = first === "a0" ? "b0" : "a0";
  const [e0, e1] = [0, 1].map((i) => ({
    hostIfName: `e${i}`,
    namespace: "green",
    physAddress: `02:00:00:00:00:0${i}`,
  }));
  return {
    interfaces: [
      { name: first, ...e0, veth: { peerIfName: second } },
      { name: second, ...e1, enabled: false, veth: { peerIfName: first } },
    ],
    arpEntries: [{ name: "n0", interface: first, ipAddr: "10.0.0.9", hwAddress: "02:00:00:00:00:08", state }],
  };
}

describeAsRoot("Configurator, of any two files,", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertSameTraces(start));

  it("has the same end as applying the second alone, and then nothing to do", async () => {
    await fc.assert(
      fc.asyncProperty(anyFile(2), anyFile(2), async (a, b) => {
        using both = new Scratch();
        using alone = new Scratch();
        const first = await both.apply(a);
        const second = await both.apply(b);
        const only = await alone.apply(b);
        assertEquals([first.failed, second.failed, only.failed], [[], [], []]);
        for (const name of NAMESPACES.filter((name) => alone.exists(name))) {
          assertEquals(both.state(name), alone.state(name), name);
        }
        assertEquals((await both.apply(b)).lines, []);
        const last = await both.destroy(b);
        const failed = last.failed.filter(({ owner }) => owner === undefined); // of an empty file nothing is remembered
        assertEquals([failed, last.pending, NAMESPACES.filter((name) => both.exists(name))], [[], [], []]);
      }),
      { numRuns: 40, examples: [[waiting("PERMANENT", "a0"), waiting("STALE", "b0")]] },
    );
  });
});
