import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { decodeObject, encodeObject } from "../../../../../src/netlink/nftables/object_kinds.ts";
import { checkObject, dataOf } from "./check.ts";
import { NFT_OBJECTS } from "./vectors.ts";

const TABLE = { family: "ip", table: "objects" } as const;

describe("ct timeout", () => {
  const slow = {
    "ct timeout": { ...TABLE, name: "slow", protocol: "tcp", l3proto: "ip", policy: { established: 100, close: 4 } },
  } as const;
  const dns = {
    "ct timeout": { ...TABLE, name: "dns", protocol: "udp", l3proto: "ip", policy: { unreplied: 5 } },
  } as const;

  it("is read as the kernel lists it, without what a new kernel has anyway", () => {
    checkObject(NFT_OBJECTS.addTimeout, NFT_OBJECTS.timeout, slow);
    checkObject(NFT_OBJECTS.addUdpTimeout, NFT_OBJECTS.udpTimeout, dns);
  });

  it("is sent with the times that are given alone: nft sends its own for the others", () => {
    for (const [object, { bytes }] of [[slow, NFT_OBJECTS.timeout], [dns, NFT_OBJECTS.udpTimeout]] as const) {
      const { name: _, family: __, table: ___, ...own } = object["ct timeout"];
      assertEquals(decodeObject("ct timeout", encodeObject("ct timeout", object["ct timeout"], "x")), own);
      assertEquals(decodeObject("ct timeout", dataOf(bytes)), own);
    }
  });
});

describe("ct expectation", () => {
  const later = {
    "ct expectation": {
      ...TABLE,
      name: "later",
      protocol: "tcp",
      l3proto: "ip",
      dport: 9876,
      timeout: 60_000,
      size: 12,
    },
  } as const;

  it("is read as the kernel lists it, and written as nft writes it", () => {
    checkObject(NFT_OBJECTS.addExpectation, NFT_OBJECTS.expectation, later);
    assertEquals(
      encodeObject("ct expectation", later["ct expectation"], "x"),
      dataOf(NFT_OBJECTS.addExpectation.bytes),
    );
  });
});
