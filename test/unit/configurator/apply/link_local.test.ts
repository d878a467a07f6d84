import { assert, assertEquals, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { linkLocalOf, randomHardwareAddress } from "../../../../src/configurator/apply/link_local.ts";

describe("linkLocalOf()", () => {
  it("makes of a hardware address what the kernel makes of it", () => {
    assertEquals(linkLocalOf("02:00:00:00:00:01"), "fe80::0:ff:fe00:1/64"); // the kernel writes fe80::ff:fe00:1
    assertEquals(linkLocalOf("0a:1b:2c:3d:4e:5f"), "fe80::81b:2cff:fe3d:4e5f/64"); // seen of a veth
  });
});

describe("randomHardwareAddress()", () => {
  it("gives locally administered addresses of single links, each another", () => {
    const addresses = Array.from({ length: 100 }, randomHardwareAddress);
    for (const address of addresses) assertMatch(address, /^[0-9a-f][26ae](:[0-9a-f]{2}){5}$/);
    assert(new Set(addresses).size === addresses.length);
  });
});
