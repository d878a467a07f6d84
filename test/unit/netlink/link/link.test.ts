import { assertEquals, assertObjectMatch, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { bridgePort } from "../../../../src/netlink/link/bridge_ports.ts";
import { linkMessage } from "../../../../src/netlink/link/message.ts";
import { linkName, targetOf } from "../../../../src/netlink/link/ref.ts";
import { decodeLink } from "../../../../src/netlink/link/reply.ts";
import {
  addLinkRequest,
  altNameRequest,
  deleteLinkRequest,
  getLinkRequest,
  listLinksRequest,
  setLinkRequest,
} from "../../../../src/netlink/link/request.ts";
import { checkTruncated, checkVector, hex } from "../check.ts";
import type { LinkChange } from "@netns/netns";
import { LINKS } from "./vectors.ts";

describe("linkName()", () => {
  it("takes up to 15 bytes", () => {
    for (const name of ["a", "a%d", "\u{1f600}\u{1f600}\u{1f600}abc", "x".repeat(15)]) {
      assertEquals(linkName(name), name);
    }
  });

  it("refuses what the kernel refuses", () => {
    for (const name of ["", ".", "..", "a/b", "a:b", "a b", "a\tb", "a\0b", "x".repeat(16), "\u{1f600}".repeat(4)]) {
      assertThrows(() => linkName(name), TypeError, "as the name of a link: expected 1 to 15 bytes", name);
    }
  });
});

describe("targetOf()", () => {
  it("names a link by its index, its name, or an alternative name that is longer", () => {
    assertEquals(targetOf({ index: 3 }), { index: 3, name: undefined, altName: undefined });
    assertEquals(targetOf({ name: "eth0" }), { index: 0, name: "eth0", altName: undefined });
    assertEquals(targetOf({ name: "x".repeat(16) }), { index: 0, name: undefined, altName: "x".repeat(16) });
  });
});

const KERNELS = ["pair", "bridge", "port", "macvlan", "tap"] as const;

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

  it("keeps attributes that it does not know, at their positions", () => {
    const unknown = Uint8Array.of(...new Uint8Array(16), 5, 0, 99, 0, 7, 0, 0, 0, 8, 0, 4, 0, 0, 5, 0, 0);
    const message = linkMessage.decode(unknown);
    assertObjectMatch(message, { attributes: { mtu: 1280, unknown: [{ type: 99, at: 0 }] } });
    assertEquals(linkMessage.encode(message), unknown);
  });

  it("gives a value or a MalformedMessageError for a message that is cut short", () => {
    for (const name of KERNELS) checkTruncated(decodeLink, LINKS[name]);
    checkTruncated(linkMessage.decode, LINKS.addPair);
  });
});

describe("bridgePort", () => {
  it("reads what the kernel wrote", () => {
    const raw = linkMessage.decode(LINKS.port.bytes).attributes.info?.slaveData ?? new Uint8Array(0);
    assertObjectMatch(bridgePort.decode(raw), {
      state: 0,
      priority: 32,
      cost: 100,
      hairpin: false,
      guard: false,
      learning: true,
      flood: true,
      isolated: false,
    });
  });
});

describe("decodeLink()", () => {
  it("reads a veth end whose peer is in another namespace", () => {
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
      promisc: false,
      allmulti: false,
      arp: true,
      minMtu: 68,
      maxMtu: 65535,
      numTxQueues: 1,
      numRxQueues: 1,
    });
  });

  it("reads a port of a bridge", () => {
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

  it("reads what is particular to a kind", () => {
    const dataOf = (message: keyof typeof LINKS): object => decodeLink(LINKS[message].bytes).data ?? {};
    assertObjectMatch(dataOf("bridge"), { kind: "bridge", stpState: 0, vlanFiltering: false });
    assertObjectMatch(dataOf("macvlan"), { kind: "macvlan", mode: "bridge", link: 10 });
    assertEquals(decodeLink(LINKS.macvlan.bytes).peerIndex, 10);
    assertObjectMatch(dataOf("tap"), { kind: "tun", mode: "tap", persistent: true });
  });
});

const RTEXT_FILTER_SKIP_STATS = 8;

