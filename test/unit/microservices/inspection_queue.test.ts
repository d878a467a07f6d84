import { assert, assertEquals, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { AT_ONCE, Inspections } from "../../../src/microservices/inspection_queue.ts";
import { FakeRuntime, until } from "./fake_runtime.ts";

const runtime = new FakeRuntime();
const signal = new AbortController().signal;

/** Inspections that wait until they are released. */
function held() {
  const begun: string[] = [];
  const waiting = new Map<string, () => void>();
  const inspections = new Inspections(async (_, id, ended) => {
    begun.push(id);
    await new Promise<void>((resolve, reject) => {
      waiting.set(id, resolve);
      ended.addEventListener("abort", () => reject(ended.reason));
    });
  });
  return { begun, waiting, inspections, release: (id: string) => waiting.get(id)?.() };
}

describe("Inspections", () => {
  it("inspects a container once more, however often it is scheduled meanwhile", async () => {
    const { begun, inspections, release } = held();
    const first = inspections.run(runtime, "a", signal);
    await until(() => begun.length === 1);
    for (let i = 0; i < 1000; i++) assert(inspections.schedule(runtime, "a", signal));
    release("a");
    await until(() => begun.length === 2);
    release("a");
    await first;
    await inspections.settled();
    assertEquals(begun, ["a", "a"]);
  });

  it("inspects sixteen at once, and lets no more than a thousand wait", async () => {
    const { begun, waiting, inspections, release } = held();
    const taken = Array.from({ length: 5000 }, (_, i) => inspections.schedule(runtime, `c${i}`, signal));
    assertEquals(taken.filter((one) => one).length, 1024);
    await until(() => begun.length === AT_ONCE);
    await new Promise((resolve) => setTimeout(resolve, 5));
    assertEquals(begun.length, AT_ONCE);
    while (waiting.size < 1024 || begun.length < 1024) {
      for (const id of begun) release(id);
      await new Promise((resolve) => setTimeout(resolve));
    }
    for (const id of begun) release(id);
    await inspections.settled();
    assertEquals(begun.length, 1024);
  });

  it("inspects again for a caller when the signal of another ends the inspection", async () => {
    const { begun, inspections, release } = held();
    const other = new AbortController();
    const first = inspections.run(runtime, "a", other.signal);
    await until(() => begun.length === 1);
    assert(inspections.schedule(runtime, "a", signal));
    const second = inspections.run(runtime, "a", signal);
    other.abort(new RangeError("enough"));
    await assertRejects(() => first, RangeError, "enough");
    await until(() => begun.length === 2);
    release("a");
    await until(() => begun.length === 3); // it was scheduled twice
    release("a");
    await second;
    await inspections.settled();
    assertEquals(begun, ["a", "a", "a"]);
  });
});
