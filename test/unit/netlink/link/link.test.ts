import { assertEquals, assertObjectMatch, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import {
  addLinkRequest,
  decodeLink,
  deleteLinkRequest,
  getLinkRequest,
  linkMessage,
  LIST_LINKS,
  setLinkRequest,
} from "../../../../src/netlink/link/link.ts";
import { decodeKind } from "../../../../src/netlink/link/kinds/kinds.ts";
import { checkTruncated, checkVector, hex } from "../check.ts";
import { LINKS } from "../vectors.ts";

const KERNELS = ["pair", "bridge", "port", "macvlan", "tap"] as const;
const RTEXT_FILTER_SKIP_STATS = 8;

describe("linkMessage", () => {
  it("reads what the kernel wrote, and writes the same bytes", () => {
    checkVector(linkMessage, LINKS.pair, {
      index: 10,
      attributes: { name: "v0", mtu: 1400, link: 11, linkNetnsid: 5, info: { kind: "veth" } },
    });
    checkVector(linkMessage, LINKS.bridge, { index: 2, attributes: { name: "br0", info: { kind: "bridge" } } });
    checkVector(linkMessage, LINKS.port, {
      attributes: {
        name: "d0",
        alias: "a port",
        master: 2,
        info: { kind: "ifb", slaveKind: "bridge" },
        families: { inet6: { addrGenMode: 1 } },
        properties: { altName: ["dummy-zero"] },
      },
    });
    checkVector(linkMessage, LINKS.macvlan, { attributes: { name: "mv0", info: { kind: "macvlan" } } });
    checkVector(linkMessage, LINKS.tap, { attributes: { name: "tap0", info: { kind: "tun" } } });
  });

  it("reads what ip wrote, and writes the same bytes", () => {
    checkVector(linkMessage, LINKS.setUp, { index: 3, flags: 1, change: 1, attributes: { mtu: 1300 } });
    checkVector(linkMessage, LINKS.setMaster, { index: 3, attributes: { master: 2 } });
    checkVector(linkMessage, LINKS.setAddrGenMode, { attributes: { families: { inet6: { addrGenMode: 1 } } } });
    checkVector(linkMessage, LINKS.deleteLink, { index: 4, attributes: {} });
  });

  it("reads a kind with and without the NUL that ends it", () => {
    // ip leaves it out, the kernel does not: what was read from ip is written longer, and means the same.
    const made = linkMessage.decode(LINKS.addPair.bytes);
    assertObjectMatch(made, { index: 10, attributes: { name: "v0", numTxQueues: 1, info: { kind: "veth" } } });
    assertObjectMatch(linkMessage.decode(linkMessage.encode(made)), made);
  });

  it("keeps what it does not know, where it stood", () => {
    const unknown = Uint8Array.of(...new Uint8Array(16), 5, 0, 99, 0, 7, 0, 0, 0, 8, 0, 4, 0, 0, 5, 0, 0);
    const message = linkMessage.decode(unknown);
    assertObjectMatch(message, { attributes: { mtu: 1280, unknown: [{ type: 99, at: 0 }] } });
    assertEquals(linkMessage.encode(message), unknown);
  });

  it("gives a value or says what is wrong with a message that is cut short", () => {
    for (const name of KERNELS) checkTruncated(decodeLink, LINKS[name]);
    checkTruncated(linkMessage.decode, LINKS.addPair);
  });
});

describe("decodeLink()", () => {
  it("tells of a veth end whose peer is in another namespace", () => {
    const { flags: _, txQueueLength, ...link } = decodeLink(LINKS.pair.bytes);
    assertEquals(txQueueLength, 1000);
    assertEquals(link, {
      index: 10,
      name: "v0",
      altNames: [],
      kind: "veth",
      hardwareType: 1,
      up: false,
      loopback: false,
      lowerUp: false,
      carrier: false,
      operState: "down",
      mtu: 1400,
      address: "02:00:00:00:00:01",
      peerIndex: 11,
      linkNetnsid: 5,
      addrGenMode: "eui64",
    });
  });

  it("tells of a port of a bridge", () => {
    const { altNames, alias, up, lowerUp, master, port, addrGenMode } = decodeLink(LINKS.port.bytes);
    assertEquals({ altNames, alias, up, lowerUp, master, addrGenMode }, {
      altNames: ["dummy-zero"],
      alias: "a port",
      up: true,
      lowerUp: true,
      master: 2,
      addrGenMode: "none",
    });
    assertObjectMatch(port ?? {}, { priority: 32, learning: true, flood: true, hairpin: false, isolated: false });
  });

  it("tells what is particular to a kind", () => {
    assertEquals(decodeLink(LINKS.bridge.bytes).data, { kind: "bridge", stpState: 0, vlanFiltering: false });
    assertEquals(decodeLink(LINKS.macvlan.bytes).data, { kind: "macvlan", mode: "bridge" });
    assertEquals(decodeLink(LINKS.macvlan.bytes).peerIndex, 10);
    assertEquals(decodeLink(LINKS.tap.bytes).data, { kind: "tun", mode: "tap", persistent: true });
  });
});

describe("decodeKind()", () => {
  it("reads what ip sends for kinds that not every kernel has: the kernel gives back the same attributes", () => {
    assertEquals(decodeLink(LINKS.addVlan.bytes).data, { kind: "vlan", id: 7 });
    assertEquals(decodeLink(LINKS.addIpvlan.bytes).data, { kind: "ipvlan", mode: "l3" });
    assertEquals(decodeLink(LINKS.addVrf.bytes).data, { kind: "vrf", table: 1001 });
  });

  it("gives nothing for a kind that it does not know, and no mode for one without a name", () => {
    assertEquals(decodeKind("vxlan", Uint8Array.of(8, 0, 1, 0, 5, 0, 0, 0)), undefined);
    assertEquals(decodeKind("macvlan", Uint8Array.of(8, 0, 1, 0, 64, 0, 0, 0)), { kind: "macvlan" });
    assertEquals(decodeKind("bridge", undefined), undefined);
  });
});

describe("addLinkRequest()", () => {
  it("makes both ends of a pair in one request, each with its index, MAC, MTU, namespace and one queue", () => {
    const { body } = addLinkRequest({
      kind: "veth",
      name: "v0",
      index: 10,
      address: "02:00:00:00:00:01",
      mtu: 1400,
      netns: { fd: 7 },
      peer: { name: "v1", index: 11, address: "02:00:00:00:00:02", netns: { fd: 4 } },
    });
    const message = linkMessage.decode(body);
    assertObjectMatch(message, {
      index: 10,
      attributes: {
        name: "v0",
        address: "02:00:00:00:00:01",
        mtu: 1400,
        netnsFd: 7,
        numTxQueues: 1,
        numRxQueues: 1,
        info: { kind: "veth" },
      },
    });
    // VETH_INFO_PEER, as ip writes it but for the order: its own attributes are compared one by one.
    const { data } = (message as { attributes: { info: { data: Uint8Array } } }).attributes.info;
    const ips = (linkMessage.decode(LINKS.addPair.bytes) as { attributes: { info: { data: Uint8Array } } })
      .attributes.info.data;
    assertEquals(linkMessage.decode(data.subarray(4)), linkMessage.decode(ips.subarray(4)));
  });

  it("writes what is particular to a kind as ip does", () => {
    const infoOf = (bytes: Uint8Array): unknown =>
      (linkMessage.decode(bytes) as { attributes: { info: unknown } }).attributes.info;
    const vlan = addLinkRequest({ kind: "vlan", name: "vl7", link: 10, id: 7 });
    assertEquals(infoOf(vlan.body), infoOf(LINKS.addVlan.bytes));
    const macvlan = addLinkRequest({ kind: "macvlan", name: "mv0", link: 10 });
    assertEquals(infoOf(macvlan.body), infoOf(LINKS.addMacvlan.bytes));
    const vrf = addLinkRequest({ kind: "vrf", name: "vrf1", table: 1001 });
    assertEquals(infoOf(vrf.body), infoOf(LINKS.addVrf.bytes));
    const ipvlan = infoOf(addLinkRequest({ kind: "ipvlan", name: "iv0", link: 10, mode: "l3" }).body);
    // ip also sends IFLA_IPVLAN_FLAGS, which are 0 without being sent.
    const { data } = infoOf(LINKS.addIpvlan.bytes) as { data: Uint8Array };
    assertEquals(ipvlan, { kind: "ipvlan", data: data.slice(0, 8) });
  });

  it("refuses what does not fit into the message", () => {
    assertThrows(() => addLinkRequest({ kind: "vlan", name: "a", link: 1, id: 70_000 }), RangeError, "70000");
    assertThrows(() => addLinkRequest({ kind: "dummy", name: "a", mtu: -1 }), RangeError, "-1");
    assertThrows(() => addLinkRequest({ kind: "dummy", name: "a\0b" }), TypeError, "a\\u");
    assertThrows(() => addLinkRequest({ kind: "dummy", name: "a", address: "02:0:1" }), TypeError, "02:0:1");
  });
});

describe("addLinkRequest() of a pair", () => {
  it("refuses an index for the peer alone, which the kernel passes over", () => {
    const spec = { kind: "veth", name: "a", peer: { name: "b", index: 7 } } as const;
    assertThrows(() => addLinkRequest(spec), TypeError, "both ends");
    assertEquals(addLinkRequest({ ...spec, index: 6 }).label, "RTM_NEWLINK a");
  });
});

describe("setLinkRequest()", () => {
  it("writes what ip writes", () => {
    assertEquals(hex(setLinkRequest({ index: 3 }, { up: true, mtu: 1300 }).body), hex(LINKS.setUp.bytes));
    assertEquals(hex(setLinkRequest({ index: 3 }, { master: 2 }).body), hex(LINKS.setMaster.bytes));
    assertEquals(
      hex(setLinkRequest({ index: 3 }, { addrGenMode: "none" }).body),
      hex(LINKS.setAddrGenMode.bytes),
    );
  });

  it("refuses to rename by name, where the kernel would look for the new one", () => {
    assertThrows(() => setLinkRequest({ name: "a" }, { name: "b" }), TypeError, "{ index }");
  });
});

describe("deleteLinkRequest()", () => {
  it("writes what ip writes", () => {
    assertEquals(hex(deleteLinkRequest({ index: 4 }).body), hex(LINKS.deleteLink.bytes));
  });
});

describe("getLinkRequest(), LIST_LINKS", () => {
  it("ask for the link, without its counters", () => {
    assertObjectMatch(linkMessage.decode(getLinkRequest({ name: "v0" }).body), {
      index: 0,
      attributes: { name: "v0", extMask: RTEXT_FILTER_SKIP_STATS },
    });
    assertObjectMatch(linkMessage.decode(getLinkRequest({ index: 10 }).body), { index: 10 });
    assertObjectMatch(linkMessage.decode(LIST_LINKS.body), {
      attributes: { extMask: RTEXT_FILTER_SKIP_STATS },
    });
  });
});
