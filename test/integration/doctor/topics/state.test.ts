import { assertEquals } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import { stateTopic } from "../../../../src/doctor/topics/state.ts";
import { describeAsRoot, traces } from "../../support/traces.ts";

describeAsRoot("stateTopic()", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertEquals(traces(), start));

  it("accepts a machine on which nothing was applied", async () => {
    for (const { status } of await stateTopic("/run/netns-test-none").examine()) assertEquals(status, "ok");
  });
});
