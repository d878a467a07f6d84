import { assert, assertEquals, assertObjectMatch, assertThrows } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import { type LinkSpec, NetlinkError, NsHandle, SyscallError } from "@netns/netns";
import { describeAsRoot, settled, traces } from "../../support/traces.ts";
import { refusal, scratch, wired } from "../support.ts";

describeAsRoot("Netlink.addLink()", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertEquals(traces(), start));

  it("makes a pair in two namespaces, with every option of each end", () => {
    using here = scratch();
    using left = scratch();
    using right = scratch();
    here.netlink.addLink({
      kind: "veth",
      name: "eth0",
      index: 41,
      address: "02:00:00:00:00:01",
      mtu: 1400,
      netns: left.ns,
      peer: { name: "eth0", index: 42, address: "02:00:00:00:00:02", mtu: 1300, netns: right.ns },
    });
    assertEquals(here.netlink.listLinks().map(({ name }) => name), ["lo"]);
    const [one, other] = [left, right].map(({ netlink }) => netlink.getLink({ name: "eth0" }));
    assertObjectMatch(one ?? {}, { index: 41, kind: "veth", address: "02:00:00:00:00:01", mtu: 1400, peerIndex: 42 });
    assertObjectMatch(other ?? {}, { index: 42, kind: "veth", address: "02:00:00:00:00:02", mtu: 1300, peerIndex: 41 });
    assertEquals(one?.linkNetnsid, left.netlink.getNamespaceId(right.ns));
    assertEquals(other?.linkNetnsid, right.netlink.getNamespaceId(left.ns));
    assertEquals([one?.up, one?.operState, one?.lowerUp], [false, "down", false]);
  });

  it("sets a link up at once", () => {
    using here = scratch();
    here.netlink.addLink({ kind: "bridge", name: "br0", up: true });
    assert(here.netlink.getLink({ name: "br0" }).up);
  });

  it("makes a bridge and a macvlan as they are specified", () => {
    using here = wired();
    const { netlink, left: link } = here;
    netlink.addLink({ kind: "bridge", name: "br0", stpState: 1 });
    netlink.addLink({ kind: "macvlan", name: "mv0", link, mode: "private", address: "02:00:00:00:00:07" });
    assertObjectMatch(netlink.getLink({ name: "br0" }), { kind: "bridge", data: { kind: "bridge", stpState: 1 } });
    assertObjectMatch(netlink.getLink({ name: "mv0" }), {
      kind: "macvlan",
      data: { kind: "macvlan", mode: "private" },
      peerIndex: link,
      address: "02:00:00:00:00:07",
    });
  });

  it("says that the kernel has no such kind", () => {
    using here = scratch();
    const spec: LinkSpec = JSON.parse('{ "kind": "nosuch", "name": "x0" }');
    const { code, detail } = refusal(() => here.netlink.addLink(spec));
    assertEquals([code, detail], ["EOPNOTSUPP", "Unknown device type"]);
  });

  it("puts a link on another in a namespace of its own", () => {
    using here = wired();
    using there = scratch();
    here.netlink.addLink({ kind: "macvlan", name: "mv0", link: here.left, netns: there.ns });
    assertObjectMatch(there.netlink.getLink({ name: "mv0" }), { kind: "macvlan", peerIndex: here.left });
  });

  it("makes a port of a bridge", () => {
    using here = wired();
    here.netlink.addLink({ kind: "bridge", name: "br0" });
    const master = here.netlink.getLink({ name: "br0" }).index;
    here.netlink.addLink({ kind: "veth", name: "p0", master, peer: { name: "p1" } });
    here.netlink.setLink({ index: here.left }, { master });
    assertEquals(here.netlink.getLink({ name: "p0" }).master, master);
    assertEquals(here.netlink.getLink({ name: "left" }).master, master);
    here.netlink.setLink({ name: "left" }, { port: { cost: 7, hairpin: true } });
    assertObjectMatch(here.netlink.getLink({ name: "left" }).port ?? {}, { cost: 7, hairpin: true, flood: true });
    here.netlink.setLink({ index: here.left }, { master: 0 });
    assertEquals(here.netlink.getLink({ name: "left" }).master, undefined);
  });

  it("refuses a name and an index that are taken, and makes neither end", () => {
    using here = wired();
    const names = (): string[] => here.netlink.listLinks().map(({ name }) => name); // the rest may yet come up
    const before = names();
    const pair = { kind: "veth", name: "a", peer: { name: "b" } } as const;
    assertEquals(refusal(() => here.netlink.addLink({ ...pair, name: "left" })).code, "EEXIST");
    assertEquals(refusal(() => here.netlink.addLink({ ...pair, peer: { name: "right" } })).code, "EEXIST");
    const taken = refusal(() => here.netlink.addLink({ ...pair, index: here.left })).code;
    assert(taken === "EBUSY" || taken === "EEXIST", taken);
    assertEquals(names(), before);
  });

  it("refuses before it asks what the kernel would misunderstand", () => {
    using here = scratch();
    const { netlink } = here;
    const pair = { kind: "veth", peer: { name: "b" } } as const;
    for (const name of ["", ".", "..", "a/b", "a:b", "a b", "a\0b", "x".repeat(16), "ü".repeat(8)]) {
      assertThrows(() => netlink.addLink({ ...pair, name }), TypeError, "as the name of a link");
      assertThrows(() => netlink.addLink({ kind: "veth", name: "a", peer: { name } }), TypeError, "of a link");
    }
    for (const address of ["", "02:00:00:00:00", "02:00:00:00:00:00:01", "2:0:0:0:0:1", "02-00-00-00-00-01"]) {
      assertThrows(() => netlink.addLink({ ...pair, name: "a", address }), TypeError, "as a link-layer address");
    }
    for (const mtu of [-1, 2 ** 32, 0.5, NaN]) {
      assertThrows(() => netlink.addLink({ ...pair, name: "a", mtu }), RangeError, `Cannot use ${mtu} as mtu`);
    }
    assertThrows(() => netlink.addLink({ kind: "vrf", name: "a", table: -1 }), RangeError, "as table");
    assertThrows(() => netlink.addLink({ kind: "vlan", name: "a", link: 1, id: 65536 }), RangeError, "as id");
    const closed = NsHandle.create();
    closed.close();
    const error = assertThrows(() => netlink.addLink({ ...pair, name: "a", netns: closed }), SyscallError, "closed");
    assertEquals(error.code, "EBADF");
    assertEquals(netlink.listLinks().length, 1);
  });

  it("takes a name of 15 bytes, and a pattern", () => {
    using here = scratch();
    here.netlink.addLink({ kind: "veth", name: "fifteen-bytes-x", peer: { name: "port%d" } });
    assertEquals(
      here.netlink.getLink({ name: "fifteen-bytes-x" }).peerIndex,
      here.netlink.getLink({ name: "port0" }).index,
    );
  });
});

