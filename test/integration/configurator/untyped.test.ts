/** What untyped code may give to a configurator: a typing mistake must not make an apply another one. */
import { assertRejects, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Configurator, MemoryStateStore, NsHandler, parseConfig } from "@netns/netns";
import { untyped } from "../../support/untyped.ts";

describe("Configurator, of what untyped code gives", () => {
  const configurator = new Configurator(new NsHandler({ docker: false }), { store: new MemoryStateStore() });
  const config = parseConfig("namespaces: []");

  it("refuses options that there are not", async () => {
    const wrong: readonly (readonly [said: string, options: unknown])[] = [
      ["did you mean atomic?", { atmoic: true }],
      ['"yes" as adopt: expected true or false', { adopt: "yes" }],
      ["5 as signal: expected an AbortSignal", { signal: 5 }],
      ["5 as onProgress: expected a function", { onProgress: 5 }],
      ["null as the options of apply: expected an object", null],
    ];
    for (const [said, options] of wrong) {
      await assertRejects(() => configurator.apply(config, untyped(options)), TypeError, said);
      await assertRejects(() => configurator.destroy(config, untyped(options)), TypeError, said);
    }
    await assertRejects(
      () => configurator.plan(config, untyped({ adpot: true })),
      TypeError,
      "of plan: expected adopt",
    );
    const configs = untyped<AsyncIterable<typeof config>>([config]);
    assertThrows(() => configurator.agent(configs, untyped({})), TypeError, "as signal: expected an AbortSignal");
    assertThrows(
      () => new Configurator(new NsHandler({ docker: false }), untyped({ stor: 1 })),
      TypeError,
      "mean store?",
    );
  });

  it("refuses a network that nobody has read", async () => {
    for (const given of [null, 5, {}, { namespaces: ["a"] }]) {
      await assertRejects(() => configurator.apply(untyped(given)), TypeError, "expected what parseConfig() or");
    }
  });
});
