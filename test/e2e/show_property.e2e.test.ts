/** `show` of any machine: a plan of it has nothing to do, an apply of it makes the same, and what it cannot say is said. */
import { assertEquals } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import process from "node:process";
import fc from "../support/properties.ts";
import { assertSameTraces, describeAsRoot, traces } from "../integration/support/traces.ts";
import { holdsFor } from "./show_law.ts";
import { anyMachine, type Deed, STRANGE } from "./show_machine.ts";

const { SHOW_CASES = "4", SHOW_SEED = "3", SHOW_PATH } = process.env;

describeAsRoot("show(), of any machine,", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertSameTraces(start));

  it("is a file that makes the same", async () => {
    const property = fc.asyncProperty(anyMachine, async (deeds) => {
      // A neighbour of a link that is down has to wait, as everywhere; nobody can choose an address of a bridge with a carrier.
      const lines = await holdsFor(deeds);
      assertEquals(lines.filter((line) => !/ is down$|: without the carrier that a bridge /.test(line)), []);
    });
    const details = await fc.check(property, {
      numRuns: Number(SHOW_CASES),
      seed: Number(SHOW_SEED),
      ...SHOW_PATH === undefined ? {} : { path: SHOW_PATH },
      endOnFailure: process.env["SHOW_SHRINK"] === undefined,
    });
    if (!details.failed) return;
    const again = `to see it again: SHOW_SEED=${details.seed} SHOW_PATH=${details.counterexamplePath} SHOW_SHRINK=1`;
    throw new Error(`${again}\n${fc.defaultReportMessage(details)}`, { cause: details.errorInstance });
  });

  it("says what a file cannot say", async () => {
    const pair: Deed[] = [
      { do: "pair", side: "a", name: "e0", far: "b", farName: "e0", queues: 1 },
      { do: "set", side: "a", name: "e0", change: { up: true } },
      { do: "set", side: "b", name: "e0", change: { up: true } },
    ];
    const omitted = await holdsFor([...pair, ...STRANGE.flatMap(({ deeds }) => deeds)]);
    const missing = STRANGE.filter(({ line }) => !omitted.some((one) => one.includes(line)));
    assertEquals(missing.map(({ line }) => line), [], omitted.join("\n"));
  });
});
