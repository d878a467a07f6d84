import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { type AppliedState, MemoryStateStore, readConfig } from "@netns/netns";
import { StateRecord } from "../../../../src/configurator/store/state_record.ts";

class CountingStore extends MemoryStateStore {
  saves = 0;

  override save(name: string, state: AppliedState): Promise<void> {
    this.saves++;
    return super.save(name, state);
  }
}

describe("StateRecord", () => {
  const first = readConfig({ name: "lab", namespaces: ["blue"] });
  const second = readConfig({ name: "lab", namespaces: ["green"] });
  const empty = readConfig({ name: "lab" });

  it("gives what was described before, newest first, each once", async () => {
    const store = new CountingStore();
    await (await StateRecord.load(store, first)).save(first, [], ["blue"]);
    const record = await StateRecord.load(store, second);
    assertEquals([record.earlier, record.made], [[first], ["blue"]]);
    await record.save(second, [first, second, first], ["blue", "green"]);
    const { earlier, made } = await StateRecord.load(store, second);
    assertEquals([earlier, made], [[second, first], ["blue", "green"]]);
  });

  it("saves only what changed, and removes what is empty", async () => {
    const store = new CountingStore();
    const record = await StateRecord.load(store, first);
    await record.save(first, [], []);
    await record.save(first, [], []);
    await (await StateRecord.load(store, first)).save(first, [], []);
    assertEquals(store.saves, 1);
    await record.save(empty, [], []);
    assertEquals(await store.load("lab"), undefined);
  });

  it("saves nothing for a configuration without a name", async () => {
    const store = new CountingStore();
    const nameless = readConfig({ namespaces: ["blue"] });
    await (await StateRecord.load(store, nameless)).save(nameless, [], ["blue"]);
    assertEquals(store.saves, 0);
  });
});
