import { assertEquals, assertMatch } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import { qdiscsTopic } from "../../../../src/doctor/topics/qdiscs.ts";
import { QDISC_KINDS } from "../../../../src/netlink/tc/qdisc/qdisc_kinds.ts";
import { describeAsRoot, traces } from "../../support/traces.ts";
import { findings } from "../findings.ts";

describeAsRoot("qdiscsTopic()", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertEquals(traces(), start));

  it("makes a qdisc of each kind of the registry, or names its module", async () => {
    const found = await findings(qdiscsTopic());
    assertEquals(Object.keys(found), [...QDISC_KINDS.all.keys()]);
    assertEquals(found["pfifo"]?.status, "ok");
    for (const { status, detail, remedy } of Object.values(found)) {
      if (status === "ok") assertMatch(detail, /^made/);
      else assertMatch(`${status}: ${detail} ${remedy}`, /^warning: not available: .* modprobe \w+ .*CONFIG_\w+/);
    }
  });
});
