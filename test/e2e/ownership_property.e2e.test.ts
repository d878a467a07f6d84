/** Whose is it: any configuration beside any machine changes and deletes only what it made. */
import { after, before, it } from "@std/testing/bdd";
import fc from "fast-check";
import process from "node:process";
import { NsHandler, watchNamedNamespaces } from "@netns/netns";
import { assertSameTraces, describeAsRoot, traces } from "../integration/support/traces.ts";
import { anyLife } from "../support/any_machine.ts";
import { live } from "./ownership_life.ts";

const { OWNERSHIP_CASES, OWNERSHIP_SEED, OWNERSHIP_PATH } = process.env;
/** How long it takes at most where no number is asked for: the kernel's lock of all links is shared by the machine. */
const LONGEST_MS = 60_000;

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
    const end = OWNERSHIP_CASES === undefined ? performance.now() + LONGEST_MS : Infinity;
    const property = fc.asyncProperty(anyLife, async (life) => {
      if (performance.now() < end) await live(handler, life);
    });
    await fc.assert(property, {
      numRuns: Number(OWNERSHIP_CASES ?? 300),
      ...OWNERSHIP_SEED === undefined ? {} : { seed: Number(OWNERSHIP_SEED) },
      ...OWNERSHIP_PATH === undefined ? {} : { path: OWNERSHIP_PATH },
    });
  });
});
