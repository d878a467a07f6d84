import { assertEquals, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { EventQueue } from "../../../src/async/event_queue.ts";

async function all<T>(queue: EventQueue<T>, signal?: AbortSignal): Promise<T[]> {
  const values: T[] = [];
  for await (const value of queue.values(signal)) values.push(value);
  return values;
}

describe("EventQueue", () => {
  it("gives values in order, also those that came before the loop, and ends", async () => {
    const queue = new EventQueue<number | undefined>({ limit: 10, overrun: "drop-oldest" });
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
    const queue = new EventQueue<number>({ limit: 10, overrun: "drop-oldest" });
    queue.push(1);
    queue.end(new RangeError("over"));
    await assertRejects(() => all(queue), RangeError, "over");
  });

  it("ends with the signal, without an error", async () => {
    const queue = new EventQueue<number>({ limit: 10, overrun: "drop-oldest" });
    assertEquals(await all(queue, AbortSignal.abort()), []);
    const waiting = new EventQueue<number>({ limit: 10, overrun: "drop-oldest" });
    const controller = new AbortController();
    setTimeout(() => controller.abort());
    assertEquals(await all(waiting, controller.signal), []);
  });

  it("loses what comes past the limit, until those that wait are taken, and gives what stands for it", async () => {
    let calls = 0;
    const queue = new EventQueue<number>({ limit: 2, overrun: () => [100 * ++calls, 100 * calls + 1] });
    for (const value of [1, 2, 3, 4]) queue.push(value);
    const values = queue.values();
    const take = async (): Promise<number | void> => (await values.next()).value;
    assertEquals([await take(), await take(), await take()], [1, 2, 100]);
    queue.push(5); // behind what stands for 3 and 4
    assertEquals([await take(), await take(), calls], [101, 5, 1]);
    for (const value of [6, 7, 8]) queue.push(value);
    assertEquals([await take(), await take(), await take(), calls], [6, 7, 200, 2]);
    await values.return();
  });

  it("gives nothing for what was lost once it has ended", async () => {
    const queue = new EventQueue<number>({ limit: 1, overrun: () => [9] });
    for (const value of [1, 2]) queue.push(value);
    queue.end();
    assertEquals(await all(queue), [1]);
  });

  it("keeps the newest where the last value says everything", async () => {
    const queue = new EventQueue<number>({ limit: 2, overrun: "drop-oldest" });
    for (const value of [1, 2, 3, 4]) queue.push(value);
    queue.end();
    assertEquals(await all(queue), [3, 4]);
  });
});
