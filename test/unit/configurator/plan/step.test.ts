import { describe, it } from "@std/testing/bdd";
import { assertEquals } from "@std/assert";
import type { Step } from "../../../../src/configurator/report.ts";
import { leftEnd, PAIR, rightEnd } from "../../../support/topologies.ts";
import { FakeKernel } from "../fake_kernel.ts";
import { WHOLE } from "../fixtures.ts";

/** Where each step is done, what it changes, and why. */
const steps = (after: object, before?: object): (readonly unknown[])[] => {
  const kernel = new FakeKernel();
  if (before !== undefined) kernel.apply(before);
  return kernel.apply(after).tasks.map((
    { step: { kind, namespace, link, from, to, why } }: { readonly step: Step },
  ) => [kind, namespace, link, from, to, ...why === undefined ? [] : [why]]);
};

/** The pair of {@linkcode WHOLE}, with other addresses at its left end. */
const readdressed = [leftEnd({ ipAddresses: ["10.1.0.7/24", "fd00::1/64"] }), rightEnd()];

describe("stepOf()", () => {
  it("says where a step is done, and from what to what", () => {
    const changed = { ...PAIR, interfaces: [leftEnd({ mtu: 1400 }), rightEnd({ hostIfName: "eth1" })] };
    assertEquals(steps(changed, PAIR), [
      ["change-link", "blue", "eth0", "mtu 1500", "mtu 1400"],
      ["change-link", "green", "eth1", "name eth0", "name eth1"],
    ]);
  });

  it("says why something is made again", () => {
    assertEquals(steps({ ...WHOLE, interfaces: readdressed }, WHOLE), [
      ["delete-address", "blue", "eth0", "10.1.0.1/24", null],
      ["add-address", "blue", "eth0", null, "10.1.0.7/24"],
      ["add-route", "blue", "eth0", null, "10.3.0.0/16 by eth0", "went with its address"],
      ["add-route", "blue", "eth0", null, "10.2.0.0/16 via 10.1.0.2 by eth0 metric 10", "went with its address"],
      [
        "set-neighbour",
        "blue",
        "eth0",
        "10.1.0.9 02:00:00:00:00:09 permanent",
        "10.1.0.9 02:00:00:00:00:09 permanent",
        "went with its address",
      ],
    ]);
  });

  it("says that something is no longer described", () => {
    const [first] = steps({ ...WHOLE, routes: WHOLE.routes.slice(0, 1) }, WHOLE);
    assertEquals(first, ["delete-route", "blue", "eth0", "10.3.0.0/16 by eth0", null, "no longer described"]);
  });
});
