import { assert } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { pause } from "../../../src/async/pause.ts";

describe("pause()", () => {
  it("waits, and no longer than the signal", async () => {
    const begin = performance.now();
    await pause(20);
    assert(performance.now() - begin >= 18); // timers may be a little early
    const controller = new AbortController();
    setTimeout(() => controller.abort());
    await pause(60_000, controller.signal);
    await pause(60_000, AbortSignal.abort());
    assert(performance.now() - begin < 30_000);
  });
});
