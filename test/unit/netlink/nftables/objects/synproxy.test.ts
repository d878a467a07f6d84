import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { encodeObject } from "../../../../../src/netlink/nftables/object_kinds.ts";
import { checkObject, dataOf } from "./check.ts";
import { NFT_OBJECTS } from "./vectors.ts";

describe("synproxy", () => {
  const synproxy = {
    family: "ip",
    table: "objects",
    name: "proxy",
    mss: 1460,
    wscale: 7,
    flags: ["timestamp", "sack-perm"],
  } as const;

  it("is read as the kernel lists it, and written as nft writes it", () => {
    checkObject(NFT_OBJECTS.addSynproxy, NFT_OBJECTS.synproxy, { synproxy });
    assertEquals(encodeObject("synproxy", synproxy, "x"), dataOf(NFT_OBJECTS.addSynproxy.bytes));
  });
});
