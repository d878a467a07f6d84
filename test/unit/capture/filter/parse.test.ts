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
    case "ports":
      return `${one.end ?? "any"} port ${one.first === one.last ? one.first : `${one.first}-${one.last}`}`;
    case "net":
      return `${one.end ?? "any"} net ${one.net.text}`;
  }
}

describe("parseFilter()", () => {
  it("reads tests, and from the left what joins them", () => {
    for (
      const [text, expected] of [
        ["udp port 53", "(udp and any port 53)"],
        ["host 10.0.0.1", "any net 10.0.0.1/32"],
        ["src host ::1 or dst port 80 and not arp", "((src net ::1/128 or dst port 80) and not arp)"],
        ["ip6 net fd00::/8", "(ip6 and any net fd00::/8)"],
        ["udp portrange 8010-8000", "(udp and any port 8000-8010)"],
        [
          "tcp port 80 or 443 and not 22",
          "(((tcp and any port 80) or (tcp and any port 443)) and not (tcp and any port 22))",
        ],
        ["src net 10.0.0.0/8 or 0.0.0.0/0", "(src net 10.0.0.0/8 or src net 0.0.0.0/0)"],
        ["(dst host ::1) or fe80::1", "(dst net ::1/128 or dst net fe80::1/128)"],
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
        ["net 10.0.0.1", "a network"],
        ["net 10.0.0.1/8", '"10.0.0.0/8"'],
        ["portrange 1-2-3", "65535"],
        ["icmp port 5", "tcp or udp"],
        ["80", "port"],
        ["udp or 80", "port"],
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
