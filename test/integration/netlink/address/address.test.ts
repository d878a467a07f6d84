import { assert, assertEquals, assertObjectMatch, assertThrows } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import type { Address, Route } from "@netns/netns";
import { describeAsRoot, traces } from "../../support/traces.ts";
import { refusal, scratch, wired } from "../support.ts";

const AF_INET = 2;
const AF_INET6 = 10;

describeAsRoot("Netlink.addAddress()", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertEquals(traces(), start));

  it("adds an IPv4 address, with the broadcast address of its network where that is asked for", () => {
    using here = wired();
    here.netlink.addAddress({ index: here.left }, "10.0.0.2/25");
    assertEquals(here.netlink.listAddresses({ link: "left", family: AF_INET })[0]?.broadcast, undefined);
    here.netlink.deleteAddress("left", "10.0.0.2/25");
    here.netlink.addAddress({ index: here.left }, "10.0.0.1/24", { broadcast: "+" });
    assertEquals(here.netlink.listAddresses({ linkIndex: here.left, family: AF_INET }), [{
      linkIndex: here.left,
      family: AF_INET,
      address: "10.0.0.1",
      prefixLength: 24,
      cidr: "10.0.0.1/24",
      broadcast: "10.0.0.255",
      scope: 0,
      flags: 0x80,
      tentative: false,
      duplicate: false,
      permanent: true,
      label: "left",
    }]);
  });

  it("takes what was changed in a copy of one that was listed", () => {
    using here = wired();
    const flagged = (): readonly unknown[] => {
      const [{ noPrefixRoute, managedTemporaries, metric } = {}] = here.netlink.listAddresses({ linkIndex: here.left })
        .filter(({ cidr }) => cidr === "2001:db8::1/64");
      return [noPrefixRoute, managedTemporaries, metric];
    };
    here.netlink.addAddress("left", "2001:db8::1/64", { noDad: true });
    const find = (): Address => {
      const found = here.netlink.listAddresses({ linkIndex: here.left }).find(({ cidr }) => cidr === "2001:db8::1/64");
      assert(found);
      return found;
    };
    here.netlink.replaceAddress({ ...find(), noPrefixRoute: true, managedTemporaries: true, metric: 7 });
    assertEquals(flagged(), [true, true, 7]);
    here.netlink.replaceAddress({ ...find(), noPrefixRoute: false });
    assertEquals(flagged(), [undefined, true, 7]);
    here.netlink.replaceAddress(find());
    assertEquals(flagged(), [undefined, true, 7]);
  });

  it("knows which networks have a broadcast address", () => {
    using here = wired();
    const cases = {
      "10.1.0.1/8": "10.255.255.255",
      "10.2.0.130/25": "10.2.0.255",
      "10.3.0.1/30": "10.3.0.3",
      "10.4.0.1/31": undefined,
      "10.5.0.1/32": undefined,
      "10.6.0.1": undefined,
    };
    for (const [cidr, broadcast] of Object.entries(cases)) {
      here.netlink.addAddress({ name: "left" }, cidr, { broadcast: "+" });
      const [added] = here.netlink.listAddresses({ linkIndex: here.left, family: AF_INET });
      assertEquals(added?.broadcast, broadcast, cidr);
      here.netlink.deleteAddress({ name: "left" }, cidr);
    }
  });

  it("adds an IPv6 address that is usable at once, or after it was asked for", () => {
    using here = wired();
    here.netlink.addAddress({ name: "left" }, "2001:db8::1/64", { noDad: true });
    here.netlink.addAddress({ name: "left" }, "2001:db8::2/64");
    const found = here.netlink.listAddresses({ linkIndex: here.left, family: AF_INET6 });
    assertObjectMatch(found.find(({ cidr }) => cidr === "2001:db8::1/64") ?? {}, { tentative: false, permanent: true });
    assertObjectMatch(found.find(({ cidr }) => cidr === "2001:db8::2/64") ?? {}, { tentative: true, permanent: true });
  });

  it("adds the two ends of a point-to-point link", () => {
    using here = wired();
    here.netlink.addAddress({ name: "left" }, "192.168.7.1/32", { peer: "192.168.7.2" });
    here.netlink.addAddress({ name: "left" }, "2001:db8::1/128", { peer: "2001:db8::2", noDad: true });
    const found = here.netlink.listAddresses({ linkIndex: here.left });
    assertObjectMatch(found[0] ?? {}, { address: "192.168.7.1", peer: "192.168.7.2", cidr: "192.168.7.1/32" });
    assert(found.some(({ address, peer }) => address === "2001:db8::1" && peer === "2001:db8::2"));
    here.netlink.deleteAddress({ name: "left" }, "192.168.7.1/32", { peer: "192.168.7.2" });
    assertEquals(here.netlink.listAddresses({ linkIndex: here.left, family: AF_INET }), []);
  });

  it("adds an address for a while, replaces it, and takes one lifetime for both", () => {
    using here = wired();
    const link = { name: "left" };
    const only = (): object => here.netlink.listAddresses({ linkIndex: here.left, family: AF_INET })[0] ?? {};
    here.netlink.addAddress(link, "10.0.0.1/24", { validLifetime: 1000, preferredLifetime: 500 });
    assertObjectMatch(only(), { permanent: false, validLifetime: 1000, preferredLifetime: 500 });
    assertEquals(refusal(() => here.netlink.addAddress(link, "10.0.0.1/24")).code, "EEXIST");
    here.netlink.addAddress(link, "10.0.0.1/24", { validLifetime: 2000, replace: true });
    assertObjectMatch(only(), { permanent: false, validLifetime: 2000, preferredLifetime: 2000 });
    here.netlink.addAddress(link, "10.0.0.1/24", { replace: true });
    assertObjectMatch(only(), { permanent: true });
    const wrong = () => here.netlink.addAddress(link, "10.0.1.1/24", { validLifetime: 5, preferredLifetime: 6 });
    assertEquals(refusal(wrong).code, "EINVAL");
  });

  it("takes label, scope and broadcast address as they are given", () => {
    using here = wired();
    here.netlink.addAddress({ name: "left" }, "10.0.0.1/24", { label: "left:x", scope: 253, broadcast: "10.0.0.9" });
    here.netlink.addAddress({ name: "lo" }, "127.0.0.2/8");
    const [own] = here.netlink.listAddresses({ linkIndex: here.left, family: AF_INET });
    assertObjectMatch(own ?? {}, { label: "left:x", scope: 253, broadcast: "10.0.0.9" });
    const [, host] = here.netlink.listAddresses({ linkIndex: 1, family: AF_INET });
    assertObjectMatch(host ?? {}, { cidr: "127.0.0.2/8", scope: 254 });
  });

  it("refuses what is not an address before it asks", () => {
    using here = wired();
    const { netlink } = here;
    const link = { index: here.left };
    const wrong = [
      "",
      "10.0.0/24",
      "10.0.0.1/33",
      "10.0.0.1/-1",
      "10.0.0.1/",
      "10.0.0.1/8/8",
      "010.0.0.1/8",
      "::1/129",
    ];
    for (const cidr of [...wrong, "fe80::1%left/64", "::g/64", "10.0.0.256/24"]) {
      assertThrows(() => netlink.addAddress(link, cidr), TypeError, "Cannot use");
      assertThrows(() => netlink.deleteAddress(link, cidr), TypeError, "Cannot use");
    }
    assertThrows(() => netlink.addAddress(link, "10.0.0.1/8", { validLifetime: -1 }), RangeError, "as preferred");
    assertThrows(() => netlink.addAddress(link, "10.0.0.1/8", { scope: 256 }), RangeError, "as scope");
    assertThrows(() => netlink.addAddress(link, "10.0.0.1/8", { label: "a\0b" }), TypeError, "as label");
    assertEquals(refusal(() => netlink.addAddress({ index: 4711 }, "10.0.0.1/8")).code, "ENODEV");
    assertEquals(refusal(() => netlink.addAddress({ name: "nosuch" }, "10.0.0.1/8")).code, "ENODEV");
  });
});

