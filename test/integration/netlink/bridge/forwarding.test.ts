import { assert, assertEquals, assertObjectMatch, assertThrows } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import { type ForwardingEntry, type ForwardingFilter, NetlinkError } from "@netns/netns";
import { describeAsRoot, traces } from "../../support/traces.ts";
import { refusal, wired } from "../support.ts";

describeAsRoot("Netlink.listForwardingEntries(), addForwardingEntry() and deleteForwardingEntry()", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertEquals(traces(), start));

  it("has the entries of a VXLAN: other ends of one address, and of all others", () => {
    using here = wired();
    const { netlink, left } = here;
    netlink.addLink({ kind: "vxlan", name: "vx0", id: 7, port: 4789, link: left });
    const all = "00:00:00:00:00:00";
    netlink.addForwardingEntry({ link: "vx0", address: all, ip: "10.9.0.2" });
    netlink.addForwardingEntry({ link: "vx0", address: all, ip: "10.9.0.3", append: true });
    netlink.addForwardingEntry({
      link: "vx0",
      address: "02:00:00:00:00:09",
      ip: "10.9.0.9",
      port: 9999,
      vni: 42,
      via: "left",
    });
    const list = () => netlink.listForwardingEntries({ link: "vx0" });
    const linkIndex = netlink.getLink("vx0").index;
    assertEquals(list().length, 3);
    assertObjectMatch(list().find(({ ip }) => ip === "10.9.0.9") ?? {}, {
      linkIndex,
      address: "02:00:00:00:00:09",
      port: 9999,
      vni: 42,
      viaIndex: left,
      state: "permanent",
      self: true,
    });
    assertEquals(list().filter(({ address }) => address === all).map(({ ip }) => ip).sort(), ["10.9.0.2", "10.9.0.3"]);
    const taken = refusal(() =>
      netlink.addForwardingEntry({ link: "vx0", address: "02:00:00:00:00:09", ip: "10.9.0.8" })
    );
    assertEquals(taken.code, "EEXIST");
    netlink.addForwardingEntry({ link: "vx0", address: "02:00:00:00:00:09", ip: "10.9.0.8", replace: true });
    const [second] = list().filter(({ ip }) => ip === "10.9.0.3");
    assert(second !== undefined);
    netlink.deleteForwardingEntry(second);
    assertEquals(list().map(({ ip }) => ip).sort(), ["10.9.0.2", "10.9.0.8"]);
    netlink.addForwardingEntry({ ...second, append: true });
    assertEquals(list().filter(({ ip }) => ip === "10.9.0.3"), [second]);
  });

  it("has the entries of a bridge, and takes each that was listed away and back", () => {
    using here = wired();
    const { netlink, left } = here;
    netlink.addLink({ kind: "bridge", name: "br0", up: true });
    netlink.setLink("left", { master: "br0" });
    const master = netlink.getLink("br0").index;
    netlink.addForwardingEntry({ link: "left", address: "02:00:00:00:00:09", master: true, state: "static" });
    netlink.addForwardingEntry({
      link: "left",
      address: "02:00:00:00:00:0a",
      master: true,
      state: "static",
      sticky: true,
    });
    netlink.addForwardingEntry({ link: "br0", address: "02:00:00:00:00:0b" });
    const found = (address: string) =>
      netlink.listForwardingEntries().filter((entry) => entry.address === address && entry.master === master);
    assertObjectMatch(found("02:00:00:00:00:09")[0] ?? {}, { linkIndex: left, master, state: "static", self: false });
    assertObjectMatch(found("02:00:00:00:00:0a")[0] ?? {}, { state: "static", sticky: true });
    assertObjectMatch(found("02:00:00:00:00:0b")[0] ?? {}, { linkIndex: master, state: "permanent" });
    for (const address of ["02:00:00:00:00:09", "02:00:00:00:00:0a", "02:00:00:00:00:0b"]) {
      const [entry] = found(address);
      assert(entry !== undefined, address);
      netlink.deleteForwardingEntry(entry);
      assertEquals(found(address), []);
      netlink.addForwardingEntry(entry);
      assertEquals(found(address), [entry]);
    }
    assertEquals(
      netlink.listForwardingEntries({ master: "br0" }).every((entry) => entry.master === master),
      true,
    );
    // Those of groups and those that are learned come by themselves.
    const list = (filter: ForwardingFilter): ForwardingEntry[] =>
      netlink.listForwardingEntries(filter).filter((entry) => entry.address.startsWith("02:00:00:00:00:"));
    const ofLeft = list({ link: "left" });
    assertEquals(list({ linkIndex: left }), ofLeft);
    assert(ofLeft.length > 0 && ofLeft.every(({ linkIndex }) => linkIndex === left));
    assertEquals(list({ link: "left", linkIndex: master }), ofLeft, "the link wins");
    assertEquals(list({ linkIndex: 999_999 }), []);
    assertEquals(netlink.listBridgeVlans({ linkIndex: left }), netlink.listBridgeVlans({ link: "left" }));
    for (const linkIndex of [-1, 1.5, "2" as unknown as number]) {
      assertThrows(() => netlink.listForwardingEntries({ linkIndex }), RangeError, "as linkIndex");
      assertThrows(() => netlink.listBridgeVlans({ linkIndex }), RangeError, "as linkIndex");
    }
    const absent = { link: "left", address: "02:00:00:00:00:0f", master: true };
    assertEquals(refusal(() => netlink.deleteForwardingEntry(absent)).code, "ENOENT");
    assertEquals(refusal(() => netlink.addForwardingEntry({ ...absent, link: "right" })).code, "EOPNOTSUPP");
  });
});

describeAsRoot("Netlink.listBridgeVlans() and addBridgeVlan()", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertEquals(traces(), start));

  it("lists what the kernel has, and passes on what it refuses", () => {
    using here = wired();
    const { netlink } = here;
    netlink.addLink({ kind: "bridge", name: "br0" });
    assert(netlink.listBridgeVlans({ link: "br0" }).every(({ id, self }) => id === 1 && self));
    // "left" is no port.
    const { code, remedy = "" } = assertThrows(() => netlink.addBridgeVlan("left", { id: 7 }), NetlinkError);
    assertEquals(code, "EOPNOTSUPP");
    assert(remedy.startsWith("expected a port of a bridge"), remedy);
    assertEquals(refusal(() => netlink.listBridgeVlans({ link: "nosuch" })).code, "ENODEV");
  });
});
