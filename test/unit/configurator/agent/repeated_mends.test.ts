import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { RepeatedMends } from "../../../../src/configurator/agent/repeated_mends.ts";
import type { Step, StepKind } from "../../../../src/configurator/report.ts";

const step = (kind: StepKind, item: string): Step => (
  { kind, item, description: `${kind} of ${item}`, namespace: null, link: null, from: null, to: null }
);
const UP = step("change-link", "interface left");
const WARNING =
  'somebody undoes "change-link of interface left" again and again: it is done after pauses that grow up to 30 s';

describe("RepeatedMends", () => {
  /** Mends `steps` because of `sources` after `ms`, and how long the first of them has to wait then. */
  function machine() {
    let [now, wakes] = [0, 0];
    const mends = new RepeatedMends(() => wakes++, () => now);
    return {
      [Symbol.dispose]: () => mends[Symbol.dispose](),
      mends,
      wakes: () => wakes,
      mend(ms: number, steps: readonly Step[], ...sources: readonly [string, ...string[]]): number {
        now += ms;
        for (const source of sources) mends.changed(source);
        mends.begin();
        mends.mended(steps);
        return mends.restOf(sources[0]);
      },
    };
  }

  it("mends the same thirty times at once, then after pauses that grow up to 30 s, and says so", () => {
    using one = machine();
    const rests: number[] = [];
    for (let i = 0; i < 29; i++) rests.push(one.mend(250, [UP, UP], "a"));
    assertEquals([[...new Set(rests)], one.mends.warnings()], [[0], []]);
    rests.length = 0;
    for (let i = 0; i < 9; i++) rests.push(one.mend(rests.at(-1) ?? 250, [UP], "a"));
    assertEquals(rests, [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
    assertEquals(one.mends.warnings(), [WARNING]);
  });

  it("holds up no other source, and counts what was only there as well from its first time on", () => {
    using one = machine();
    for (let i = 0; i < 32; i++) one.mend(250, [UP], "a");
    one.mend(250, [UP], "a", "b");
    assertEquals([one.mends.restOf("a"), one.mends.restOf("b")], [4000, 0]);
    assertEquals(one.mends.warnings(), [WARNING]);
    const before = one.wakes();
    one.mends.changed("a"); // waits
    assertEquals(one.wakes(), before);
    one.mends.changed("b");
    assertEquals(one.wakes(), before + 1);
  });

  it("counts neither different things nor what is mended now and then together", () => {
    using one = machine();
    for (let i = 0; i < 40; i++) assertEquals(one.mend(250, [step("change-link", `interface ${i}`)], "a"), 0);
    for (let i = 0; i < 40; i++) assertEquals(one.mend(10_001, [UP], "a"), 0);
    for (let i = 0; i < 40; i++) assertEquals(one.mend(250, [], "a"), 0);
    assertEquals(one.mends.warnings(), []);
  });

  it("begins anew after a quiet time, of at least twice the pause", () => {
    using one = machine();
    for (let i = 0; i < 35; i++) one.mend(250, [UP], "a");
    assertEquals(one.mend(16_000, [UP], "a"), 30_000, "not quiet for long enough");
    assertEquals(one.mend(60_001, [UP], "a"), 0);
    assertEquals(one.mends.warnings(), []);
  });

  it("does not count what a new configuration asks for", () => {
    using one = machine();
    for (let i = 0; i < 40; i++) {
      one.mends.changed("a");
      one.mends.begin(); // and mended() is not called
    }
    assertEquals(one.mends.restOf("a"), 0);
  });
});
