import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import fc from "../../support/properties.ts";
import ipaddr from "ipaddr.js";
import { addressBytes, familyOf, parseIp } from "../../../src/ip/address.ts";
import { formatAddress } from "../../../src/ip/format.ts";

const NO_ADDRESSES = [
  ...["", "10.1", "10.0.0", "10.0.0.0.1", "10..0.1", ".10.0.0.1", "10.0.0.1.", " 10.0.0.1", "10.0.0.1/24"],
  ...["010.0.0.1", "0x0a.0.0.1", "256.0.0.1", "1e1.0.0.1", "-1.0.0.1", "\u0661.0.0.1"],
  ...[":", ":::", "1", "1:", ":1", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1::2::3", "1:::2", "::1:", ":1::"],
  ...["1:2:3:4:5:6:7:8::", "::1:2:3:4:5:6:7:8", "1:2:3:4::5:6:7:8", "00001::", "g::", "fe80::1%eth0", "[::1]"],
  ...["::1.2.3", "::1.2.3.4.5", "::010.0.0.1", "::256.0.0.1", "1.2.3.4::", "::1.2.3.4:5", "1:2:3:4:5:6:7:1.2.3.4"],
  ...["::a.2.3.4", "1:2:3:4:5:1.2.3.4", "::1.2.3.4/96"],
];

describe("parseIp()", () => {
  it("reads every text form of the same bytes, and gives one text for all", () => {
    for (
      const [text, ...forms] of [
        ["::1", "0:0::1", "0000:0000:0000:0000:0000:0000:0000:0001", "::0:1", "0::1", "::0.0.0.1"],
        ["::0.1.0.2", "::1:2", "::0001:0002", "0:0:0:0:0:0:1:2"],
        ["::0.2.0.0", "::2:0"],
        ["::10.0.0.1", "::a00:1", "::A00:1"],
        ["::ffff:10.0.0.1", "::ffff:a00:1", "::FFFF:A00:1", "0:0:0:0:0:ffff:10.0.0.1"],
        ["fd00::ab", "FD00::AB", "fd00:0::00ab", "fd00::0.0.0.171"],
        ["1:2:3:4:5:6:7:0", "1:2:3:4:5:6:7::", "1:2:3:4:5:6:0.7.0.0"],
        ["10.0.0.1"],
      ]
    ) {
      for (const form of [text ?? "", ...forms]) assertEquals(parseIp(form)?.text, text, form);
    }
  });

  it("gives family, bytes and text", () => {
    assertEquals(parseIp("10.0.0.1"), { family: 4, bytes: [10, 0, 0, 1], text: "10.0.0.1" });
    assertEquals(parseIp("FE80::1"), {
      family: 6,
      bytes: [0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
      text: "fe80::1",
    });
  });

  it("refuses what is not an address, or one of which tools disagree", () => {
    for (const text of NO_ADDRESSES) assertEquals(parseIp(text), undefined, text);
  });
});

/** The bytes that ipaddr.js reads, where it reads a text as RFC 4291 says. */
function ipaddrBytes(text: string): readonly number[] | undefined {
  if (!text.includes(":")) {
    return ipaddr.IPv4.isValidFourPartDecimal(text) ? ipaddr.parse(text).toByteArray() : undefined;
  }
  return ipaddr.IPv6.isValid(text) ? ipaddr.IPv6.parse(text).toByteArray() : undefined;
}

/** What ipaddr.js reads otherwise: zones; octal numbers; `::1.2.3.4`, which it takes for `::ffff:1.2.3.4`. */
const isReadOtherwise = (text: string): boolean => /%|(^|[.:])0\d+\.|\.0\d|^::\d+\./.test(text);

/** An address of 16 bytes, of which many are zero. */
const ipv6 = fc.array(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 0xffff })), { minLength: 8, maxLength: 8 })
  .map((words) => words.flatMap((word) => [word >> 8, word & 0xff]));
const ipv4 = fc.array(fc.integer({ min: 0, max: 255 }), { minLength: 4, maxLength: 4 });

/** Some text for the bytes of an IPv6 address: `::` for any of its zeros, zeros in front, capitals, dots at the end. */
const someForm = fc.tuple(ipv6, fc.nat(), fc.nat(), fc.boolean(), fc.boolean(), fc.boolean()).map(
  ([bytes, from, count, padded, upper, dotted]) => {
    const word = (i: number): number => (bytes[2 * i] ?? 0) << 8 | (bytes[2 * i + 1] ?? 0);
    const end = dotted ? 6 : 8;
    const hex = (i: number): string => word(i).toString(16).padStart(padded ? 4 : 1, "0");
    const words = Array.from({ length: end }, (_, i) => upper ? hex(i).toUpperCase() : hex(i));
    if (dotted) words.push(bytes.slice(12).join("."));
    const start = from % end;
    let zeros = 0;
    while (start + zeros < end && word(start + zeros) === 0) zeros++;
    const hidden = zeros === 0 ? 0 : 1 + count % zeros;
    if (hidden === 0) return { bytes, text: words.join(":") };
    return { bytes, text: `${words.slice(0, start).join(":")}::${words.slice(start + hidden).join(":")}` };
  },
);

describe("addressBytes()", () => {
  it("reads what formatAddress() writes", () => {
    fc.assert(fc.property(fc.oneof(ipv4, ipv6), (bytes) => assertEquals(addressBytes(formatAddress(bytes)), bytes)));
  });

  it("reads every form that RFC 4291 allows", () => {
    fc.assert(fc.property(someForm, ({ bytes, text }) => assertEquals(addressBytes(text), bytes, text)));
  });

  it("reads what ipaddr.js reads, and nothing else", () => {
    const chars = fc.constantFrom(..."0123456789abcdefABCDEFg.::::");
    const noise = fc.array(chars, { maxLength: 24 }).map((all) => all.join(""));
    const edited = fc.tuple(fc.oneof(someForm.map(({ text }) => text), ipv4.map(formatAddress)), fc.nat(), chars)
      .map(([text, at, char]) => text.slice(0, at % text.length) + char + text.slice(at % text.length + at % 2));
    fc.assert(
      fc.property(fc.oneof(noise, edited), (text) => {
        if (!isReadOtherwise(text)) assertEquals(addressBytes(text), ipaddrBytes(text), text);
      }),
      { numRuns: 1000 },
    );
  });
});

describe("familyOf()", () => {
  it("is that of an address or a prefix", () => {
    assertEquals(["10.0.0.1", "0.0.0.0/0", "::", "::ffff:10.0.0.1/96"].map(familyOf), [4, 4, 6, 6]);
  });
});
