import { assertEquals } from "@std/assert";
import { it } from "@std/testing/bdd";
import { setImmediate as turn, setTimeout as sleep } from "node:timers/promises";
import { type ApplyReport, Configurator, type NetworkConfig, NsHandler, parseConfig } from "netns";
import { describeAsRoot } from "../integration/support/traces.ts";

/** Longer than it takes to hand over three configurations. */
const LONG = 300;

describeAsRoot("Configurator.agent", () => {
  it("does together what comes after an apply, until as long again as that took", async () => {
    const applied: (string | undefined)[] = [];
    class Slow extends Configurator {
      override async apply({ name }: NetworkConfig): Promise<ApplyReport> {
        applied.push(name);
        await sleep(LONG);
        return { done: [], unchanged: 0, pending: [{ item: `${name}`, reason: "it is for a test" }], failed: [] };
      }
    }
    const ended = new AbortController();
    const reported = Promise.withResolvers<void>();
    const configs = async function* (): AsyncGenerator<NetworkConfig> {
      yield parseConfig("name: first");
      await reported.promise;
      for (const name of ["second", "third", "fourth"]) {
        await turn();
        yield parseConfig(`name: ${name}`);
      }
    };
    await using handler = new NsHandler({ docker: false });
    await handler.init();
    const reports: string[] = [];
    for await (const { pending } of new Slow(handler).agent(configs(), { signal: ended.signal })) {
      reports.push(...pending.map(({ item }) => item));
      reported.resolve();
      if (reports.includes("fourth")) ended.abort();
    }
    assertEquals(reports, ["first", "fourth"]);
    assertEquals(new Set(applied), new Set(["first", "fourth"]));
  });
});
