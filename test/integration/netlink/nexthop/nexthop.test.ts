import { assertEquals, assertObjectMatch } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import type { NextHopObjectSpec } from "@netns/netns";
import { describeAsRoot, traces } from "../../support/traces.ts";
import { refusal, wired } from "../support.ts";

describeAsRoot("Netlink.addNextHop(), replaceNextHop(), deleteNextHop(), listNextHops()", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertEquals(traces(), start));

  it("adds single ones and groups, which routes lead to; what was listed goes back as it is", () => {
    using here = wired();
    const { netlink, left } = here;
    netlink.addAddress("left", "10.0.0.1/24");
    netlink.addAddress("left", "2001:db8::1/64", { noDad: true });
    const specs: readonly NextHopObjectSpec[] = [
      { id: 1, gateway: "10.0.0.2", link: "left" },
      { id: 2, gateway: "172.16.0.1", linkIndex: left, onLink: true, protocol: 4 },
      { id: 3, gateway: "2001:db8::2", link: { name: "left" } },
      { id: 4, link: { index: left } },
      { id: 5, blackhole: true },
      { id: 6, gateway: "10.0.0.3", link: "left", encap: { type: "ip", id: 9, dst: "10.0.0.9" } },
      { id: 7, gateway: "10.0.0.4", fdb: true },
      { id: 10, group: [{ id: 1, weight: 3 }, { id: 2 }] },
      { id: 11, group: [{ id: 1 }, { id: 2 }], groupType: "resilient", resilient: { buckets: 8, idleTimer: 100 } },
    ];
    for (const spec of specs) netlink.addNextHop(spec);
    const all = netlink.listNextHops();
    assertEquals(all.map(({ id }) => id), specs.map(({ id }) => id));
    assertObjectMatch(all[0] ?? {}, { linkIndex: left, gateway: "10.0.0.2", scope: "link", family: 2 });
    assertObjectMatch(all[1] ?? {}, { onLink: true, protocol: 4 });
    assertObjectMatch(all[4] ?? {}, { blackhole: true });
    assertObjectMatch(all[5] ?? {}, { encap: { type: "ip", id: 9, dst: "10.0.0.9" } });
    assertObjectMatch(all[7] ?? {}, { group: [{ id: 1, weight: 3 }, { id: 2, weight: 1 }], groupType: "mpath" });
    assertObjectMatch(all[8] ?? {}, { groupType: "resilient", resilient: { buckets: 8, idleTimer: 100 } });
    assertEquals(netlink.listNextHops({ groups: true }).map(({ id }) => id), [10, 11]);
    assertEquals(netlink.listNextHops({ link: "left" }).map(({ id }) => id), [1, 2, 3, 4, 6]);
    for (const listed of [...all].reverse()) { // a group loses a member that is deleted
      netlink.replaceNextHop(listed);
      assertEquals(refusal(() => netlink.addNextHop(listed)).code, "EEXIST");
      netlink.deleteNextHop(listed.id > 5 ? listed : listed.id);
      assertEquals(refusal(() => netlink.deleteNextHop(listed)).code, "ENOENT");
    }
    for (const listed of all) netlink.addNextHop(listed);
    assertEquals(JSON.stringify(netlink.listNextHops(), withoutTime), JSON.stringify(all, withoutTime));
  });

  it("is where routes lead; deleting it deletes them", () => {
    using here = wired();
    const { netlink } = here;
    netlink.addAddress("left", "10.0.0.1/24");
    netlink.addNextHop({ id: 1, gateway: "10.0.0.2", link: "left" });
    netlink.addNextHop({ id: 2, gateway: "10.0.0.3", link: "left" });
    netlink.addNextHop({ id: 10, group: [{ id: 1, weight: 3 }, { id: 2 }] });
    netlink.addRoute({ dst: "10.1.0.0/16", nextHopId: 1 });
    netlink.addRoute({ dst: "10.2.0.0/16", nextHopId: 10 });
    const found = netlink.listRoutes({ table: 254 }).filter(({ nextHopId }) => nextHopId !== undefined);
    assertEquals(found.map(({ dst, nextHopId }) => [dst, nextHopId]), [["10.1.0.0/16", 1], ["10.2.0.0/16", 10]]);
    assertEquals(found[1]?.nextHops.map(({ weight }) => weight), [3, 1]);
    for (const route of found) netlink.deleteRoute(route);
    for (const route of found) netlink.addRoute(route);
    netlink.deleteNextHop(2);
    netlink.deleteNextHop(1);
    assertEquals(netlink.listRoutes({ table: 254 }).filter(({ nextHopId }) => nextHopId !== undefined), []);
  });

  it("names a next hop that is missing", () => {
    using here = wired();
    assertEquals(refusal(() => here.netlink.addNextHop({ id: 1, group: [{ id: 99 }] })).code, "EINVAL");
    assertEquals(refusal(() => here.netlink.addRoute({ dst: "10.1.0.0/16", nextHopId: 99 })).code, "EINVAL");
  });
});

/** How long a group is unbalanced goes on. */
function withoutTime(key: string, value: unknown): unknown {
  return key === "unbalancedTime" ? undefined : value;
}
