/** Whose is it: any configuration beside any machine changes and deletes only what it made. */
import { assertEquals } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import fc from "../support/properties.ts";
import process from "node:process";
import { NsHandler, watchNamedNamespaces } from "@netns/netns";
import { assertSameTraces, describeAsRoot, traces } from "../integration/support/traces.ts";
import { anyLife } from "../support/any_machine.ts";
import { live } from "./ownership_life.ts";

const { CI, OWNERSHIP_CASES, OWNERSHIP_PATH, OWNERSHIP_SEED, OWNERSHIP_SHRINK } = process.env;
const seed = OWNERSHIP_SEED ?? (CI === "true" ? "12" : undefined);

describeAsRoot("Configurator, beside any machine,", () => {
  let start: unknown;
  let handler: NsHandler;
  before(async () => {
    // What Deno watches files with stays open from the first time on.
    for await (const _ of watchNamedNamespaces({ signal: AbortSignal.timeout(50) }));
    start = traces();
    handler = new NsHandler({ docker: false });
    await handler.init();
  });
  after(async () => {
    await handler[Symbol.asyncDispose]();
    await assertSameTraces(start);
  });

  it("leaves everything that it did not make", async () => {
    const property = fc.asyncProperty(anyLife, (life) => live(handler, life));
    const details = await fc.check(property, {
      numRuns: Number(OWNERSHIP_CASES ?? 300),
      ...seed === undefined ? {} : { seed: Number(seed) },
      ...OWNERSHIP_PATH === undefined ? {} : { path: OWNERSHIP_PATH },
      endOnFailure: OWNERSHIP_SHRINK === undefined, // to make a counterexample smaller takes many minutes
    });
    if (!details.failed) return assertEquals(details.numRuns, Number(OWNERSHIP_CASES ?? 300));
    const again =
      `to see it again, OWNERSHIP_SHRINK=1 makes it smaller: OWNERSHIP_SEED=${details.seed} OWNERSHIP_PATH=${details.counterexamplePath}`;
    throw new Error(`${again}\n${fc.defaultReportMessage(details)}`, { cause: details.errorInstance });
  });
});
