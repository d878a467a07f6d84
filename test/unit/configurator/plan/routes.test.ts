import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { PAIR, vethEnd } from "../../../support/topologies.ts";
import { FakeKernel } from "../fake_kernel.ts";
import { change, lines } from "../fixtures.ts";

describe("planRoutes()", () => {
  it("names a link of the host in routes and entries", () => {
    const kernel = new FakeKernel();
    const link = kernel.namespace("PID:0").addLink({ name: "wan", up: true, carrier: true, mtu: 1500 });
    const route = { routes: [{ name: "x", interface: "wan", dstIpAddr: "10.0.0.0/8" }] };
    assertEquals(lines(kernel.apply(route)), ["route x: add the route to 10.0.0.0/8 by wan in the default namespace"]);
    assertEquals(lines(kernel.apply({})), [
      "route x: delete the route to 10.0.0.0/8 by wan in the default namespace",
    ]);
    assertEquals(kernel.namespace("PID:0").linkList.includes(link), true);
  });

  it("takes a route away whose new link has to wait", () => {
    const route = { name: "r", interface: "left", dstIpAddr: "10.2.0.0/16" };
    const others = (enabled: boolean): object[] => [
      vethEnd("x", "y", { namespace: "blue", enabled }),
      vethEnd("y", "x", { namespace: "red" }),
    ];
    const before = { ...PAIR, interfaces: [...PAIR.interfaces, ...others(false)], routes: [route] };
    assertEquals(change(before, { ...before, routes: [{ ...route, interface: "x" }] }), [
      "route r: delete the route to 10.2.0.0/16 by eth0 in blue",
    ]);
    const after = {
      ...before,
      interfaces: [...PAIR.interfaces, ...others(true)],
      routes: [{ ...route, interface: "x" }],
    };
    assertEquals(change(before, after), [
      "interface x: set x in blue: up",
      "route r: replace the route to 10.2.0.0/16 by x in blue",
    ]);
  });
});
