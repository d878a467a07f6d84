import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { parseIp } from "../../../src/ip/address.ts";
import {
  isLinkLocal6,
  isMulticast,
  isUnspecified,
  lastOf,
  linkLocalOf,
  networkOf,
} from "../../../src/ip/arithmetic.ts";
import { formatAddress } from "../../../src/ip/format.ts";
import { type IpPrefix, parseIpPrefix } from "../../../src/ip/prefix.ts";

function prefixOf(text: string): IpPrefix {
  const prefix = parseIpPrefix(text);
  if (prefix === undefined) throw new Error(text);
  return prefix;
}

describe("networkOf(), lastOf()", () => {
  it("clear and set the bits beyond the prefix", () => {
    for (
      const [text, network, last] of [
        ["10.1.2.3/8", "10.0.0.0/8", "10.255.255.255"],
        ["10.1.2.3/20", "10.1.0.0/20", "10.1.15.255"],
        ["10.1.2.3/32", "10.1.2.3/32", "10.1.2.3"],
        ["10.1.2.3/0", "0.0.0.0/0", "255.255.255.255"],
        ["fd00::1:2/64", "fd00::/64", "fd00::ffff:ffff:ffff:ffff"],
        ["fd00::ff/121", "fd00::80/121", "fd00::ff"],
        ["::2:1/112", "::0.2.0.0/112", "::0.2.255.255"],
      ] as const
    ) {
      assertEquals(networkOf(prefixOf(text)).text, network);
      assertEquals(formatAddress(lastOf(prefixOf(text))), last);
    }
  });
});

describe("isUnspecified(), isMulticast(), isLinkLocal6()", () => {
  it("know what an address is for", () => {
    const those = (is: (text: string) => boolean): string[] => ADDRESSES.filter(is);
    const parsed = (text: string) => parseIp(text) ?? { family: 4, bytes: [], text: "" };
    assertEquals(those((text) => isUnspecified(parsed(text))), ["0.0.0.0", "::"]);
    assertEquals(those((text) => isMulticast(parsed(text))), ["224.0.0.1", "239.1.2.3", "ff02::1"]);
    assertEquals(those(isLinkLocal6), ["fe80::1", "feb0::1"]);
  });
});

const ADDRESSES = ["0.0.0.0", "::", "::1", "223.0.0.1", "224.0.0.1", "239.1.2.3", "240.0.0.1", "ff02::1"].concat([
  ...["fe80::1", "feb0::1", "fec0::1", "fe8::1", "fd00::fe80:0"],
]);

describe("linkLocalOf()", () => {
  it("makes of a hardware address what the kernel makes of it", () => {
    assertEquals(linkLocalOf("02:00:00:00:00:01"), "fe80::ff:fe00:1"); // seen of a veth, as the next
    assertEquals(linkLocalOf("0a:1b:2c:3d:4e:5f"), "fe80::81b:2cff:fe3d:4e5f");
  });
});
