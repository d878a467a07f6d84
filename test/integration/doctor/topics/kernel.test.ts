import { assertEquals } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import { kernelTopic } from "../../../../src/doctor/topics/kernel.ts";
import { privilegesTopic } from "../../../../src/doctor/topics/privileges.ts";
import { threadsTopic } from "../../../../src/doctor/topics/threads.ts";
import { describeAsRoot, traces } from "../../support/traces.ts";

describeAsRoot("kernelTopic()", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertEquals(traces(), start));

  it("finds that root may do everything, and that every thread has returned", async () => {
    for (const topic of [privilegesTopic(), kernelTopic(), threadsTopic()]) {
      for (const { check, status, detail } of await topic.examine()) {
        if (check !== "user namespace") assertEquals(status, "ok", `${check}: ${detail}`);
      }
    }
  });
});
