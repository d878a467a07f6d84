import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { addressBytes } from "../../../src/ip/address.ts";
import { formatAddress } from "../../../src/ip/format.ts";

describe("formatAddress()", () => {
  it("writes what inet_ntop(3) of glibc writes, and so ip", () => {
    for (
      const text of [
        "0.0.0.0",
        "255.255.255.255",
        "::",
        "::1",
        "fe80::1",
        "2001:db8::1:0:0:1", // the first of equal runs
        "2001:db8:0:1:1:1:1:1", // a single zero stays
        "2001:0:0:1::1", // the longest run
        "1:2:3:4:5:6:7:8",
        "1:2:3:4:5:6:7:0",
        "0:2:3:4:5:6:7:8",
        "::ffff:10.0.0.1", // IPv4-mapped
        "::ffff:0:a00:1",
        "::0.2.0.3", // IPv4-compatible
        "::1:2:3",
        "::fffe:a00:1",
        "64:ff9b::a00:1",
        "ff02::1",
        "1::",
      ]
    ) {
      assertEquals(formatAddress(addressBytes(text) ?? []), text);
    }
  });
});
