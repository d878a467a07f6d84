import { assertEquals, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Semaphore } from "../../../src/async/semaphore.ts";

describe("Semaphore", () => {
  it("lets so many go on at once, in order, also after one that failed", async () => {
    const semaphore = new Semaphore(2);
    const begun: number[] = [];
    const ends: (() => void)[] = [];
    const works = [0, 1, 2, 3].map((number) =>
      semaphore.run(async () => {
        begun.push(number);
        await new Promise<void>((resolve) => ends[number] = resolve);
        if (number === 1) throw new RangeError("one");
        return number;
      })
    );
    assertEquals(begun, [0, 1]);
    ends[1]?.();
    await assertRejects(() => works[1] ?? Promise.resolve(), RangeError, "one");
    await new Promise((resolve) => setTimeout(resolve));
    assertEquals(begun, [0, 1, 2]);
    ends[0]?.();
    ends[2]?.();
    await works[2];
    await new Promise((resolve) => setTimeout(resolve));
    assertEquals(begun, [0, 1, 2, 3]);
    ends[3]?.();
    assertEquals(await works[3], 3);
    assertEquals(await semaphore.run(() => Promise.resolve("free again")), "free again");
  });
});