describeAsRoot("Netlink.deleteAddress()", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertEquals(traces(), start));

  it("deletes the address of this prefix, and no other", () => {
    using here = wired();
    here.netlink.addAddress({ name: "left" }, "10.0.0.1/24");
    for (const absent of ["10.0.0.1/16", "2001:db8::1/64"]) {
      const { code } = refusal(() => here.netlink.deleteAddress({ name: "left" }, absent));
      assertEquals(code, "EADDRNOTAVAIL", absent);
    }
    here.netlink.deleteAddress({ name: "left" }, "10.0.0.1/24");
    assertEquals(here.netlink.listAddresses({ linkIndex: here.left, family: AF_INET }), []);
  });
});

describeAsRoot("Netlink.listAddresses()", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertEquals(traces(), start));

  it("reads more than a buffer holds, and filters by link and family", () => {
    using here = wired();
    const count = 3000;
    here.netlink.batch((batch) => {
      for (let i = 0; i < count; i++) {
        batch.addAddress({ index: here.left }, `10.1.${i >> 8}.${i & 255}/32`);
      }
      batch.addAddress({ index: here.right }, "2001:db8::5/64", { noDad: true });
    });
    const all = here.netlink.listAddresses({ linkIndex: here.left, family: AF_INET });
    assertEquals(all.length, count);
    assertEquals(new Set(all.map(({ address }) => address)).size, count);
    assert(here.netlink.listAddresses().length > count);
    const others = here.netlink.listAddresses({ linkIndex: here.right });
    assert(others.every(({ linkIndex }) => linkIndex === here.right));
    assert(others.some(({ cidr }) => cidr === "2001:db8::5/64"));
  });

  it("reports a link that does not exist", () => {
    using here = scratch();
    assertEquals(refusal(() => here.netlink.listAddresses({ linkIndex: 4711 })).code, "ENODEV");
  });
});

