/** Fields that the kernel changes of a link that is there: it keeps its index, and the second apply has nothing to do. */
import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { NetworkConfigInput } from "@netns/netns";
import { Scratch } from "../../integration/configurator/scratch.ts";
import { leavesNothing } from "./leaves_nothing.ts";
import { settle } from "./settle.ts";
import { run, shown } from "./shown.ts";

/** The options of a link as `ip -d -j` shows them. */
function optionsOf(scratch: Scratch, short: string, name: string): Readonly<Record<string, unknown>> {
  const { linkinfo } = shown(scratch, short, name);
  return { ...linkinfo?.info_data };
}

describe("a link that changes in place", () => {
  leavesNothing();

  it("gets a time that is one hundredth of a second longer than the one that it has", async () => {
    using scratch = new Scratch();
    const file = (forwardDelay: number, ageingTime: number): NetworkConfigInput => ({
      interfaces: [{ name: "br0", type: "BRIDGE", namespace: "a", bridge: { forwardDelay, ageingTime } }],
    });
    await settle(scratch, file(1500, 30000));
    assertEquals(await settle(scratch, file(1501, 30001)), [
      "interface br0: set br0 in a: ageingTime 30001, forwardDelay 1501",
    ]);
    run(scratch, "a", "ip", "link", "set", "br0", "type", "bridge", "forward_delay", "1500");
    await settle(scratch, file(1501, 30001));
    const { forward_delay, ageing_time } = optionsOf(scratch, "a", "br0");
    assertEquals([forward_delay, ageing_time], [1501, 30001]); // this kernel has 100 ticks a second, and rounds nothing
    await scratch.destroy(file(1501, 30001));
  });
});
