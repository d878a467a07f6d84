import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { afOf, ip, ipPrefixOf, isIpFamily } from "../../../../src/netlink/wire/ip.ts";
import { MalformedMessageError } from "../../../../src/netlink/wire/malformed.ts";
import { read, written } from "../check.ts";

describe("ip", () => {
  it("is IPv4 or IPv6 by its length", () => {
    assertEquals(read(ip, 10, 0, 0, 1), "10.0.0.1");
    assertEquals(read(ip, 0x20, 1, 0xd, 0xb8, ...Array(11).fill(0), 1), "2001:db8::1");
    assertEquals(written(ip, "10.0.0.1"), [10, 0, 0, 1]);
    assertEquals(read(ip, ...written(ip, "::FFFF:a00:1")), "::ffff:10.0.0.1");
    for (const length of [0, 1, 3, 5, 8, 15, 17]) {
      assertThrows(() => read(ip, ...Array(length).fill(1)), MalformedMessageError, `${length} bytes`);
    }
  });

  it("refuses what is not an address", () => {
    for (const wrong of ["", "10.1", "010.0.0.1", "fe80::1%eth0", "1::2::3"]) {
      assertThrows(() => written(ip, wrong), TypeError, "expected IPv4 or IPv6", wrong);
    }
  });
});

describe("ipPrefixOf()", () => {
  it("reads an address with its length, or alone", () => {
    assertEquals(["10.0.0.1/24", "10.0.0.1", "2001:db8::1/0", "::"].map((text) => ipPrefixOf(text).length), [
      24,
      32,
      0,
      128,
    ]);
  });

  it("names the possible lengths", () => {
    assertThrows(() => ipPrefixOf("10.0.0.1/33"), TypeError, 'Cannot use "10.0.0.1/33" as a prefix: expected');
    assertThrows(() => ipPrefixOf("10.0.0/24"), TypeError, "0 to 32");
    assertThrows(() => ipPrefixOf("::1/129"), TypeError, "0 to 128");
  });
});

describe("afOf(), isIpFamily()", () => {
  it("know IPv4 and IPv6", () => {
    assertEquals([afOf("10.0.0.1"), afOf("::/0")], [2, 10]);
    assertEquals([2, 10, 7, 28, 45].map((family) => isIpFamily(Uint8Array.of(family))), [
      true,
      true,
      false,
      false,
      false,
    ]);
    assertEquals(isIpFamily(new Uint8Array(0)), false);
  });
});
