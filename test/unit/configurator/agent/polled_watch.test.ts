import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { PolledWatch } from "../../../../src/configurator/agent/polled_watch.ts";

describe("PolledWatch", () => {
  it("calls when something changed, also if it is followed again since, and rests then", async () => {
    const values = new Map([["a", "1"], ["b", "1"]]);
    let changes = 0;
    let heard = (): void => {};
    using watch = new PolledWatch<{ name: string }>(({ name }) => values.get(name) ?? "", () => {
      changes++;
      heard();
    }, 5);
    const all = () => [{ name: "a" }, { name: "b" }];
    watch.follow(all());
    for (const change of [() => values.set("b", "2"), () => values.delete("a"), () => values.set("a", "3")]) {
      const changed = new Promise<void>((resolve) => heard = resolve);
      change(); // as somebody does while an apply runs that has read it
      watch.follow(all()); // as after the apply
      await changed;
    }
    values.set("c", "1");
    watch.follow([...all(), { name: "c" }]); // one that is new is no change
    await new Promise((resolve) => setTimeout(resolve, 50));
    assertEquals(changes, 3);
  });

  it("calls when something that an apply made is again as it was before the apply", async () => {
    let value = "without";
    let changes = 0;
    let heard = (): void => {};
    using watch = new PolledWatch<string>(() => value, () => {
      changes++;
      heard();
    }, 5);
    watch.follow(["peers"]);
    value = "with"; // the apply
    watch.follow(["peers"]);
    assertEquals(changes, 1);
    const changed = new Promise<void>((resolve) => heard = resolve);
    value = "without"; // somebody
    await changed;
    assertEquals(changes, 2);
  });
});
