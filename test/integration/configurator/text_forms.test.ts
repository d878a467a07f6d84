import { assertEquals } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import { assertSameTraces, describeAsRoot, traces } from "../support/traces.ts";
import { leftEnd, PAIR, rightEnd } from "../../support/topologies.ts";
import { Scratch } from "./scratch.ts";

/** A pair whose left end has an address, a neighbour and two routes. */
const document = (address: string, network: string, neighbour: string): Record<string, unknown> => ({
  ...PAIR,
  interfaces: [leftEnd({ ipAddresses: [address] }), rightEnd({ ipAddresses: undefined })],
  arpEntries: [{ name: "n", interface: "left", ipAddr: neighbour, hwAddress: "02:00:00:00:00:09" }],
  routes: [
    { name: "near", interface: "left", dstIpAddr: network },
    { name: "far", interface: "left", dstIpAddr: "fd07::/32", gwAddr: neighbour },
  ],
});

describeAsRoot("Configurator, of addresses in any text form,", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertSameTraces(start));

  const cases: readonly (readonly (readonly [address: string, network: string, neighbour: string])[])[] = [
    [["::1:2/120", "::2:0/112", "::1:3"], ["::0.1.0.2/120", "::0.2.0.0/112", "0:0::0001:0003"]],
    [["::10.0.0.1/120", "::10.9.0.0/112", "::10.0.0.2"], ["::A00:1/120", "::a09:0/112", "::A00:2"]],
    [["::ffff:a00:1/120", "::ffff:10.9.0.0/112", "::ffff:a00:2"], [
      "0:0:0:0:0:FFFF:10.0.0.1/120",
      "::FFFF:A09:0/112",
      "::ffff:10.0.0.2",
    ]],
    [["FD00::00AB/64", "FD01:0::/32", "FD00::AC"], ["fd00:0:0::ab/64", "fd01::/32", "fd00::0.0.0.172"]],
    [["fd00:0:0:1:0:0:0:1/64", "fd00:0:0:2::/64", "fd00:0:0:1::2"], [
      "fd00::1:0:0:0:1/64",
      "fd00::2:0:0:0:0/64",
      "fd00::1:0:0:0:2",
    ]],
  ];
  for (const [first = [], ...others] of cases) {
    it(`has nothing to do at the second apply: ${first.join(", ")} (T14)`, async () => {
      using scratch = new Scratch();
      const [address = "", network = "", neighbour = ""] = first;
      assertEquals((await scratch.apply(document(address, network, neighbour))).failed, []);
      for (const form of [first, ...others]) {
        const [address = "", network = "", neighbour = ""] = form;
        const { lines, failed, pending } = await scratch.apply(document(address, network, neighbour));
        assertEquals({ lines, failed, pending }, { lines: [], failed: [], pending: [] }, form.join(", "));
      }
    });
  }
});
