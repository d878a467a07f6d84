import { assert, assertEquals, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { AT_ONCE, Looks } from "../../../src/microservices/looks.ts";
import { FakeRuntime, until } from "./fake_runtime.ts";

const runtime = new FakeRuntime();
const signal = new AbortController().signal;

/** Looks that wait until they are let go. */
function held() {
  const begun: string[] = [];
  const waiting = new Map<string, () => void>();
  const looks = new Looks(async (_, id, ended) => {
    begun.push(id);
    await new Promise<void>((resolve, reject) => {
      waiting.set(id, resolve);
      ended.addEventListener("abort", () => reject(ended.reason));
    });
  });
  return { begun, waiting, looks, letGo: (id: string) => waiting.get(id)?.() };
}

describe("Looks", () => {
  it("looks at a container once more, however often it is noticed meanwhile", async () => {
    const { begun, looks, letGo } = held();
    const first = looks.at(runtime, "a", signal);
    await until(() => begun.length === 1);
    for (let i = 0; i < 1000; i++) assert(looks.notice(runtime, "a", signal));
    letGo("a");
    await until(() => begun.length === 2);
    letGo("a");
    await first;
    await looks.settled();
    assertEquals(begun, ["a", "a"]);
  });

  it("looks at so many at once, and refuses to have more than a thousand wait", async () => {
    const { begun, waiting, looks, letGo } = held();
    const taken = Array.from({ length: 5000 }, (_, i) => looks.notice(runtime, `c${i}`, signal));
    assertEquals(taken.filter((one) => one).length, 1024);
    await until(() => begun.length === AT_ONCE);
    await new Promise((resolve) => setTimeout(resolve, 5));
    assertEquals(begun.length, AT_ONCE);
    while (waiting.size < 1024 || begun.length < 1024) {
      for (const id of begun) letGo(id);
      await new Promise((resolve) => setTimeout(resolve));
    }
    for (const id of begun) letGo(id);
    await looks.settled();
    assertEquals(begun.length, 1024);
  });

  it("does not lose what one caller noticed with the signal of another", async () => {
    const { begun, looks, letGo } = held();
    const other = new AbortController();
    const first = looks.at(runtime, "a", other.signal);
    await until(() => begun.length === 1);
    assert(looks.notice(runtime, "a", signal));
    const second = looks.at(runtime, "a", signal);
    other.abort(new RangeError("enough"));
    await assertRejects(() => first, RangeError, "enough");
    await until(() => begun.length === 2);
    letGo("a");
    await until(() => begun.length === 3); // it was noticed twice
    letGo("a");
    await second;
    await looks.settled();
    assertEquals(begun, ["a", "a", "a"]);
  });
});
