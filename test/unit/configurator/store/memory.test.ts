import { assertEquals, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { MemoryStateStore } from "@netns/netns";

describe("MemoryStateStore", () => {
  it("gives the lock to one after the other, and past those who have stopped waiting", async () => {
    const store = new MemoryStateStore();
    const first = await store.lock({ signal: new AbortController().signal });
    const order: string[] = [];
    const stopped = new AbortController();
    const second = assertRejects(() => store.lock({ signal: stopped.signal }), RangeError, "enough");
    const third = store.lock().then((lock) => {
      order.push("third");
      lock[Symbol.dispose]();
    });
    stopped.abort(new RangeError("enough"));
    await second;
    order.push("first");
    first[Symbol.dispose]();
    await third;
    await assertRejects(
      () => store.lock({ signal: AbortSignal.abort(new RangeError("enough")) }),
      RangeError,
      "enough",
    );
    (await store.lock())[Symbol.dispose]();
    assertEquals(order, ["first", "third"]);
  });
});
