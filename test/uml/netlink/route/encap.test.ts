/** Routes with encapsulation that not every kernel has: made as `ip` makes them, listed and sent back. */
import { assert, assertEquals, assertObjectMatch } from "@std/assert";
import { after, before, describe, it } from "@std/testing/bdd";
import { Scene } from "../../../e2e/ip_scene.ts";
import { traces } from "../../../integration/support/traces.ts";

describe("a route with MPLS labels", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertEquals(traces(), start));

  it("is what ip makes, and comes back the same", () => {
    using scene = new Scene();
    const { netlink } = scene;
    netlink.addAddress("v0", "10.0.0.1/24");
    scene.ip("route add 10.1.0.0/16 encap mpls 100/200 ttl 5 via 10.0.0.2");
    const shown = (): unknown[] => scene.json("-j -d route show 10.1.0.0/16");
    const ip = shown();
    const [listed] = netlink.listRoutes({ table: 254 }).filter(({ dst }) => dst === "10.1.0.0/16");
    assert(listed !== undefined);
    assertObjectMatch(listed, { encap: { type: "mpls", labels: [100, 200], ttl: 5 } });
    netlink.deleteRoute(listed);
    assertEquals(shown(), []);
    netlink.addRoute(listed);
    assertEquals(shown(), ip);
    netlink.replaceRoute({
      dst: "10.1.0.0/16",
      gateway: "10.0.0.2",
      encap: { type: "mpls", labels: [100, 200], ttl: 5 },
    });
    assertEquals(shown(), ip);
  });
});
