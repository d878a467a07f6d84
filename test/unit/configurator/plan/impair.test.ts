import { describe, it } from "@std/testing/bdd";
import { assertEquals } from "@std/assert";
import { leftEnd, PAIR, rightEnd } from "../../../support/topologies.ts";
import { FakeKernel } from "../fake_kernel.ts";
import { lines } from "../fixtures.ts";

const impaired = (impair?: object): object => ({ ...PAIR, interfaces: [{ ...leftEnd(), impair }, rightEnd()] });

describe("planImpairments()", () => {
  it("sets, changes and takes away the qdisc of a link, and else does nothing", () => {
    const kernel = new FakeKernel();
    const impairments = (impair?: object): string[] => (
      lines(kernel.apply(impaired(impair))).filter((line) => line.includes("impair"))
    );
    assertEquals(impairments({ delay: "20ms" }), ["interface left: impair eth0 in blue: delay 20ms"]);
    assertEquals(lines(kernel.apply(impaired({ delay: "20ms" }))), []);
    assertEquals(impairments({ delay: "20ms", loss: "1%" }), [
      "interface left: impair eth0 in blue: delay 20ms, loss 1%",
    ]);
    assertEquals(impairments({ rate: "1mbit" }), [
      "interface left: impair eth0 in blue no more",
      "interface left: impair eth0 in blue: rate 1mbit",
    ]);
    assertEquals(impairments(), ["interface left: impair eth0 in blue no more"]);
    assertEquals(lines(kernel.apply(impaired())), []);
  });

  it("keeps in its record what the link has, until it has another", () => {
    const kernel = new FakeKernel();
    kernel.apply(impaired({ delay: "20ms" }));
    const recorded = [...kernel.plan(impaired({ delay: "30ms" })).kept.values()].flatMap((record) => (
      record.kind === "qdisc" ? [record.impairment] : []
    ));
    assertEquals(recorded, ["delay 20ms"]);
  });

  it("sets it again where somebody took it away or changed it", () => {
    const kernel = new FakeKernel();
    kernel.apply(impaired({ delay: "20ms" }));
    const namespace = kernel.namespaces.get("blue");
    if (namespace !== undefined) namespace.qdiscList = [];
    assertEquals(lines(kernel.apply(impaired({ delay: "20ms" }))), [
      "interface left: impair eth0 in blue: delay 20ms",
    ]);
  });
});
