import { assertEquals, assertThrows } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import { InvalidNamespaceError, type Netlink, NetlinkError, newSystemHandler, NsHandle } from "@netns/netns";
import { type MoveEnd, moveLink } from "../../../src/netns/move_link.ts";
import { assertSameTraces, describeAsRoot, traces } from "../support/traces.ts";

/** What is on a link, in words that do not depend on where it is. */
function belongings(netlink: Netlink, name: string): unknown {
  const link = netlink.getLink({ name });
  const linkIndex = link.index;
  return {
    mtu: link.mtu,
    address: link.address,
    up: link.up,
    // But for the one that the kernel makes of the link-layer address, when it likes.
    addresses: netlink.listAddresses({ linkIndex }).filter(({ cidr }) => !cidr.startsWith("fe80::ff:fe00:"))
      .map(({ cidr, scope, broadcast, peer, tentative }) => ({ cidr, scope, broadcast, peer, tentative })),
    routes: netlink.listRoutes({ linkIndex }).filter(({ table, dst }) => table !== 255 && !/^f[ef]/.test(dst))
      .map(({ dst, metric, table, protocol, preferredSource, nextHops: [hop] }) =>
        `${dst} ${metric} ${table} ${protocol} ${preferredSource} ${hop?.gateway} ${hop?.onLink}`
      ).sort(),
    neighbours: netlink.listNeighbours({ linkIndex }).filter(({ state }) => state === "permanent")
      .map(({ ip, address }) => `${ip} ${address}`).sort(),
  };
}

/** A link with all that it can have, whose other end is up in a third namespace. */
function furnish(netlink: Netlink, peer: NsHandle): void {
  netlink.addLink({
    kind: "veth",
    name: "eth0",
    mtu: 1400,
    address: "02:00:00:00:00:01",
    peer: { name: "far", netns: peer },
  });
  using far = peer.netlink();
  far.setLink({ name: "far" }, { up: true });
  const eth0 = netlink.getLink({ name: "eth0" });
  netlink.addAddress(eth0, "10.1.0.1/24");
  netlink.addAddress(eth0, "10.1.0.2/24");
  netlink.addAddress(eth0, "10.9.0.1/32", { peer: "10.9.0.2" });
  netlink.addAddress(eth0, "2001:db8::1/64", { noDad: true });
  netlink.addAddress(eth0, "fe80::77/64", { noDad: true, scope: 253 });
  netlink.setLink(eth0, { up: true });
  const linkIndex = eth0.index;
  netlink.addRoute({ dst: "default", gateway: "10.1.0.9", linkIndex });
  netlink.addRoute({ dst: "10.5.0.0/16", linkIndex, table: 1000, metric: 7, preferredSource: "10.1.0.2" });
  netlink.addRoute({ dst: "10.6.0.0/16", linkIndex, gateway: "192.0.2.1", onLink: true });
  netlink.addRoute({ dst: "2001:db8:9::/48", gateway: "2001:db8::9", linkIndex });
  netlink.addNeighbour({ linkIndex, ip: "10.1.0.9", address: "02:00:00:00:00:09" });
  netlink.addNeighbour({ linkIndex, ip: "2001:db8::9", address: "02:00:00:00:00:09" });
}

/** Where links are moved from and to, and where the other end of a pair stays. */
class Scene implements Disposable {
  readonly from: NsHandle = NsHandle.create();
  readonly to: NsHandle = NsHandle.create();
  readonly peer: NsHandle = NsHandle.create();
  readonly near: Netlink = this.from.netlink();
  readonly far: Netlink = this.to.netlink();

  [Symbol.dispose](): void {
    for (const one of [this.near, this.far, this.from, this.to, this.peer]) one.close();
  }
}

