import { assert, assertEquals, assertThrows } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import { NetlinkError } from "@netns/netns";
import { describeAsRoot, traces } from "../support/traces.ts";
import { scratch, wired } from "./support.ts";

const AF_INET = 2;

describeAsRoot("Netlink.batch()", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertEquals(traces(), start));

  it("carries out what comes before and after a failure, and names what failed", () => {
    using here = wired();
    const { netlink, left } = here;
    const link = { index: left };
    const error = assertThrows(
      () =>
        netlink.batch((batch) => {
          batch.addAddress(link, "10.0.0.1/24");
          batch.addAddress(link, "10.0.0.1/24");
          batch.addAddress(link, "10.0.1.1/24");
          batch.addRoute({ dst: "10.1.0.0/16", gateway: "192.0.2.1" });
          batch.addAddress(link, "10.0.2.1/24");
        }),
      NetlinkError,
    );
    assertEquals(error.code, "EEXIST");
    assertEquals(error.request, `RTM_NEWADDR 10.0.0.1/24 on link ${left} (request 2 of 5)`);
    assertEquals(error.failures?.map(({ index, error }) => [index, error.code]), [[1, "EEXIST"], [3, "ENETUNREACH"]]);
    assertEquals(error.failures?.[1]?.error.detail, "Nexthop has invalid gateway");
    const found = netlink.listAddresses({ linkIndex: left, family: AF_INET }).map(({ cidr }) => cidr);
    assertEquals(found.sort(), ["10.0.0.1/24", "10.0.1.1/24", "10.0.2.1/24"]);
  });

  it("sends nothing if its function throws, and nothing if it asks for nothing", () => {
    using here = wired();
    const failing = () =>
      here.netlink.batch((batch) => {
        batch.deleteLink({ index: here.left });
        throw new RangeError("the caller's own");
      });
    assertThrows(failing, RangeError, "the caller's own");
    here.netlink.batch(() => undefined);
    assertEquals(here.netlink.tryBatch(() => undefined), []);
    assertEquals(here.netlink.getLink({ name: "left" }).index, here.left);
  });

  it("sends nothing if one of its requests cannot be encoded", () => {
    using here = wired();
    const failing = () =>
      here.netlink.batch((batch) => {
        batch.deleteLink({ index: here.left });
        batch.addAddress({ index: here.left }, "nonsense");
      });
    assertThrows(failing, TypeError, "Cannot use");
    assertThrows(() => here.netlink.batch((b) => b.addAddress({ name: "left" }, "10.0.0.1/8")), TypeError, "{ index }");
    assertEquals(here.netlink.getLink({ name: "left" }).index, here.left);
  });

  it("takes a thousand requests, of which every other fails", () => {
    using here = wired();
    const results = here.netlink.tryBatch((batch) => {
      for (let i = 0; i < 500; i++) {
        batch.addAddress({ index: here.left }, `10.1.${i >> 8}.${i & 255}/32`);
        batch.deleteLink({ index: 100_000 + i });
      }
    });
    assertEquals(results.length, 1000);
    results.forEach((error, i) => assertEquals(error?.code, i % 2 === 0 ? undefined : "ENODEV"));
    assertEquals(results[999]?.request, "RTM_DELLINK link 100499");
    assertEquals(here.netlink.listAddresses({ linkIndex: here.left, family: AF_INET }).length, 500);
  });

  it("makes links and what goes on them in one go, by the indexes that they are given", () => {
    using here = scratch();
    using there = scratch();
    here.netlink.batch((batch) => {
      batch.addLink({ kind: "veth", name: "a", index: 11, peer: { name: "b", index: 12, netns: there.ns } });
      batch.addAddress({ index: 11 }, "10.0.0.1/24");
      batch.setLink({ index: 11 }, { up: true });
      batch.addRoute({ dst: "10.1.0.0/16", gateway: "10.0.0.2" });
      batch.addNeighbour({ linkIndex: 11, ip: "10.0.0.2", address: "02:00:00:00:00:02" });
    });
    assert(here.netlink.listRoutes().some(({ dst }) => dst === "10.1.0.0/16"));
    assertEquals(there.netlink.getLink({ index: 12 }).name, "b");
  });
});