describeAsRoot("Netlink.replaceAddress()", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertEquals(traces(), start));

  it("adds an address with its metric and without a route, and changes it", () => {
    using here = wired();
    const { netlink, left } = here;
    const cidr = "10.1.0.1/24";
    netlink.replaceAddress("left", cidr, { noPrefixRoute: true, protocol: 7 });
    const found = (): Address | undefined => netlink.listAddresses({ link: "left" }).find((one) => one.cidr === cidr);
    assertObjectMatch(found() ?? {}, { linkIndex: left, noPrefixRoute: true, protocol: 7 });
    const toNetwork = (): Route | undefined =>
      netlink.listRoutes({ table: 254 }).find(({ dst }) => dst === "10.1.0.0/24");
    assertEquals(toNetwork(), undefined);
    netlink.deleteAddress("left", cidr);
    netlink.addAddress("left", cidr, { metric: 50 });
    assertObjectMatch(found() ?? {}, { metric: 50 });
    assertObjectMatch(toNetwork() ?? {}, { metric: 50 });
    const listed = found();
    assert(listed !== undefined);
    netlink.replaceAddress({ ...listed, metric: 60 });
    assertEquals(found(), { ...listed, metric: 60 });
    assertObjectMatch(toNetwork() ?? {}, { metric: 60 });
    netlink.replaceAddress("left", "2001:db8::1/64", { home: true, managedTemporaries: true, noDad: true });
    assertObjectMatch(netlink.listAddresses({ link: "left" }).find((one) => one.cidr === "2001:db8::1/64") ?? {}, {
      home: true,
      managedTemporaries: true,
    });
  });
});
