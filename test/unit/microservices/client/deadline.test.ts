import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Deadline } from "../../../../src/microservices/client/deadline.ts";

const never = new Promise<never>(() => undefined);

describe("Deadline", () => {
  it("ends work that takes too long, and work whose signal aborts", async () => {
    using short = new Deadline(new AbortController().signal, 5);
    await assertRejects(() => short.of(never), Error, "no answer in 0.005 s");
    assert(short.signal.aborted);
    const outer = new AbortController();
    using long = new Deadline(outer.signal, 60_000);
    setTimeout(() => outer.abort(new RangeError("enough")));
    await assertRejects(() => long.of(never), RangeError, "enough");
    assertThrows(() => new Deadline(outer.signal, 1), RangeError, "enough");
  });

  it("gives what the work gives, and its error", async () => {
    using deadline = new Deadline(new AbortController().signal, 60_000);
    assertEquals(await deadline.of(Promise.resolve(1)), 1);
    await assertRejects(() => deadline.of(Promise.reject(new RangeError("own"))), RangeError, "own");
  });

  it("leaves the signal alone once it is lifted or disposed of", async () => {
    const outer = new AbortController();
    const deadline = new Deadline(outer.signal, 5);
    deadline.lift();
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert(!deadline.signal.aborted);
    deadline[Symbol.dispose]();
    outer.abort();
    assert(!deadline.signal.aborted);
  });
});
