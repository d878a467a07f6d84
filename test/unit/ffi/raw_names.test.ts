import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import fc from "../../support/properties.ts";
import { bytesOfName, nameOfBytes } from "../../../ffi/raw_names.ts";

describe("nameOfBytes()", () => {
  it("shows each byte that is not UTF-8 as its number, and text as it is", () => {
    const cases: readonly (readonly [bytes: readonly number[], name: string])[] = [
      [[0x78, 0xff], "x\\xff"],
      [[0xc3, 0xbc], "ü"],
      [[0xc3], "\\xc3"],
      [[0xe2, 0x82, 0x41], "\\xe2\\x82A"],
      [[0xed, 0xa0, 0x80], "\\xed\\xa0\\x80"], // half a surrogate pair
      [[0xef, 0xbb, 0xbf, 0x61], "\ufeffa"],
      [[0x5c, 0x78, 0x66, 0x66], "\\x5cxff"], // a backslash, x, f, f
      [[0x5c, 0x78, 0x34, 0x31], "\\x41"], // of which nothing is a byte that is not UTF-8
      [[0x5c], "\\"],
      [[], ""],
    ];
    for (const [bytes, name] of cases) {
      assertEquals(nameOfBytes(Uint8Array.from(bytes)), name);
      assertEquals([...bytesOfName(name)], bytes);
    }
  });
});

describe("bytesOfName()", () => {
  it("gives the bytes of every name that was shown, and each name has other bytes", () => {
    const byte = fc.oneof(fc.constantFrom(0x5c, 0x78, 0x35, 0x63, 0x66, 0xc3, 0xbc), fc.integer({ min: 1, max: 255 }));
    fc.assert(fc.property(fc.array(byte, { maxLength: 15 }), (bytes) => {
      assertEquals([...bytesOfName(nameOfBytes(Uint8Array.from(bytes)))], bytes);
    }));
  });
});
