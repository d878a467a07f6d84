import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { attributes, attributesOf, list } from "../../../../src/netlink/wire/attributes.ts";
import { messageCodec } from "../../../../src/netlink/wire/codec.ts";
import { MalformedMessageError } from "../../../../src/netlink/wire/malformed.ts";
import { u16, u32, u8 } from "../../../../src/netlink/wire/numbers.ts";
import { text } from "../../../../src/netlink/wire/text.ts";

const inner = attributes({ word: [1, u16] });
const table = attributes({
  small: [1, u8],
  name: [2, text],
  nested: [3 | 0x8000, inner],
  all: [4, u32, "many"],
});
const codec = messageCodec(table);

describe("attributes()", () => {
  it("writes each with its length, its number and padding, in the order of the keys", () => {
    assertEquals(
      codec.encode({ name: "ab", small: 7, nested: { word: 258 } }),
      // deno-fmt-ignore
      Uint8Array.of(
        7, 0, 2, 0, 97, 98, 0, 0,
        5, 0, 1, 0, 7, 0, 0, 0,
        12, 0, 3, 0x80, 6, 0, 1, 0, 2, 1, 0, 0,
      ),
    );
  });

  it("reads what it wrote: one, none, many", () => {
    for (
      const value of [
        {},
        { small: 255 },
        { all: [1, 2, 0xffffffff] },
        { nested: {} },
        { name: "\u00e4\u{1f600}" },
      ]
    ) {
      assertEquals(codec.decode(codec.encode(value)), value);
    }
  });

  it("leaves out what is undefined or in no table", () => {
    assertEquals(codec.encode({ small: undefined, unknown: undefined }), new Uint8Array(0));
    const more = { small: 1, other: 2 };
    assertEquals(codec.encode(more), codec.encode({ small: 1 }));
  });

  it("keeps attributes that it does not know, at their positions", () => {
    // deno-fmt-ignore
    const bytes = Uint8Array.of(
      6, 0, 90, 0, 1, 2, 0, 0,
      5, 0, 1, 0, 7, 0, 0, 0,
      4, 0, 91, 0x80,
      5, 0, 92, 0, 9, 0, 0, 0,
      7, 0, 2, 0, 97, 98, 0, 0,
      4, 0, 93, 0,
    );
    const value = codec.decode(bytes);
    assertEquals(value.unknown?.map(({ type, at }) => [type, at]), [[90, 0], [91 | 0x8000, 2], [92, 3], [93, 5]]);
    assertEquals(codec.encode(value), bytes);
  });

  it("writes an attribute without a position last", () => {
    const value = { unknown: [{ type: 9, bytes: new Uint8Array(0) }], small: 1 };
    assertEquals(codec.encode(value), Uint8Array.of(5, 0, 1, 0, 1, 0, 0, 0, 4, 0, 9, 0));
  });

  it("ignores NLA_F_NESTED and NLA_F_NET_BYTEORDER in a number", () => {
    assertEquals(codec.decode(Uint8Array.of(5, 0, 1, 0xc0, 7, 0, 0, 0)), { small: 7 });
  });

  it("refuses an impossible length", () => {
    for (const length of [0, 1, 2, 3]) {
      assertThrows(() => codec.decode(Uint8Array.of(length, 0, 1, 0, 7, 0, 0, 0)), MalformedMessageError, "byte 0");
    }
    assertThrows(() => codec.decode(Uint8Array.of(9, 0, 1, 0, 7, 0, 0, 0)), MalformedMessageError, "byte 4");
    assertThrows(() => codec.decode(Uint8Array.of(0xff, 0xff, 1, 0, 7, 0, 0, 0)), MalformedMessageError);
    assertThrows(() => codec.decode(Uint8Array.of(4, 0, 1, 0)), MalformedMessageError, "1 bytes expected, 0 left");
  });

  it("does not read beyond an attribute into the next", () => {
    // u32 in an attribute of 2 bytes, with bytes behind it
    const bytes = Uint8Array.of(6, 0, 4, 0, 1, 2, 3, 4, 5, 0, 1, 0, 7, 0, 0, 0);
    assertThrows(() => codec.decode(bytes), MalformedMessageError, "4 bytes expected, 2 left");
    const nested = Uint8Array.of(8, 0, 3, 0, 8, 0, 1, 0, 1, 2, 3, 4);
    assertThrows(() => codec.decode(nested), MalformedMessageError, "4 bytes expected, 0 left");
  });

  it("refuses an attribute that is longer than one can be", () => {
    const longest = { type: 9, bytes: new Uint8Array(0xffff - 4) };
    assertEquals(codec.decode(codec.encode({ unknown: [longest] })).unknown?.[0]?.bytes.length, 0xffff - 4);
    const longer = { type: 9, bytes: new Uint8Array(0x10000 - 4) };
    assertThrows(() => codec.encode({ unknown: [longer] }), RangeError, "expected 65531 or less");
  });
});

describe("attributesOf()", () => {
  interface Options {
    readonly small?: number | undefined;
    readonly name: string;
  }
  const options = attributesOf<Options>({ small: [1, u8], name: [2, text] });

  it("writes the keys that the interface has, of a value that has more", () => {
    const more = { other: 9, name: "ab", small: 7 };
    assertEquals(options.encode(more), codec.encode({ name: "ab", small: 7 }));
  });

  it("reads what is there, and keeps the rest under `unknown`", () => {
    const bytes = codec.encode({ small: 7, nested: {} });
    assertEquals(options.decodeKnown(bytes), { small: 7 });
    assertEquals(options.encode(options.decode(bytes)), bytes);
  });
});

describe("list()", () => {
  const words = messageCodec(list(u16, 0x8000));

  it("numbers the attributes from 1, and reads them whatever their numbers are", () => {
    assertEquals(words.encode([1, 2]), Uint8Array.of(6, 0, 1, 0x80, 1, 0, 0, 0, 6, 0, 2, 0x80, 2, 0, 0, 0));
    assertEquals(words.decode(Uint8Array.of(6, 0, 9, 0, 1, 0, 0, 0, 6, 0, 0, 0, 2, 0)), [1, 2]);
    assertEquals(words.decode(new Uint8Array(0)), []);
  });

  it("refuses an impossible length", () => {
    assertThrows(() => words.decode(Uint8Array.of(3, 0, 1, 0)), MalformedMessageError, "an attribute of 3 bytes");
    assertThrows(() => words.decode(Uint8Array.of(7, 0, 1, 0, 1, 0)), MalformedMessageError);
  });
});
