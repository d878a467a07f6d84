import { assertEquals } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import fc from "fast-check";
import { assertSameTraces, describeAsRoot, traces } from "../support/traces.ts";
import { anyFile, NAMESPACES } from "../../support/any_file.ts";
import { Scratch } from "./scratch.ts";

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
      { numRuns: 40 },
    );
  });
});
