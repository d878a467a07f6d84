import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import fc from "../../support/properties.ts";
import { environmentVariable } from "../../../ffi/mod.ts";
import { anyFile } from "../../support/any_file.ts";
import { leftEnd, PAIR, rightEnd } from "../../support/topologies.ts";
import { FakeKernel } from "./fake_kernel.ts";
import { change, lines, WHOLE } from "./fixtures.ts";

describe("plan()", () => {
  it("makes everything in the order in which the kernel takes it", () => {
    assertEquals(lines(new FakeKernel().apply(WHOLE)), [
      "namespace blue: create namespace blue",
      "namespace green: create namespace green",
      "interface left: create eth0 in blue, paired with eth0 in green",
      "interface left: add 10.1.0.1/24 to eth0 in blue",
      "interface left: add fd00::1/64 to eth0 in blue",
      "interface left: set eth0 in blue: up",
      "interface right: add 10.1.0.2/24 to eth0 in green",
      "interface right: add fd00::2/64 to eth0 in green",
      "interface right: set eth0 in green: up",
      "route near: add the route to 10.3.0.0/16 by eth0 in blue",
      "route far: add the route to 10.2.0.0/16 via 10.1.0.2 by eth0 in blue metric 10",
      "ARP entry a: set 10.1.0.9 to 02:00:00:00:00:09 on eth0 in blue",
    ]);
  });

  it("finds nothing to do the second time", () => {
    const kernel = new FakeKernel();
    assertEquals(kernel.apply(WHOLE).unchanged, 0);
    const second = kernel.apply(WHOLE);
    assertEquals([second.tasks, second.pending, second.failed, second.unchanged], [[], [], [], 7]);
  });

  it("changes only what is changed", () => {
    assertEquals(change(WHOLE, { ...WHOLE, interfaces: [leftEnd({ mtu: 1400 }), rightEnd()] }), [
      "interface left: set eth0 in blue: mtu 1400",
    ]);
    assertEquals(change(WHOLE, { ...WHOLE, interfaces: [leftEnd(), rightEnd({ physAddress: "02:00:00:00:00:07" })] }), [
      "interface right: set eth0 in green: address 02:00:00:00:00:07",
    ]);
    const addresses = ["10.1.0.1/24", "10.9.0.1/24"];
    assertEquals(change(WHOLE, { ...WHOLE, interfaces: [leftEnd({ ipAddresses: addresses }), rightEnd()] }), [
      "interface left: add 10.9.0.1/24 to eth0 in blue",
      "interface left: take fd00::1/64 from eth0 in blue",
    ]);
    assertEquals(change(WHOLE, { ...WHOLE, routes: [{ ...WHOLE.routes[0], gwAddr: "10.1.0.3" }, WHOLE.routes[1]] }), [
      "route far: replace the route to 10.2.0.0/16 via 10.1.0.3 by eth0 in blue metric 10",
    ]);
  });

  it("leaves a field alone that the file does not give", () => {
    const kernel = new FakeKernel();
    kernel.apply({ ...PAIR, interfaces: [leftEnd({ mtu: 1400, physAddress: "02:00:00:00:00:01" }), rightEnd()] });
    assertEquals(lines(kernel.apply({ interfaces: [leftEnd(), rightEnd()] })), []);
    assertEquals(lines(kernel.apply({ interfaces: [leftEnd({ ipAddresses: [] }), rightEnd()] })), [
      "interface left: take 10.1.0.1/24 from eth0 in blue",
      "interface left: take fd00::1/64 from eth0 in blue",
    ]);
  });

  it("does not make a namespace for what has to wait", () => {
    const kernel = new FakeKernel();
    assertEquals(lines(kernel.plan({ interfaces: [leftEnd()] })), []);
    assertEquals(
      lines(kernel.plan({ routes: [{ name: "x", interface: "e", namespace: "blue", dstIpAddr: "10.0.0.0/8" }] })),
      [],
    );
  });

  it("takes away what is described no longer, and nothing else", () => {
    const kernel = new FakeKernel();
    kernel.apply(WHOLE);
    kernel.named("other").exists = true;
    assertEquals(lines(kernel.apply({ namespaces: ["green"] })), [
      "interface left: delete eth0 in blue",
      "namespace blue: delete namespace blue",
    ]);
    assertEquals(kernel.named("other").exists, true);
    assertEquals(lines(kernel.apply({ namespaces: ["green"] })), [], "content with what is gone");
    assertEquals(lines(kernel.apply({})), ["namespace green: delete namespace green"]);
  });
});

describe("plan() of any two files", () => {
  it("has the same end as applying the second alone, and then nothing to do", () => {
    fc.assert(
      fc.property(anyFile(3), anyFile(3), (a, b) => {
        const alone = new FakeKernel();
        alone.apply(b);
        const after = new FakeKernel();
        after.apply(a);
        after.apply(b);
        assertEquals(after.snapshot(), alone.snapshot());
        assertEquals(lines(after.apply(b)), []);
        after.apply({});
        assert([...after.namespaces.values()].every(({ exists, name }) => !exists || name === undefined));
      }),
      { numRuns: environmentVariable("WHOLE") === "1" ? 1000 : 60 },
    );
  });
});
