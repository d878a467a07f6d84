import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { covers, isWithin, overlap } from "../../../src/ip/networks.ts";

describe("covers()", () => {
  it("is true of an address of the network, however that is written", () => {
    for (
      const [network, inside, outside] of [
        ["10.0.0.1/24", ["10.0.0.0", "10.0.0.255"], ["10.0.1.0", "9.255.255.255", "fd00::1", "::ffff:10.0.0.1"]],
        ["10.0.0.8/29", ["10.0.0.8", "10.0.0.15"], ["10.0.0.7", "10.0.0.16"]],
        ["0.0.0.0/0", ["255.255.255.255"], ["::"]],
        ["10.0.0.1/32", ["10.0.0.1"], ["10.0.0.0"]],
        ["fd00::1:0:0:1/65", ["fd00::1:0:0:2", "fd00::7fff:ffff:ffff:ffff"], ["fd00::8000:0:0:0", "fd01::"]],
        ["::/0", ["ffff::"], ["1.2.3.4"]],
      ] as const
    ) {
      for (const ip of inside) assertEquals(covers(network, ip), true, `${ip} in ${network}`);
      for (const ip of outside) assertEquals(covers(network, ip), false, `${ip} in ${network}`);
    }
  });

  it("is false of what is no network, or no address", () => {
    for (
      const [network, ip] of [["10.0.0.1", "10.0.0.1"], ["10.0.0.1/33", "10.0.0.1"], ["10.0.0.0/8", "10.1"]] as const
    ) {
      assertEquals(covers(network, ip), false, `${ip} in ${network}`);
    }
  });
});

describe("overlap(), isWithin()", () => {
  it("compare networks and hosts", () => {
    for (
      const [a, b, ...expected] of [
        ["10.0.0.0/8", "10.1.0.0/16", true, false],
        ["10.1.0.0/16", "10.0.0.0/8", true, true],
        ["10.1.2.3", "10.1.2.0/24", true, true],
        ["10.1.3.0/24", "10.1.2.0/24", false, false],
        ["fd00::/16", "10.0.0.0/8", false, false],
        ["fd00::1", "fd00::/64", true, true],
      ] as const
    ) assertEquals([overlap(a, b), isWithin(a, b)], expected, `${a} and ${b}`);
  });
});
