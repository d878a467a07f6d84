import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { leftEnd, rightEnd } from "../../../support/topologies.ts";
import { FakeKernel } from "../fake_kernel.ts";
import { lines, WHOLE } from "../fixtures.ts";

describe("removeNamespaces()", () => {
  it("leaves a namespace in which others live or run, and says so", () => {
    const kernel = new FakeKernel();
    kernel.apply(WHOLE);
    kernel.named("blue").addLink({ name: "mine", kind: "dummy", up: true, carrier: true, mtu: 1500 });
    kernel.named("green").addLink({ name: "sit0", kind: "sit", up: false, carrier: true, mtu: 1480 });
    kernel.occupied.set("green", "process 42 runs in it");
    const result = kernel.apply({});
    assertEquals(lines(result), ["interface left: delete eth0 in blue"]);
    assertEquals(result.pending, [
      { item: "namespace blue", reason: "it is left: the link mine is in it" },
      { item: "namespace green", reason: "it is left: process 42 runs in it" },
    ]);
    kernel.occupied.clear();
    assertEquals(lines(kernel.apply({})), ["namespace green: delete namespace green"]);
  });

  it("deletes a namespace that apply made, listed or not", () => {
    const kernel = new FakeKernel();
    const unlisted = { interfaces: [leftEnd(), rightEnd()] };
    kernel.apply(unlisted);
    const made = kernel.state.namespaces.filter(({ made }) => made);
    assertEquals(made.map(({ reference }) => reference), ["blue", "green"]);
    assertEquals(lines(kernel.apply({})).slice(1), [
      "namespace blue: delete namespace blue",
      "namespace green: delete namespace green",
    ]);
    kernel.named("blue").exists = kernel.named("green").exists = true;
    kernel.apply(unlisted);
    assertEquals(lines(kernel.apply({})), ["interface left: delete eth0 in blue"]);
  });
});