describe("addLinkRequest()", () => {
  it("names the link, its namespace and one queue, and sets it up", () => {
    const { attributes, ...header } = linkMessage.decode(
      addLinkRequest({
        kind: "macvlan",
        name: "mv0",
        index: 10,
        address: "02:00:00:00:00:01",
        mtu: 1400,
        netns: { fd: 7 },
        up: true,
        link: 3,
        master: 2,
      }).body,
    );
    assertEquals(header, { family: 0, type: 0, index: 10, flags: 1, change: 1 });
    assertObjectMatch(attributes, {
      name: "mv0",
      address: "02:00:00:00:00:01",
      mtu: 1400,
      netnsFd: 7,
      numTxQueues: 1,
      numRxQueues: 1,
      link: 3,
      master: 2,
      info: { kind: "macvlan" },
    });
  });

  it("refuses what does not fit into the message", () => {
    assertThrows(() => addLinkRequest({ kind: "vlan", name: "a", link: 1, id: 70_000 }), RangeError, "70000");
    assertThrows(() => addLinkRequest({ kind: "dummy", name: "a", mtu: -1 }), RangeError, "-1");
    assertThrows(() => addLinkRequest({ kind: "dummy", name: "a\0b" }), TypeError, "a\\u");
    assertThrows(() => addLinkRequest({ kind: "dummy", name: "a", address: "02:0:1" }), TypeError, "02:0:1");
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

  it("writes what ip writes for flags, ports and kinds", () => {
    const of = (change: LinkChange): string => hex(setLinkRequest({ index: 20 }, change).body);
    assertEquals(of({ promisc: true, allmulti: true, arp: false }), hex(LINKS.setFlags.bytes));
    const port = {
      cost: 7,
      priority: 9,
      hairpin: true,
      learning: false,
      isolated: true,
      neighSuppress: true,
      mcastFlood: false,
    };
    // In place of options of a port of a bridge, ip sends those of the kind bridge_slave, which the kernel takes for it.
    const sent = linkMessage.decode(setLinkRequest({ index: 20 }, { port }).body).attributes.info;
    const ips = linkMessage.decode(LINKS.setPort.bytes).attributes.info;
    assertEquals([sent?.slaveKind, ips?.kind], ["bridge", "bridge_slave"]);
    assertEquals(hex(sent?.slaveData ?? new Uint8Array(0)), hex(ips?.slaveData ?? ips?.data ?? new Uint8Array(0)));
    const bridge = { vlanFiltering: true, ageingTime: 6000 };
    const changed = linkMessage.decode(setLinkRequest({ index: 20 }, { bridge }).body).attributes.info;
    assertEquals(changed, linkMessage.decode(LINKS.setBridge.bytes).attributes.info);
  });

  it("refuses a new index for a link that is not moved, which the kernel would ignore", () => {
    const error = assertThrows(() => setLinkRequest({ index: 2 }, { up: true, newIndex: 77 }, "eth0"), TypeError);
    assertEquals(
      error.message,
      'Cannot use 77 as newIndex of "eth0": expected netns beside it, as a link keeps its index until it is moved',
    );
    assertEquals(setLinkRequest({ index: 2 }, { netns: { fd: 3 }, newIndex: 77 }).label.length > 0, true);
  });

  it("refuses to rename by name, where the kernel would look for the new one", () => {
    assertThrows(() => setLinkRequest({ name: "a" }, { name: "b" }), TypeError, "{ index }");
  });
});

describe("altNameRequest()", () => {
  it("writes what ip writes", () => {
    for (const [add, vector] of [[true, LINKS.addAltName], [false, LINKS.deleteAltName]] as const) {
      assertEquals(hex(altNameRequest({ index: 10 }, "west", add).body), hex(vector.bytes));
    }
  });
});

describe("deleteLinkRequest()", () => {
  it("writes what ip writes", () => {
    assertEquals(hex(deleteLinkRequest({ index: 4 }).body), hex(LINKS.deleteLink.bytes));
  });
});

describe("getLinkRequest(), listLinksRequest()", () => {
  it("ask for the link, without its counters", () => {
    assertObjectMatch(linkMessage.decode(getLinkRequest({ name: "v0" }).body), {
      index: 0,
      attributes: { name: "v0", extMask: RTEXT_FILTER_SKIP_STATS },
    });
    assertObjectMatch(linkMessage.decode(getLinkRequest({ index: 10 }).body), { index: 10 });
    assertObjectMatch(linkMessage.decode(listLinksRequest().body), {
      attributes: { extMask: RTEXT_FILTER_SKIP_STATS },
    });
    assertEquals(linkMessage.decode(listLinksRequest({ stats: true }).body).attributes, {});
    assertEquals(linkMessage.decode(getLinkRequest({ index: 10 }, { stats: true }).body).attributes, {});
  });
});
