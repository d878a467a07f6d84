import { assertEquals, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { OverrunError } from "../../../src/errors.ts";
import { EventQueue } from "../../../src/async/event_queue.ts";

async function all<T>(queue: EventQueue<T>, signal?: AbortSignal): Promise<T[]> {
  const values: T[] = [];
  for await (const value of queue.values(signal)) values.push(value);
  return values;
}

describe("EventQueue", () => {
  it("gives values in order, also those that came before the loop, and ends", async () => {
    const queue = new EventQueue<number | undefined>({ limit: 10 });
    queue.push(1);
    queue.push(undefined);
    setTimeout(() => {
      queue.push(3);
      queue.end();
      queue.push(4);
    });
    assertEquals(await all(queue), [1, undefined, 3]);
  });

  it("throws the reason after the values", async () => {
    const queue = new EventQueue<number>({ limit: 10 });
    queue.push(1);
    queue.end(new RangeError("over"));
    await assertRejects(() => all(queue), RangeError, "over");
  });

  it("ends with the signal, without an error", async () => {
    const queue = new EventQueue<number>({ limit: 10 });
    assertEquals(await all(queue, AbortSignal.abort()), []);
    const waiting = new EventQueue<number>({ limit: 10 });
    const controller = new AbortController();
    setTimeout(() => controller.abort());
    assertEquals(await all(waiting, controller.signal), []);
  });

  it("says that it was overrun, after what it kept", async () => {
    const queue = new EventQueue<number>({ limit: 2 });
    for (const value of [1, 2, 3, 4]) queue.push(value);
    const seen: number[] = [];
    await assertRejects(
      async () => {
        for await (const value of queue.values()) seen.push(value);
      },
      OverrunError,
      "more than 2",
    );
    assertEquals(seen, [1, 2]);
  });

  it("keeps the newest where the last value says everything", async () => {
    const queue = new EventQueue<number>({ limit: 2, overrun: "drop-oldest" });
    for (const value of [1, 2, 3, 4]) queue.push(value);
    queue.end();
    assertEquals(await all(queue), [3, 4]);
  });
});
