import { assert, assertEquals, assertMatch, assertObjectMatch, assertThrows } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import type { LinkChange } from "@netns/netns";
import { describeAsRoot, settled, traces } from "../../support/traces.ts";
import { refusal, scratch, wired } from "../support.ts";

describeAsRoot("Netlink.listLinks({ stats: true })", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertEquals(traces(), start));

  it("counts what links send and receive, and says nothing of it unless it is asked", async () => {
    using here = wired();
    const { netlink, left, right } = here;
    const of = (index: number) => netlink.getLink({ index }, { stats: true }).stats;
    // IPv6 sends by itself once both ends are up.
    await settled(() => of(left)?.tx.packets ?? 0n, (packets) => packets > 0n);
    const [sent, received] = [of(left)?.tx.packets ?? 0n, of(right)?.rx.packets ?? 0n];
    assert(received > 0n && received >= sent - 2n, `${sent} sent, ${received} received`);
    assertObjectMatch(of(left) ?? {}, { rx: { errors: 0n, nohandler: 0n }, tx: { collisions: 0n, carrierErrors: 0n } });
    assert(netlink.listLinks({ stats: true }).every(({ stats }) => typeof stats?.rx.bytes === "bigint"));
    assert(netlink.listLinks().every(({ stats }) => stats === undefined));
  });
});

describeAsRoot("Netlink.addAltName() and deleteAltName()", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertEquals(traces(), start));

  it("gives and takes names by which the link is found", () => {
    using here = wired();
    const { netlink, left } = here;
    const long = "an-alternative-name-of-more-than-fifteen-bytes";
    netlink.addAltName("left", long);
    netlink.addAltName({ index: left }, "west");
    assertEquals([...netlink.getLink("left").altNames].sort(), [long, "west"]);
    for (const name of [long, "west"]) assertEquals(netlink.getLink(name).index, left);
    netlink.deleteAltName(long, "west");
    netlink.batch((batch) => batch.deleteAltName("left", long));
    assertEquals(netlink.getLink("left").altNames, []);
    assertEquals(refusal(() => netlink.getLink("west")).code, "ENODEV");
  });

  it("passes on what the kernel refuses", () => {
    using here = wired();
    const { netlink } = here;
    assertEquals(refusal(() => netlink.addAltName("left", "right")).code, "EEXIST");
    assertEquals(refusal(() => netlink.addAltName("nosuch", "a")).code, "ENODEV");
    assert(["ENOENT", "EINVAL"].includes(refusal(() => netlink.deleteAltName("left", "never")).code));
  });

  it("refuses a name by which nobody finds the link, and says what was expected", () => {
    using here = wired();
    const { netlink } = here;
    const refused: readonly unknown[] = ["", "x".repeat(128), "a\0b", 7, undefined];
    for (const name of refused) {
      const error = assertThrows(() => Reflect.apply(netlink.addAltName, netlink, ["left", name]), TypeError);
      assertMatch(error.message, /^Cannot use .* as the alternative name of a link: expected 1 to 127 bytes, no NUL$/);
    }
    assertEquals(netlink.getLink("left").altNames, []);
    netlink.addAltName("left", "x".repeat(127));
    assertEquals(netlink.getLink("left").altNames, ["x".repeat(127)]);
  });
});

describeAsRoot("Netlink.setLink() of flags and queues", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertEquals(traces(), start));

  it("sets and clears promisc, allmulti and arp, and leaves the others", () => {
    using here = wired();
    const { netlink } = here;
    const flags = () => {
      const { promisc, allmulti, arp, up } = netlink.getLink("left");
      return { promisc, allmulti, arp, up };
    };
    assertEquals(flags(), { promisc: false, allmulti: false, arp: true, up: true });
    netlink.setLink("left", { promisc: true, allmulti: true, arp: false });
    assertEquals(flags(), { promisc: true, allmulti: true, arp: false, up: true });
    netlink.setLink("left", { promisc: false });
    netlink.setLink("left", { allmulti: false, arp: true });
    assertEquals(flags(), { promisc: false, allmulti: false, arp: true, up: true });
  });

  it("makes a link with queues, and says the bounds of its MTU", () => {
    using here = scratch();
    const { netlink } = here;
    netlink.addLink({
      kind: "veth",
      name: "a",
      numTxQueues: 4,
      numRxQueues: 2,
      txQueueLength: 7,
      arp: false,
      peer: { name: "b", promisc: true },
    });
    assertObjectMatch(netlink.getLink("a"), {
      numTxQueues: 4,
      numRxQueues: 2,
      txQueueLength: 7,
      minMtu: 68,
      maxMtu: 65535,
      arp: false,
    });
    assertObjectMatch(netlink.getLink("b"), { numTxQueues: 1, promisc: true });
  });
});