describeAsRoot("Netlink.setLink()", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertEquals(traces(), start));

  it("changes what it names and nothing else", async () => {
    using here = wired();
    const { netlink, left } = here;
    const was = await settled(() => netlink.getLink({ index: left }), ({ operState }) => operState === "up");
    netlink.setLink({ index: left }, { mtu: 1300 });
    assertEquals(netlink.getLink({ index: left }), { ...was, mtu: 1300 });
    netlink.setLink({ name: "left" }, { address: "02:00:00:00:00:09", alias: "uplink ü", txQueueLength: 7 });
    assertObjectMatch(netlink.getLink({ index: left }), {
      name: "left",
      up: true,
      mtu: 1300,
      address: "02:00:00:00:00:09",
      alias: "uplink ü",
      txQueueLength: 7,
    });
    netlink.setLink({ index: left }, { alias: "", up: false });
    assertObjectMatch(netlink.getLink({ index: left }), { up: false, lowerUp: false, mtu: 1300 });
    assertEquals(netlink.getLink({ index: left }).alias, undefined);
    netlink.setLink({ index: left }, { addrGenMode: "none" });
    assertEquals(netlink.getLink({ index: left }).addrGenMode, "none");
    netlink.setLink({ index: left }, { alias: "x".repeat(255) });
    assertEquals(netlink.getLink({ index: left }).alias, "x".repeat(255), "as long as the kernel keeps");
  });

  it("renames by index and by name, in a batch by index alone", () => {
    using here = wired();
    here.netlink.setLink({ index: here.left }, { up: false }); // before Linux 6.2 one that is up cannot be renamed
    here.netlink.setLink({ index: here.left }, { name: "west" });
    assertEquals(here.netlink.getLink({ name: "west" }).index, here.left);
    here.netlink.setLink({ name: "west" }, { name: "east", mtu: 1300 });
    assertObjectMatch(here.netlink.getLink({ index: here.left }), { name: "east", mtu: 1300 });
    const batched = (): void => here.netlink.batch((batch) => batch.setLink({ name: "east" }, { name: "west" }));
    assertThrows(batched, TypeError, "expected { index }");
    assertThrows(
      () => here.netlink.setLink({ index: here.left }, { name: "x".repeat(16) }),
      TypeError,
      "1 to 15 bytes",
    );
    assertEquals(refusal(() => here.netlink.setLink({ index: here.left }, { name: "right" })).code, "EEXIST");
  });

  it("moves a link, under a new name and to an index of its own", () => {
    using here = wired();
    using there = scratch();
    here.netlink.setLink({ index: here.left }, { netns: there.ns });
    assertObjectMatch(there.netlink.getLink({ name: "left" }), { peerIndex: here.right, up: false });
    here.netlink.setLink({ index: here.right }, { netns: there.ns, name: "east", newIndex: 77 });
    assertEquals(there.netlink.getLink({ index: 77 }).name, "east");
    assertEquals(here.netlink.listLinks().map(({ name }) => name), ["lo"]);
  });

  it("leaves a link where it is when it cannot be moved", () => {
    using here = wired();
    using there = wired();
    // Without what the kernel sets some time after a link is up.
    const links = () =>
      here.netlink.listLinks().map(({ name, index, peerIndex, up, mtu }) => ({ name, index, peerIndex, up, mtu }));
    const before = links();
    assertEquals(refusal(() => here.netlink.setLink({ index: here.left }, { netns: there.ns })).code, "EEXIST");
    assertEquals(links(), before);
  });

  it("has the kernel's text", () => {
    using here = wired();
    const error = assertThrows(() => here.netlink.setLink({ name: "left" }, { mtu: 9_999_999 }), NetlinkError);
    assertEquals([error.code, error.detail], ["EINVAL", "mtu greater than device maximum"]);
    assertEquals(error.message, "RTM_NEWLINK left: Invalid argument (EINVAL): mtu greater than device maximum");
  });
});

