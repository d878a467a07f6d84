import { assertEquals } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import { describeAsRoot, traces } from "../support/traces.ts";
import { wired } from "./support.ts";

const AF_INET = 2, AF_INET6 = 10;

describeAsRoot("a filter by family", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertEquals(traces(), start));

  it("takes the number of a family, and the version of IP", () => {
    using here = wired();
    const { netlink, ns } = here;
    using sockets = ns.sockets();
    netlink.addAddress("left", "192.0.2.1/24");
    netlink.addAddress("left", "fd00::1/64", { noDad: true });
    netlink.addNeighbour({ link: "left", ip: "192.0.2.9", address: "02:00:00:00:00:09" });
    netlink.addNeighbour({ link: "left", ip: "fd00::9", address: "02:00:00:00:00:09" });
    for (const [family, number] of [[4, AF_INET], [AF_INET, AF_INET], [6, AF_INET6], [AF_INET6, AF_INET6]] as const) {
      const lists = [
        netlink.listAddresses({ family }),
        netlink.listRoutes({ family }),
        netlink.listNeighbours({ family }),
        netlink.listRules({ family }),
      ];
      for (const all of lists) assertEquals([...new Set(all.map(({ family }) => family))], [number]);
      assertEquals([netlink.listNextHops({ family }), sockets.list({ protocol: "tcp", family })], [[], []]);
    }
  });
});
