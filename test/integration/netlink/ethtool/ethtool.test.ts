import { assert, assertEquals, assertThrows } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import { Ethtool, NetlinkError, NsHandle, SyscallError } from "@netns/netns";
import { describeAsRoot, traces } from "../../support/traces.ts";
import { refusal, wired } from "../support.ts";

describeAsRoot("Ethtool.getFeatures(), setFeatures()", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertEquals(traces(), start));

  it("turns features off and on, and leaves the others", () => {
    using made = wired();
    using ethtool = made.ns.ethtool();
    const before = ethtool.getFeatures({ name: "left" });
    assertEquals(before["rx-gro"], { active: false, wanted: false, changeable: true });
    assertEquals(before["tx-lockless"]?.changeable ?? before["netns-local"]?.changeable ?? false, false);
    ethtool.setFeatures({ index: made.left }, { "rx-gro": true, "tx-scatter-gather": false });
    const after = ethtool.getFeatures({ index: made.left });
    assertEquals(after["rx-gro"], { active: true, wanted: true, changeable: true });
    assertEquals(after["tx-scatter-gather"], { active: false, wanted: false, changeable: true });
    assertEquals(Object.keys(after), Object.keys(before));
    assertEquals(after["highdma"], before["highdma"]);
    ethtool.setFeatures({ name: "left" }, {});
    assertEquals(ethtool.getFeatures({ name: "left" }), after);
  });

  it("says which feature did not change, and which there is not", () => {
    using made = wired();
    using ethtool = made.ns.ethtool();
    const features = ethtool.getFeatures({ name: "left" });
    const fixed = Object.keys(features).find((name) => features[name]?.changeable === false) ?? "";
    const error = assertThrows(
      () => ethtool.setFeatures({ name: "left" }, { [fixed]: features[fixed]?.active !== true }),
      NetlinkError,
    );
    assert(["EOPNOTSUPP", "EINVAL"].includes(error.code), error.message);
    assertEquals(refusal(() => ethtool.setFeatures({ name: "left" }, { nosuch: true })), {
      code: "EOPNOTSUPP",
      detail: "bit name not found",
    });
    assertEquals(refusal(() => ethtool.getFeatures({ name: "nosuch" })).code, "ENODEV");
    const untyped: Record<string, boolean> = JSON.parse('{ "rx-gro": 1 }');
    assertThrows(() => ethtool.setFeatures({ name: "left" }, untyped), TypeError, "expected true or false");
  });
});

describeAsRoot("Ethtool.getChannels(), setChannels()", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertEquals(traces(), start));

  it("changes how many there are, within what the link can have", () => {
    using ns = NsHandle.create();
    using netlink = ns.netlink();
    using ethtool = ns.ethtool();
    netlink.addLink({ kind: "veth", name: "a", peer: { name: "b" } });
    const { max, rx, tx, combined } = ethtool.getChannels({ name: "a" });
    assertEquals([rx, tx, combined], [1, 1, undefined]);
    ethtool.setChannels({ name: "a" }, { rx: max.rx, tx: max.tx });
    assertEquals(ethtool.getChannels({ name: "a" }), { rx: max.rx, tx: max.tx, max });
    const most = max.rx ?? 0;
    assertEquals(
      refusal(() => ethtool.setChannels({ name: "a" }, { rx: most + 1 })).detail,
      "requested channel count exceeds maximum",
    );
    assertEquals(refusal(() => ethtool.getChannels({ name: "lo" })).code, "EOPNOTSUPP");
    ethtool.setChannels({ name: "a" }, { ...ethtool.getChannels({ name: "a" }), rx: 1 });
    assertEquals(ethtool.getChannels({ name: "a" }).rx, 1);
    const untyped: { rx: number } = JSON.parse('{ "rxx": 1 }');
    assertThrows(() => ethtool.setChannels({ name: "a" }, untyped), TypeError, "did you mean rx?");
  });
});

describeAsRoot("Ethtool, of a link that is none", () => {
  it("refuses it before it asks the kernel", () => {
    using ns = NsHandle.create();
    using ethtool = ns.ethtool();
    const wrong: readonly (readonly [said: string, link: unknown])[] = [
      ['"" as the name of a link: expected 1 to 127 bytes', ""],
      ['"" as the name of a link: expected 1 to 127 bytes', { name: "" }],
      ["as the name of a link: expected 1 to 127 bytes", "x".repeat(70_000)],
      ["0 as the index of a link: expected a whole number from 1", { index: 0 }],
      ["null as a link: expected a name", null],
    ];
    for (const [said, link] of wrong) {
      assertThrows(() => ethtool.getFeatures(link as string), Error, said); // as untyped code has it
    }
  });
});

describeAsRoot("Ethtool.open()", () => {
  it("opens in the namespace of the thread, and can be closed more than once", () => {
    const ethtool = Ethtool.open();
    assert(ethtool.isOpen && ethtool.getFeatures({ name: "lo" })["loopback"] !== undefined);
    ethtool.close();
    ethtool.close();
    assert(!ethtool.isOpen);
    assertEquals(assertThrows(() => ethtool.getFeatures({ name: "lo" }), SyscallError).code, "EBADF");
  });
});
