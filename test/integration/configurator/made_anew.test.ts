/** A link that is made anew, because the kernel does not change it into what the file describes. */
import { assertEquals } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import type { NetworkConfigInput } from "@netns/netns";
import { readSysctls, writeSysctl } from "../../../src/sysctl/sysctl.ts";
import { vethEnd } from "../../support/topologies.ts";
import { assertSameTraces, describeAsRoot, traces } from "../support/traces.ts";
import { Scratch } from "./scratch.ts";

describeAsRoot("A link that is made anew", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertSameTraces(start));

  it("has what somebody gave the former one, under the name that the file gives it", async () => {
    using scratch = new Scratch();
    scratch.make("a");
    const own = (queues: number): NetworkConfigInput => ({
      interfaces: [
        vethEnd("own0", "own1", { namespace: "a", queues }),
        vethEnd("own1", "own0", { namespace: "a", queues }),
      ],
    });
    await scratch.apply(own(1));
    const key = (link: string): string => `net.ipv4.conf.${link}.rp_filter`;
    scratch.in("a", (netlink, ns) => {
      netlink.setLink("own0", { up: false });
      netlink.setLink("own0", { name: "else" });
      netlink.setLink("else", { up: true, group: 7 });
      netlink.addAltName("else", "another-name");
      writeSysctl(ns, key("else"), "2");
    });
    const { failed } = await scratch.apply(own(2));
    assertEquals(failed, []);
    scratch.in("a", (netlink, ns) => {
      const { altNames, group } = netlink.getLink("own0");
      assertEquals([altNames, group, readSysctls(ns, [key("own0")]).get(key("own0"))], [["another-name"], 7, "2"]);
    });
    assertEquals((await scratch.apply(own(2))).lines, []);
    await scratch.destroy(own(2));
  });
});
