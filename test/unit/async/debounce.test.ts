import { assert, assertEquals, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Debounce } from "../../../src/async/debounce.ts";
import { pause } from "../../../src/async/pause.ts";

describe("Debounce", () => {
  it("wakes at once, and once for all that is asked for during the work and the rest after it", async () => {
    const ended = new AbortController();
    const took: number[] = [];
    const debounce = new Debounce((ms) => took.push(ms) * 0 + 20);
    for (let i = 0; i < 3; i++) debounce.wake();
    const wakes: number[] = [];
    for await (const _ of debounce.wakeUps(ended.signal)) {
      wakes.push(performance.now());
      for (let i = 0; i < 3; i++) debounce.wake();
      await pause(10);
      if (wakes.length === 3) ended.abort();
    }
    assertEquals([wakes.length, took.length], [3, 3]);
    const [first = 0, second = 0] = wakes;
    assert(second - first >= 28, `${second - first} ms`); // timers may be a little early
    assert(took.every((ms) => ms >= 9), `${took}`);
  });

  it("does not rest before the first wake-up, and ends with a reason", async () => {
    const debounce = new Debounce(() => 60_000);
    setTimeout(debounce.wake);
    const wakeUps = debounce.wakeUps();
    assertEquals((await wakeUps.next()).done, false);
    await wakeUps.return();
    const failing = new Debounce(() => 0);
    failing.wake();
    failing.end(new RangeError("over"));
    const answered: unknown[] = [];
    await assertRejects(
      async () => {
        for await (const _ of failing.wakeUps()) answered.push(true);
      },
      RangeError,
      "over",
    );
    assertEquals(answered, [true]);
  });
});
