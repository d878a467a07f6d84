import { assert, assertEquals, assertMatch, assertObjectMatch, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { checkLinkSpec, decodeKind, KINDS, type LinkSpec } from "../../../../../src/netlink/link/kinds/link_spec.ts";
import { linkMessage } from "../../../../../src/netlink/link/message.ts";
import { decodeLink } from "../../../../../src/netlink/link/reply.ts";
import { addLinkRequest } from "../../../../../src/netlink/link/request.ts";
import { LINKS } from "../vectors.ts";
import { checkKind, infoOf } from "./check.ts";
import * as registry from "../../../../../src/netlink/link/kinds/all_link_kinds.ts";

describe("KINDS", () => {
  it("has every kind of the registry under the name by which the kernel knows it", () => {
    assertEquals([...KINDS.keys()], Object.keys(registry));
    for (const kind of Object.values(registry)) assert(KINDS.get(kind.kind) === kind, kind.kind);
  });

  it("knows of each what it is, what the kernel needs for it, and how to try it", () => {
    for (const { kind, about, kernel, probe } of KINDS.values()) {
      assertMatch(about, /^[a-zAE].{10,90}[^.]$/, kind);
      assertMatch(kernel.option, /^CONFIG_[A-Z0-9_]+$/, kind);
      if ("make" in probe) continue;
      const { name, kind: tried } = probe.spec("made", () => 3);
      assertEquals({ name, kind: tried }, { name: "made", kind });
    }
  });
});

describe("checkLinkSpec()", () => {
  it("knows the options of a kind, not the attributes that hold them", () => {
    const wrong: readonly (readonly [kind: string, attribute: string])[] = [
      ["vxlan", "group16"],
      ["gre", "hasIkey"],
      ["ip6tnl", "flowinfo"],
      ["sit", "encapType"],
      ["macvlan", "macaddrMode"],
    ];
    for (const [kind, attribute] of wrong) {
      const spec: LinkSpec = JSON.parse(JSON.stringify({ kind, name: "x", [attribute]: 1 })); // from untyped code
      assertThrows(() => checkLinkSpec(spec), TypeError, `"${attribute}" as a field`);
    }
  });
});

describe("decodeKind()", () => {
  it("is undefined for a kind that is not registered, or without data", () => {
    assertEquals(decodeKind("vti", Uint8Array.of(8, 0, 1, 0, 5, 0, 0, 0)), undefined);
    assertEquals(decodeKind("veth", Uint8Array.of(4, 0, 1, 0)), undefined);
    assertEquals(decodeKind("bridge", undefined), undefined);
    assertEquals(decodeKind(undefined, undefined), undefined);
  });
});

describe("bridge", () => {
  it("writes what ip writes", () => {
    const options = { stpState: 1, vlanFiltering: true };
    checkKind({ kind: "bridge", name: "br0", ...options }, LINKS.addBridge, options);
  });

  it("reads what the kernel writes", () => {
    assertObjectMatch(decodeLink(LINKS.bridge.bytes).data ?? {}, { kind: "bridge", stpState: 0, vlanFiltering: false });
  });
});

describe("ipvlan", () => {
  it("writes what ip writes, but for the flags", () => {
    // IFLA_IPVLAN_FLAGS are 0 without being sent.
    const { kind, data } = infoOf(LINKS.addIpvlan.bytes);
    const spec = { kind: "ipvlan", name: "iv0", link: 10 } as const;
    assertEquals(infoOf(addLinkRequest({ ...spec, mode: "l3" }).body), { kind, data: data.slice(0, 16) });
    assertEquals(infoOf(addLinkRequest(spec).body).data, "0600010000000000"); // l2
  });

  it("reads what ip writes", () => {
    assertEquals(decodeLink(LINKS.addIpvlan.bytes).data, {
      kind: "ipvlan",
      link: 10,
      mode: "l3",
      private: false,
      vepa: false,
    });
  });
});

describe("macvlan", () => {
  const spec = { kind: "macvlan", name: "mv0", link: 10 } as const;

  it("writes what ip writes, and bridge by default", () => {
    checkKind({ ...spec, mode: "bridge" }, LINKS.addMacvlan, { mode: "bridge" });
    checkKind(spec, LINKS.addMacvlan, { mode: "bridge" });
  });

  it("reads what the kernel writes", () => {
    const { data, peerIndex } = decodeLink(LINKS.macvlan.bytes);
    assertEquals(peerIndex, 10);
    assertObjectMatch(data ?? {}, { kind: "macvlan", mode: "bridge", link: 10, nopromisc: false, bcqueuelen: 1000 });
  });

  it("keeps the number of a mode that it has no name for", () => {
    const unknown = decodeKind("macvlan", Uint8Array.of(8, 0, 1, 0, 64, 0, 0, 0));
    assertEquals(unknown, { kind: "macvlan", mode: 64 });
    assertEquals(infoOf(addLinkRequest({ ...spec, mode: 64 }).body).data, "0800010040000000");
  });

  it("names the modes", () => {
    const wrong: LinkSpec = JSON.parse(JSON.stringify({ ...spec, mode: "bridg" })); // from untyped code
    assertThrows(() => addLinkRequest(wrong), TypeError, 'Cannot use "bridg" as mode: expected private, vepa, bridge');
  });
});

describe("tun", () => {
  it("reads what the kernel writes", () => {
    assertEquals(decodeLink(LINKS.tap.bytes).data, {
      kind: "tun",
      mode: "tap",
      persistent: true,
      pi: false,
      vnetHdr: false,
      multiQueue: false,
    });
  });
});

/** VETH_INFO_PEER of a message: the message about the other end. */
function peerOf(message: Uint8Array): object {
  return linkMessage.decode(linkMessage.decode(message).attributes.info?.data?.subarray(4) ?? new Uint8Array(0));
}

describe("veth", () => {
  it("makes the other end in the same request, with its index, MAC and namespace, as ip does", () => {
    const { body } = addLinkRequest({
      kind: "veth",
      name: "v0",
      index: 10,
      address: "02:00:00:00:00:01",
      mtu: 1400,
      peer: { name: "v1", index: 11, address: "02:00:00:00:00:02", netns: { fd: 4 } },
    });
    // The order of attributes is not that of ip.
    assertEquals(peerOf(body), peerOf(LINKS.addPair.bytes));
    const { info: _own, ...own } = linkMessage.decode(body).attributes;
    const { info: _ips, ...ips } = linkMessage.decode(LINKS.addPair.bytes).attributes;
    assertEquals(own, ips);
  });

  it("refuses an index for the other end alone, which the kernel ignores", () => {
    const spec = { kind: "veth", name: "a", peer: { name: "b", index: 7 } } as const;
    assertThrows(() => addLinkRequest(spec), TypeError, "both ends");
    assertEquals(addLinkRequest({ ...spec, index: 6 }).label, "RTM_NEWLINK a with peer b");
  });
});

describe("vlan", () => {
  it("writes what ip writes", () => {
    checkKind({ kind: "vlan", name: "vl7", link: 10, id: 7 }, LINKS.addVlan, { id: 7 });
  });

  it("refuses an id that the message cannot hold", () => {
    assertThrows(() => addLinkRequest({ kind: "vlan", name: "a", link: 1, id: 70_000 }), RangeError, "70000");
  });
});

describe("vrf", () => {
  it("writes what ip writes", () => {
    checkKind({ kind: "vrf", name: "vrf1", table: 1001 }, LINKS.addVrf, { table: 1001 });
  });
});
