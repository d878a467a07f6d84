import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { Expression } from "../../../../src/capture/filter/expression.ts";
import { beginsFilter, parseFilter } from "../../../../src/capture/filter/parse.ts";

/** An expression with a pair of parentheses around each operation. */
function shown(one: Expression): string {
  switch (one.kind) {
    case "and":
    case "or":
      return `(${shown(one.left)} ${one.kind} ${shown(one.right)})`;
    case "not":
      return `not ${shown(one.inner)}`;
    case "protocol":
      return one.protocol;
    case "port":
      return `${one.end ?? "any"} port ${one.port}`;
    case "host":
      return `${one.end ?? "any"} host ${one.host.text}`;
  }
}

describe("parseFilter()", () => {
  it("reads tests, and from the left what joins them", () => {
    for (
      const [text, expected] of [
        ["udp port 53", "(udp and any port 53)"],
        ["host 10.0.0.1", "any host 10.0.0.1"],
        ["src host ::1 or dst port 80 and not arp", "((src host ::1 or dst port 80) and not arp)"],
        ["!(tcp||udp)&&ip6", "(not (tcp or udp) and ip6)"],
        ["not not icmp", "not not icmp"],
      ] as const
    ) assertEquals(shown(parseFilter(text)), expected);
  });

  it("says which word cannot be there", () => {
    for (
      const [text, expected] of [
        ["", "its end"],
        ["udp port", "its end"],
        ["port x", "65535"],
        ["port 65536", "65535"],
        ["host example.com", "IP address"],
        ["src udp", '"udp"'],
        ["(udp", "its end"],
        ["udp )", '")"'],
        ["udp tcp", '"tcp"'],
      ] as const
    ) assertThrows(() => parseFilter(text), TypeError, expected);
  });
});

describe("beginsFilter()", () => {
  it("distinguishes a filter from the name of a link", () => {
    assertEquals(["udp", "not", "(tcp", "!arp", "eth0", "ip6tnl0"].map(beginsFilter), [
      true,
      true,
      true,
      true,
      false,
      false,
    ]);
  });
});
