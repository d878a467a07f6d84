import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { leftEnd, PAIR, rightEnd } from "../../../support/topologies.ts";
import { FakeKernel } from "../fake_kernel.ts";
import { change, lines, WHOLE } from "../fixtures.ts";

describe("removeEntries()", () => {
  it("takes routes and entries away by themselves, unless somebody changed them", () => {
    assertEquals(change(WHOLE, { ...WHOLE, routes: [WHOLE.routes[1]], arpEntries: [] }), [
      "route far: delete the route to 10.2.0.0/16 via 10.1.0.2 by eth0 in blue metric 10",
      "ARP entry a: forget 10.1.0.9 on eth0 in blue",
    ]);
    const kernel = new FakeKernel();
    kernel.apply(WHOLE);
    const blue = kernel.named("blue");
    blue.routeList = blue.routeList.map((route) => ({ ...route, gateway: "10.1.0.77", protocol: 3 }));
    assertEquals(lines(kernel.apply(PAIR)), ["ARP entry a: forget 10.1.0.9 on eth0 in blue"]);
  });

  it("keeps a route and an entry that only have another name now, also on a renamed link", () => {
    const after = {
      ...WHOLE,
      interfaces: [leftEnd({ hostIfName: "wan" }), rightEnd()],
      routes: WHOLE.routes.map((route) => ({ ...route, name: `new-${route.name}` })),
      arpEntries: WHOLE.arpEntries.map((entry) => ({ ...entry, name: "b" })),
    };
    assertEquals(change(WHOLE, after), ["interface left: set eth0 in blue: name wan"]);
  });
});
