import { assertEquals } from "@std/assert";
import { it } from "@std/testing/bdd";
import { stateTopic } from "../../../../src/doctor/topics/state.ts";
import { describeAsRoot } from "../../support/traces.ts";

describeAsRoot("stateTopic()", () => {
  it("accepts a machine on which nothing was applied", async () => {
    for (const { status } of await stateTopic("/run/netns-test-none").examine()) assertEquals(status, "ok");
  });
});
