import { assert, assertEquals, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { EventQueue } from "../../../src/async/event_queue.ts";
import { interruptible } from "../../../src/async/interruptible.ts";

const DONE: IteratorReturnResult<void> = { done: true, value: undefined };

/** An iteration over a queue, and how often it was cleaned up. */
function over(queue: EventQueue<number>, signal?: AbortSignal): {
  readonly values: AsyncGenerator<number, void, undefined>;
  readonly ends: () => number;
} {
  let ends = 0;
  const values = interruptible(async function* (ended) {
    try {
      yield* queue.values(ended);
    } finally {
      ends++;
    }
  }, signal);
  return { values, ends: () => ends };
}

describe("interruptible()", () => {
  it("gives the values", async () => {
    const queue = new EventQueue<number>({ limit: 10, overrun: "drop-oldest" });
    for (const value of [1, 2, 3]) queue.push(value);
    queue.end();
    const found: number[] = [];
    const { values, ends } = over(queue);
    for await (const value of values) found.push(value);
    assertEquals([found, ends()], [[1, 2, 3], 1]);
  });

  it("ends every next() that waits, when it returns", async () => {
    const { values, ends } = over(new EventQueue<number>({ limit: 10, overrun: "drop-oldest" }));
    const waiting = [values.next(), values.next(), values.next()];
    assertEquals(await values.return(), DONE);
    assertEquals(await Promise.all(waiting), [DONE, DONE, DONE]);
    assertEquals([await values.next(), ends()], [DONE, 1]);
  });

  it("ends with the block", async () => {
    const queue = new EventQueue<number>({ limit: 10, overrun: "drop-oldest" });
    let waiting: Promise<unknown>;
    {
      await using values = over(queue).values;
      waiting = values.next();
    }
    assertEquals(await waiting, DONE);
  });

  it("ends with its signal, before and while it waits, and listens to it no longer", async () => {
    const aborter = new AbortController();
    const { values } = over(new EventQueue<number>({ limit: 10, overrun: "drop-oldest" }), aborter.signal);
    const waiting = values.next();
    aborter.abort();
    assertEquals(await waiting, DONE);
    assertEquals(
      await over(new EventQueue<number>({ limit: 10, overrun: "drop-oldest" }), aborter.signal).values.next(),
      DONE,
    );
  });

  it("throws what it is given, and what the values throw", async () => {
    const { values } = over(new EventQueue<number>({ limit: 10, overrun: "drop-oldest" }));
    const waiting = values.next();
    await assertRejects(() => values.throw(new RangeError("the caller's own")), RangeError);
    assertEquals(await waiting, DONE);
    const queue = new EventQueue<number>({ limit: 10, overrun: "drop-oldest" });
    queue.end(new RangeError("of the values"));
    const error = await assertRejects(() => over(queue).values.next(), RangeError);
    assert(error.message === "of the values");
  });

  it("releases what it holds once: at its end, before its beginning, and at a signal before that", async () => {
    let released = 0;
    const begin = (signal?: AbortSignal): AsyncGenerator<number, void, undefined> => {
      const queue = new EventQueue<number>({ limit: 10, overrun: "drop-oldest" });
      queue.push(1);
      return interruptible((ended) => queue.values(ended), signal, () => released++);
    };
    await begin().return();
    assertEquals(released, 1);
    for await (const _ of begin()) break;
    assertEquals(released, 2);
    const aborter = new AbortController();
    const values = begin(aborter.signal);
    aborter.abort();
    assertEquals(released, 3);
    assertEquals(await values.next(), DONE);
    await values.return();
    assertEquals(released, 3);
    assertEquals(await begin(aborter.signal).next(), DONE);
    assertEquals(released, 4);
  });
});
