import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { PAIR } from "../../../support/topologies.ts";
import { FakeKernel } from "../fake_kernel.ts";
import { lines } from "../fixtures.ts";

describe("linksOfOthers()", () => {
  it("leaves a pair on which a link of somebody else stands, until that is gone", () => {
    const kernel = new FakeKernel();
    kernel.apply(PAIR);
    const blue = kernel.named("blue");
    const { index: peerIndex } = blue.linkList.find(({ name }) => name === "eth0") ?? { index: 0 };
    const vlan = blue.addLink({ name: "eth0.5", kind: "vlan", up: true, carrier: true, mtu: 1500, peerIndex });
    const plan = kernel.apply({ namespaces: ["blue", "green"] });
    assertEquals([lines(plan), plan.pending.map(({ reason }) => reason)], [[], [
      "eth0 in blue is left: the link eth0.5 stands on it",
    ]]);
    blue.linkList = blue.linkList.filter((link) => link !== vlan);
    assertEquals(lines(kernel.apply({ namespaces: ["blue", "green"] })), ["interface left: delete eth0 in blue"]);
  });
});