describeAsRoot("Netlink.getLink() and listLinks()", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertEquals(traces(), start));

  it("finds a link by name and by index, and reports one that does not exist", () => {
    using here = wired();
    assertEquals(here.netlink.getLink({ index: here.left }), here.netlink.getLink({ name: "left" }));
    assertEquals(refusal(() => here.netlink.getLink({ name: "nosuch" })).code, "ENODEV");
    assertEquals(refusal(() => here.netlink.getLink({ name: "a name of more than 15 bytes" })).code, "ENODEV");
    assertEquals(refusal(() => here.netlink.getLink({ index: 4711 })).code, "ENODEV");
    assertThrows(() => here.netlink.getLink({ name: "left\0x" }), TypeError, "without NUL");
    assertThrows(() => here.netlink.getLink({ name: "half \ud800" }), TypeError, "without NUL");
  });

  it("describes loopback", () => {
    using here = scratch();
    const { address, ...rest } = here.netlink.getLink({ name: "lo" });
    assertObjectMatch(rest, { index: 1, loopback: true, hardwareType: 772, up: false, mtu: 65536, altNames: [] });
    assertEquals([address, rest.kind, rest.peerIndex], ["00:00:00:00:00:00", undefined, undefined]);
  });

  it("reads a list that is longer than the buffer, in the order of the indexes", () => {
    using here = scratch();
    const count = 300;
    here.netlink.batch((batch) => {
      for (let i = 0; i < count; i++) batch.addLink({ kind: "veth", name: `a${i}`, peer: { name: `b${i}` } });
    });
    const links = here.netlink.listLinks();
    assertEquals(links.length, 2 * count + 1);
    assertEquals(links.map(({ index }) => index), links.map(({ index }) => index).toSorted((a, b) => a - b));
    assertEquals(new Set(links.map(({ name }) => name)).size, 2 * count + 1);
  });
});

describeAsRoot("Netlink.deleteLink()", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertEquals(traces(), start));

  it("deletes both ends of a pair, also across namespaces", () => {
    using here = scratch();
    using there = scratch();
    here.netlink.addLink({ kind: "veth", name: "a", peer: { name: "b", netns: there.ns } });
    here.netlink.deleteLink({ name: "a" });
    assertEquals([here, there].map(({ netlink }) => netlink.listLinks().length), [1, 1]);
    assertEquals(refusal(() => here.netlink.deleteLink({ name: "a" })).code, "ENODEV");
    assertEquals(refusal(() => here.netlink.deleteLink({ index: 1 })).code, "EOPNOTSUPP");
  });
});
