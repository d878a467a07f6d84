import { assertEquals } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import { assertSameTraces, describeAsRoot, traces } from "../support/traces.ts";
import { leftEnd, PAIR, rightEnd } from "../../support/topologies.ts";
import { Scratch } from "./scratch.ts";

const document = (left: string[], routes: object[]): Record<string, unknown> => ({
  ...PAIR,
  interfaces: [leftEnd({ ipAddresses: left }), rightEnd({ ipAddresses: ["10.0.0.9/24"] })],
  routes: routes.map((route, i) => ({ name: `r${i}`, interface: "left", ...route })),
});

describeAsRoot("Configurator, of routes on a link whose addresses change,", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertSameTraces(start));

  const cases: [string, string[], string[], object[]][] = [
    ["all IPv4 replaced", ["10.0.0.1/24"], ["10.1.0.1/16"], [{ dstIpAddr: "10.7.0.0/16" }]],
    ["IPv4 gone", ["10.0.0.1/24", "fd00::1/64"], ["fd00::1/64"], [{ dstIpAddr: "10.7.0.0/16" }, {
      dstIpAddr: "fd07::/32",
    }]],
    ["all IPv6 replaced", ["fd00::1/64"], ["fd01::1/64"], [{ dstIpAddr: "fd07::/32" }]],
    ["IPv6 gone", ["fd00::1/64"], [], [{ dstIpAddr: "fd07::/32" }]],
    ["gateway's network given anew", ["10.0.0.1/24", "10.0.0.2/24"], ["10.0.0.2/24", "10.0.0.1/24"], [{
      dstIpAddr: "10.7.0.0/16",
      gwAddr: "10.0.0.9",
    }]],
    ["gateway's network given anew, others stay", ["10.1.0.1/24", "10.0.0.1/24", "10.0.0.2/24"], [
      "10.1.0.1/24",
      "10.0.0.2/24",
      "10.0.0.1/24",
    ], [{ dstIpAddr: "10.7.0.0/16", gwAddr: "10.0.0.9" }, { dstIpAddr: "10.8.0.0/16", srcIpAddr: "10.0.0.1" }]],
    ["of the link's own network", ["10.0.0.1/24"], ["10.0.0.2/24", "10.0.0.1/24"], [{ dstIpAddr: "10.0.0.0/24" }]],
    ["of the own networks, which come and go", ["10.0.0.1/24"], ["10.1.0.1/16"], [{ dstIpAddr: "10.0.0.0/24" }, {
      dstIpAddr: "10.1.0.0/16",
      metric: 5,
    }]],
    ["of the own network, with its source", ["10.0.0.1/24"], ["10.0.0.1/24", "10.0.0.2/24"], [{
      dstIpAddr: "10.0.0.0/24",
      srcIpAddr: "10.0.0.1",
    }, { dstIpAddr: "fd00::/64" }]],
    ["other table", ["10.0.0.1/24"], ["10.1.0.1/16"], [{ dstIpAddr: "10.7.0.0/16", table: 77 }, {
      dstIpAddr: "fd07::/32",
      table: 77,
    }]],
  ];
  for (const [name, a, b, routes] of cases) {
    it(`keeps them: ${name}`, async () => {
      using both = new Scratch();
      using alone = new Scratch();
      assertEquals((await both.apply(document(a, routes))).failed, []);
      const second = await both.apply(document(b, routes));
      const only = await alone.apply(document(b, routes));
      assertEquals([second.failed, only.failed], [[], []]);
      const strip = (state: unknown): unknown => (state as { routes: unknown }).routes;
      assertEquals(strip(both.state("blue")), strip(alone.state("blue")));
      assertEquals((await both.apply(document(b, routes))).lines, []);
    });
  }
});
