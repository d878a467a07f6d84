import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { PAIR } from "../../../support/topologies.ts";
import { FakeKernel } from "../fake_kernel.ts";
import { lines } from "../fixtures.ts";

describe("autoTap", () => {
  it("takes a TAP from the default namespace, and gives it back", () => {
    const kernel = new FakeKernel();
    const tap = {
      interfaces: [{ name: "vpp", type: "AUTO_TAP", namespace: "blue", enabled: true, tap: { tempIfName: "tap0" } }],
    };
    assertEquals(kernel.apply(tap).pending, [
      { item: "interface vpp", reason: "there is no TAP tap0 in the default namespace" },
    ]);
    const home = kernel.namespace("PID:0");
    const link = home.addLink({ name: "tap0", kind: "tun", up: true, carrier: true, mtu: 1500 });
    home.addressList = [{ index: link.index, text: "10.5.0.1/24", secondary: false }];
    assertEquals(lines(kernel.apply(tap)), [
      "interface vpp: create namespace blue",
      "interface vpp: move tap0 from the default namespace, to be vpp in blue",
    ]);
    assertEquals(kernel.named("blue").addressList.map(({ text }) => text), ["10.5.0.1/24"]);
    assertEquals(lines(kernel.apply(tap)), []);
    assertEquals(lines(kernel.apply({})), [
      "interface vpp: move vpp from blue, to be tap0 in the default namespace",
      "interface vpp: add 10.5.0.1/24 to tap0 in the default namespace",
      "interface vpp: set tap0 in the default namespace: up",
      "namespace blue: delete namespace blue",
    ]);
  });

  it("replaces a pair of the same name, and is replaced by one", () => {
    const kernel = new FakeKernel();
    const tap = {
      name: "left",
      type: "AUTO_TAP",
      hostIfName: "eth0",
      namespace: "blue",
      tap: { tempIfName: "tap0" },
    };
    const asTap = { namespaces: ["blue", "green"], interfaces: [tap] };
    kernel.apply(PAIR);
    kernel.namespace("PID:0").addLink({ name: "tap0", kind: "tun", up: true, carrier: true, mtu: 1500 });
    assertEquals(lines(kernel.apply(asTap)), [
      "interface left: delete eth0 in blue",
      "interface left: move tap0 from the default namespace, to be eth0 in blue",
    ]);
    assertEquals(lines(kernel.apply(asTap)), []);
    assertEquals(lines(kernel.apply(PAIR)).slice(0, 2), [
      "interface left: move eth0 from blue, to be tap0 in the default namespace",
      "interface left: create eth0 in blue, paired with eth0 in green",
    ]);
    assertEquals(lines(kernel.apply(PAIR)), []);
  });

  it("gives a TAP back where the file names another one, which it takes or waits for", () => {
    const kernel = new FakeKernel();
    const home = kernel.namespace("PID:0");
    for (const name of ["tap0", "tap1"]) home.addLink({ name, kind: "tun", up: true, carrier: true, mtu: 1500 });
    const named = (tempIfName: string) => (
      { interfaces: [{ name: "vpp", type: "AUTO_TAP", namespace: "blue", hostIfName: "eth0", tap: { tempIfName } }] }
    );
    kernel.apply(named("tap0"));
    assertEquals(lines(kernel.apply(named("tap1"))), [
      "interface vpp: move eth0 from blue, to be tap0 in the default namespace",
      "interface vpp: move tap1 from the default namespace, to be eth0 in blue",
      "interface vpp: set tap0 in the default namespace: up",
    ]);
    assertEquals(lines(kernel.apply(named("tap1"))), []);
    const waits = kernel.apply(named("tap2"));
    assertEquals(lines(waits).at(0), "interface vpp: move eth0 from blue, to be tap1 in the default namespace");
    assertEquals(waits.pending.map(({ reason }) => reason), ["there is no TAP tap2 in the default namespace"]);
    assertEquals(lines(kernel.apply(named("tap2"))), []);
    assertEquals(home.linkList.map(({ name }) => name).filter((name) => name.startsWith("tap")).sort(), [
      "tap0",
      "tap1",
    ]);
  });

  it("leaves a link of another kind alone", () => {
    const kernel = new FakeKernel();
    kernel.namespace("PID:0").addLink({ name: "tap0", kind: "dummy", up: true, carrier: true, mtu: 1500 });
    const { tasks, failed } = kernel.apply({ interfaces: [{ name: "tap0", type: "AUTO_TAP" }] });
    assertEquals([tasks, failed], [[], [
      {
        item: "interface tap0",
        reason: "tap0 in the default namespace is not this configuration's: it is a link of the kind dummy that this " +
          "configuration did not make",
        owner: null,
        hint: "take it away, or choose another hostIfName",
      },
    ]]);
  });
});
