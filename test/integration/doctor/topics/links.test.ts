import { assertEquals, assertMatch } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import { linksTopic } from "../../../../src/doctor/topics/links.ts";
import { KINDS } from "../../../../src/netlink/link/kinds/link_spec.ts";
import { describeAsRoot, traces } from "../../support/traces.ts";
import { findings } from "../findings.ts";

describeAsRoot("linksTopic()", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertEquals(traces(), start));

  it("makes a link of each kind, or names its module", async () => {
    const { veth, ...others } = await findings(linksTopic());
    assertEquals(veth?.status, "ok");
    assertEquals(Object.keys(others), [...KINDS.keys()].filter((kind) => kind !== "veth"));
    for (const { status, detail, remedy } of Object.values(others)) {
      if (status === "ok") assertMatch(detail, /^made/);
      else assertMatch(`${status}: ${detail} ${remedy}`, /^warning: not available: .* modprobe \w+ .*CONFIG_\w+/);
    }
  });
});
