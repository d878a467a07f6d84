import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { parseIpOrPrefix, parseIpPrefix } from "../../../src/ip/prefix.ts";

const WRONG = [
  ...["", "/", "/8", "10.0.0.1/", "10.0.0.1/33", "10.0.0.1/-1", "10.0.0.1/ 8", "10.0.0.1/8/9", "10.0.0.1/08"],
  ...["10.0.0.1/1e1", "10.0.0/24", "010.0.0.1/8", "::1/129", "::1/0x8", "::g/64", "fe80::1%eth0/64"],
];

describe("parseIpPrefix()", () => {
  it("reads an address with the length of a prefix, and gives its canonical text", () => {
    const prefix = parseIpPrefix("10.0.0.1/24");
    assertEquals(prefix, {
      address: { family: 4, bytes: [10, 0, 0, 1], text: "10.0.0.1" },
      length: 24,
      text: "10.0.0.1/24",
    });
    const texts = ["0.0.0.0/0", "::/0", "FD00::0/64", "::1:2/120"].map((text) => parseIpPrefix(text)?.text);
    assertEquals(texts, ["0.0.0.0/0", "::/0", "fd00::/64", "::0.1.0.2/120"]);
  });

  it("refuses an address alone, and lengths that cannot be", () => {
    for (const text of ["10.0.0.1", "::1", ...WRONG]) assertEquals(parseIpPrefix(text), undefined, text);
  });
});

describe("parseIpOrPrefix()", () => {
  it("takes an address alone as one host", () => {
    const texts = ["10.0.0.1", "2001:DB8::1", "10.0.0.1/8"].map((text) => parseIpOrPrefix(text)?.text);
    assertEquals(texts, ["10.0.0.1/32", "2001:db8::1/128", "10.0.0.1/8"]);
  });

  it("refuses lengths that cannot be", () => {
    for (const text of WRONG) assertEquals(parseIpOrPrefix(text), undefined, text);
  });
});
