/** Whose is it: any configuration beside any machine changes and deletes only what it made. */
import { after, before, it } from "@std/testing/bdd";
import fc from "fast-check";
import process from "node:process";
import { NsHandler } from "@netns/netns";
import { assertSameTraces, describeAsRoot, traces } from "../integration/support/traces.ts";
import { anyLife } from "../support/any_machine.ts";
import { live } from "./ownership_life.ts";

const { OWNERSHIP_CASES = "300", OWNERSHIP_SEED, OWNERSHIP_PATH } = process.env;

describeAsRoot("Configurator, beside any machine,", () => {
  let start: unknown;
  let handler: NsHandler;
  before(async () => {
    start = traces();
    handler = new NsHandler({ docker: false });
    await handler.init();
  });
  after(async () => {
    await handler[Symbol.asyncDispose]();
    await assertSameTraces(start);
  });

  it("leaves everything that it did not make", async () => {
    await fc.assert(fc.asyncProperty(anyLife, (life) => live(handler, life)), {
      numRuns: Number(OWNERSHIP_CASES),
      ...OWNERSHIP_SEED === undefined ? {} : { seed: Number(OWNERSHIP_SEED) },
      ...OWNERSHIP_PATH === undefined ? {} : { path: OWNERSHIP_PATH },
    });
  });
});