describeAsRoot("Netlink.setLink() of the options of a kind", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertEquals(traces(), start));

  it("changes those of a bridge and of its ports, and no others", () => {
    using here = wired();
    const { netlink } = here;
    netlink.addLink({ kind: "bridge", name: "br0", ageingTime: 6000, up: true });
    netlink.setLink("left", { master: "br0" });
    const { data } = netlink.getLink("br0");
    netlink.setLink("br0", { bridge: { mcastSnooping: false, priority: 4096, forwardDelay: 400 } });
    const changed = netlink.getLink("br0").data;
    // The bridge learns addresses while this runs, when a port has just sent something.
    const { bridgeId: _a, rootId: _b, fdbNLearned: _n, ...was } = data?.kind === "bridge" ? data : {};
    const { bridgeId, rootId: _c, fdbNLearned: _l, ...is } = changed?.kind === "bridge" ? changed : {};
    assertEquals(is, { ...was, mcastSnooping: false, priority: 4096, forwardDelay: 400 });
    assert(bridgeId?.startsWith("1000."), bridgeId);
    netlink.setLink("right", { master: "br0" });
    netlink.setLink("left", { port: { neighSuppress: true, bcastFlood: false, backupPort: "right" } });
    const port = { neighSuppress: true, bcastFlood: false, backupPort: here.right, learning: true };
    assertObjectMatch(netlink.getLink("left").port ?? {}, port);
    netlink.setLink("left", { port: { backupPort: 0 } });
    assertEquals(netlink.getLink("left").port?.backupPort, undefined);
  });

  it("refuses options of two kinds, of no kind, and both kinds of ports", () => {
    using here = wired();
    const { netlink } = here;
    netlink.addLink({ kind: "bridge", name: "br0" });
    assertThrows(
      () => netlink.setLink("br0", { bridge: { stpState: 1 }, vxlan: { ttl: 1 } }),
      TypeError,
      "one kind",
    );
    assertThrows(() => netlink.setLink("br0", { port: {}, bondPort: {} }), TypeError, "one master");
    const wrong: LinkChange = JSON.parse('{ "bridge": { "stpStat": 1 } }'); // from untyped code
    assertThrows(() => netlink.setLink("br0", wrong), TypeError, "did you mean stpState?");
  });
});

describeAsRoot("links that are named by text", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertEquals(traces(), start));

  it("are masters and links below, and are looked up before the request", () => {
    using here = wired();
    const { netlink, left } = here;
    netlink.addLink({ kind: "bridge", name: "br0" });
    netlink.addLink({ kind: "macvlan", name: "mv0", link: "left", master: "br0" });
    assertObjectMatch(netlink.getLink("mv0"), { peerIndex: left, master: netlink.getLink("br0").index });
    netlink.addLink({ kind: "vxlan", name: "vx0", id: 7, port: 4789, remote: "10.9.0.2", link: { name: "left" } });
    assertObjectMatch(netlink.getLink("vx0").data ?? {}, { kind: "vxlan", link: left, remote: "10.9.0.2" });
    netlink.setLink("right", { master: { name: "br0" } });
    netlink.setLink("right", { master: 0 });
    assertEquals(netlink.getLink("right").master, undefined);
    netlink.deleteLink("mv0");
  });

  it("are named by an error if they are missing", () => {
    using here = wired();
    const { netlink } = here;
    const remedy = (call: () => void): string => assertThrows(call, Error).message;
    assert(
      remedy(() => netlink.addLink({ kind: "macvlan", name: "mv0", link: "nosuch" })).includes('link is "nosuch"'),
    );
    assert(remedy(() => netlink.setLink("left", { master: "nosuch" })).includes('master is "nosuch"'));
    using there = scratch();
    assertThrows(
      () => netlink.addLink({ kind: "bridge", name: "br9", master: "br0", netns: there.ns }),
      TypeError,
      "in another namespace",
    );
    assertThrows(
      () => netlink.batch((batch) => batch.addLink({ kind: "macvlan", name: "mv0", link: "left" })),
      TypeError,
      "in a batch",
    );
  });
});

describeAsRoot("names of links that are not UTF-8", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertEquals(traces(), start));

  it("are shown with the numbers of their bytes, and found by that", () => {
    using here = scratch();
    const { netlink } = here;
    // Each of these has other bytes: x and 255; x, a backslash, x, f and f; ü in Latin-1; ü in UTF-8.
    const names = ["x\\xff", "x\\x5cxff", "\\xfc", "ü"];
    for (const name of names) netlink.addLink({ kind: "ifb", name });
    assertEquals(netlink.listLinks().map(({ name }) => name).filter((name) => name !== "lo"), names);
    for (const name of names) assertEquals(netlink.getLink(name).name, name);
    netlink.addAltName("x\\xff", "also-\\xfe");
    assertEquals(netlink.getLink("also-\\xfe").altNames, ["also-\\xfe"]);
    for (const name of names) netlink.deleteLink(name);
    assertEquals(netlink.listLinks().map(({ name }) => name), ["lo"]);
  });
});

describeAsRoot("Netlink.addLink() of a kind by its name alone", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertEquals(traces(), start));

  it("sends its options as they are", () => {
    using here = scratch();
    const { netlink } = here;
    netlink.addLink({ kind: "bridge", name: "br0", data: Uint8Array.of(8, 0, 4, 0, 0x70, 0x17, 0, 0) });
    assertObjectMatch(netlink.getLink("br0").data ?? {}, { kind: "bridge", ageingTime: 6000 });
    const { code, detail } = refusal(() => netlink.addLink({ kind: "nosuch", name: "x", data: new Uint8Array(0) }));
    assertEquals([code, detail], ["EOPNOTSUPP", "Unknown device type"]);
  });
});