describeAsRoot("SystemHandler.linkSetNsFd()", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertSameTraces(start));
  const system = newSystemHandler();

  it("moves a link with its state, addresses, routes and neighbours", () => {
    using scene = new Scene();
    const { from, to, near, far } = scene;
    furnish(near, scene.peer);
    const had = belongings(near, "eth0");
    from.run(() => system.linkSetNsFd({ name: "eth0" }, to.fd));
    assertEquals(near.listLinks().map(({ name }) => name), ["lo"]);
    assertEquals(belongings(far, "eth0"), had);
    to.run(() => system.linkSetNsFd(far.getLink({ name: "eth0" }), from.fd));
    assertEquals(belongings(near, "eth0"), had, "and back");
  });

  it("leaves a link that is down as it is", () => {
    using scene = new Scene();
    const { from, to, near, far } = scene;
    near.addLink({ kind: "veth", name: "a", peer: { name: "b" } });
    near.addAddress({ name: "a" }, "10.1.0.1/24");
    from.run(() => system.linkSetNsFd({ name: "a" }, to.fd));
    assertEquals([far.getLink({ name: "a" }).up, far.listAddresses().map(({ cidr }) => cidr)], [false, [
      "10.1.0.1/24",
    ]]);
  });

  it("leaves the link where it was if one of its name is there, or it cannot be moved", () => {
    using scene = new Scene();
    const { from, to, near, far } = scene;
    furnish(near, scene.peer);
    far.addLink({ kind: "bridge", name: "eth0" });
    const had = belongings(near, "eth0");
    const taken = assertThrows(() => from.run(() => system.linkSetNsFd({ name: "eth0" }, to.fd)), NetlinkError);
    assertEquals([taken.code, belongings(near, "eth0")], ["EEXIST", had]);
    assertThrows(() => from.run(() => system.linkSetNsFd({ name: "lo" }, to.fd)), NetlinkError, "EINVAL");
    assertThrows(() => from.run(() => system.linkSetNsFd({ name: "none" }, to.fd)), NetlinkError, "ENODEV");
    assertThrows(() => system.linkSetNsFd({ name: "eth0" }, 0), InvalidNamespaceError);
  });

  it("brings the link back, with what it had, if that cannot be put on it there", () => {
    using scene = new Scene();
    const { from, to, near, far } = scene;
    furnish(near, scene.peer);
    // A route whose source is an address of another link, which stays.
    near.addAddress({ name: "lo" }, "10.200.0.1/32");
    const linkIndex = near.getLink({ name: "eth0" }).index;
    near.addRoute({ dst: "10.7.0.0/16", linkIndex, preferredSource: "10.200.0.1" });
    const had = belongings(near, "eth0");
    const error = assertThrows(() => from.run(() => system.linkSetNsFd({ name: "eth0" }, to.fd)), NetlinkError);
    assertEquals([error.code, error.request], ["EINVAL", "RTM_NEWROUTE 10.7.0.0/16"]);
    assertEquals(far.listLinks().map(({ name }) => name), ["lo"]);
    assertEquals(belongings(near, "eth0"), had);
  });
});

describeAsRoot("moveLink()", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertSameTraces(start));

  const ends = ({ from, to, near, far }: Scene): [MoveEnd, MoveEnd] => [
    { netns: from, netlink: near },
    { netns: to, netlink: far },
  ];

  it("moves a link to a new name and a new number", () => {
    using scene = new Scene();
    furnish(scene.near, scene.peer);
    const had = belongings(scene.near, "eth0");
    assertEquals(moveLink({ name: "eth0" }, ...ends(scene), "uplink", 77), 77);
    assertEquals([scene.far.getLink({ index: 77 }).name, belongings(scene.far, "uplink")], ["uplink", had]);
    assertEquals(scene.near.listLinks().map(({ name }) => name), ["lo"]);
  });

  it("leaves the link where it was, with what it had, if its new name is taken", () => {
    using scene = new Scene();
    furnish(scene.near, scene.peer);
    scene.far.addLink({ kind: "bridge", name: "uplink" });
    const [{ index }, had] = [scene.near.getLink({ name: "eth0" }), belongings(scene.near, "eth0")];
    const error = assertThrows(() => moveLink({ name: "eth0" }, ...ends(scene), "uplink"), NetlinkError);
    assertEquals([error.code, error.request], ["EEXIST", "RTM_NEWLINK uplink"]);
    assertEquals(scene.far.listLinks().map(({ name }) => name), ["lo", "uplink"]);
    assertEquals([scene.near.getLink({ name: "eth0" }).index, belongings(scene.near, "eth0")], [index, had]);
  });

  it("brings the link back, with what it had, if somebody takes the name meanwhile", () => {
    using scene = new Scene();
    furnish(scene.near, scene.peer);
    const [{ index }, had] = [scene.near.getLink({ name: "eth0" }), belongings(scene.near, "eth0")];
    const [from, { netlink, netns }] = ends(scene);
    const racing: MoveEnd = {
      netlink,
      get netns() { // asked for when the name was seen to be free
        netlink.addLink({ kind: "bridge", name: "uplink" });
        return netns;
      },
    };
    const error = assertThrows(() => moveLink({ name: "eth0" }, from, racing, "uplink"), NetlinkError);
    assertEquals(error.code, "EEXIST");
    assertEquals(scene.far.listLinks().map(({ name }) => name), ["lo", "uplink"]);
    assertEquals([scene.near.getLink({ name: "eth0" }).index, belongings(scene.near, "eth0")], [index, had]);
  });
});
