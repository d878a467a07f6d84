import { assert, assertEquals, assertObjectMatch, assertThrows } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import type { Neighbour, NeighbourState } from "@netns/netns";
import { describeAsRoot, traces } from "../../support/traces.ts";
import { refusal, wired } from "../support.ts";

const AF_INET = 2;
const AF_INET6 = 10;
const MAC = "02:00:00:00:00:09";

const ofPeople = ({ ip }: Neighbour): boolean => !ip.startsWith("ff02:"); // the kernel's own, for multicast

describeAsRoot("Netlink.addNeighbour(), setNeighbour(), deleteNeighbour()", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertEquals(traces(), start));

  it("adds, changes and forgets a neighbour of each family", () => {
    using here = wired();
    const { netlink, left } = here;
    for (const [ip, family] of [["10.0.0.9", AF_INET], ["2001:db8::9", AF_INET6]] as const) {
      const found = (): Neighbour | undefined => netlink.listNeighbours({ linkIndex: left }).find((n) => n.ip === ip);
      netlink.addNeighbour({ linkIndex: left, ip, address: MAC });
      assertObjectMatch(found() ?? {}, { linkIndex: left, family, address: MAC, state: "permanent", proxy: false });
      assertEquals(refusal(() => netlink.addNeighbour({ linkIndex: left, ip, address: MAC })).code, "EEXIST");
      netlink.setNeighbour({ linkIndex: left, ip, address: "02:00:00:00:00:0a", state: "stale" });
      assertObjectMatch(found() ?? {}, { address: "02:00:00:00:00:0a", state: "stale" });
      netlink.setNeighbour({ linkIndex: left, ip, address: MAC });
      netlink.deleteNeighbour({ linkIndex: left, ip });
      assert(found() === undefined || found()?.state === "failed");
    }
    assertEquals(refusal(() => netlink.deleteNeighbour({ linkIndex: left, ip: "10.0.0.77" })).code, "ENOENT");
  });

  it("takes every state that people set", () => {
    using here = wired();
    const states: readonly NeighbourState[] = ["permanent", "noarp", "reachable", "stale"];
    states.forEach((state, i) => {
      const ip = `10.0.0.${i + 1}`;
      here.netlink.addNeighbour({ linkIndex: here.left, ip, address: MAC, state });
      assertEquals(here.netlink.listNeighbours().find((n) => n.ip === ip)?.state, state);
    });
  });

  it("refuses what the kernel would misunderstand", () => {
    using here = wired();
    const { netlink, left } = here;
    const ip = "10.0.0.9";
    for (const address of ["", "02:00:00:00:00", "02:00:00:00:00:09:0", "02:00:00:00:00:00:09", "router"]) {
      assertThrows(() => netlink.addNeighbour({ linkIndex: left, ip, address }), TypeError, "as a link-layer address");
    }
    assertThrows(
      () => netlink.addNeighbour({ linkIndex: left, ip: "10.0.0.9/32", address: MAC }),
      TypeError,
      "address",
    );
    assertThrows(() => netlink.addNeighbour({ linkIndex: 2 ** 31, ip, address: MAC }), RangeError, "as index");
    assertEquals(refusal(() => netlink.addNeighbour({ linkIndex: 4711, ip, address: MAC })).code, "ENODEV");
    const short = { linkIndex: left, ip, address: "0a:00:00:01" };
    assertEquals(refusal(() => netlink.addNeighbour(short)), { code: "EINVAL", detail: "Invalid link address" });
  });
});

describeAsRoot("Netlink.listNeighbours()", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertEquals(traces(), start));

  it("filters by link and family, and reads more than a buffer holds", () => {
    using here = wired();
    const count = 600;
    here.netlink.batch((batch) => {
      for (let i = 0; i < count; i++) {
        batch.addNeighbour({ linkIndex: here.left, ip: `10.1.${i >> 8}.${i & 255}`, address: MAC });
      }
      batch.addNeighbour({ linkIndex: here.right, ip: "2001:db8::9", address: MAC });
    });
    const { left, right, netlink } = here;
    assertEquals(netlink.listNeighbours({ linkIndex: left, family: AF_INET }).length, count);
    assertEquals(netlink.listNeighbours({ linkIndex: right }).filter(ofPeople).map(({ ip }) => ip), ["2001:db8::9"]);
    assertEquals(netlink.listNeighbours({ family: AF_INET6 }).filter(ofPeople).map(({ ip }) => ip), ["2001:db8::9"]);
    assertEquals(netlink.listNeighbours({ linkIndex: 4711 }), []);
    assertThrows(() => netlink.listNeighbours({ family: 7 }), TypeError, "listForwardingEntries()");
  });
});

describeAsRoot("Netlink.listNeighbours({ proxy: true })", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertEquals(traces(), start));

  it("lists those for which this host answers, and no others", () => {
    using here = wired();
    const { netlink, left } = here;
    netlink.addNeighbour({ link: "left", ip: "10.0.0.20", proxy: true });
    netlink.addNeighbour({ link: "left", ip: "2001:db8::20", proxy: true, protocol: 4 });
    netlink.addNeighbour({ link: "left", ip: "10.0.0.21", address: MAC });
    const proxies = netlink.listNeighbours({ proxy: true });
    assertEquals(proxies.map(({ ip, linkIndex, proxy }) => [ip, linkIndex, proxy]).sort(), [
      ["10.0.0.20", left, true],
      ["2001:db8::20", left, true],
    ]);
    assert(netlink.listNeighbours().every(({ proxy }) => !proxy));
    for (const one of proxies) netlink.deleteNeighbour(one);
    assertEquals(netlink.listNeighbours({ proxy: true }), []);
    for (const one of proxies) netlink.addNeighbour(one);
    assertEquals(netlink.listNeighbours({ proxy: true }).length, 2);
  });

  it("keeps routers, and what is learned elsewhere or managed by the kernel", () => {
    using here = wired();
    const { netlink } = here;
    netlink.addNeighbour({ link: "left", ip: "2001:db8::9", address: MAC, router: true });
    netlink.addNeighbour({ link: "left", ip: "10.0.0.9", address: MAC, external: true, protocol: 4 });
    netlink.addNeighbour({ link: "left", ip: "10.0.0.10", managed: true });
    const found = netlink.listNeighbours({ link: "left" });
    assertObjectMatch(found.find(({ ip }) => ip === "2001:db8::9") ?? {}, { router: true });
    assertObjectMatch(found.find(({ ip }) => ip === "10.0.0.9") ?? {}, { external: true, protocol: 4 });
    assertObjectMatch(found.find(({ ip }) => ip === "10.0.0.10") ?? {}, { managed: true });
  });
});
