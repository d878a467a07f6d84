import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { messageCodec } from "../../../../src/netlink/wire/codec.ts";
import {
  be16,
  be32,
  be64,
  bytes,
  flag,
  named,
  nameOf,
  numberOf,
  octets,
  presence,
  s32,
  s64,
  text,
  u16,
  u32,
  u64,
  u8,
} from "../../../../src/netlink/wire/values.ts";
import { read, written } from "../check.ts";

describe("numbers", () => {
  it("have the width and the order of bytes that their names say", () => {
    assertEquals(written(u8, 0xab), [0xab]);
    assertEquals(written(u16, 0x1234), [0x34, 0x12]);
    assertEquals(written(be16, 0x1234), [0x12, 0x34]);
    assertEquals(written(u32, 0x89abcdef), [0xef, 0xcd, 0xab, 0x89]);
    assertEquals(written(s32, -2), [0xfe, 0xff, 0xff, 0xff]);
    assertEquals(read(u32, 0xff, 0xff, 0xff, 0xff), 0xffffffff);
    assertEquals(read(s32, 0xff, 0xff, 0xff, 0xff), -1);
    assertEquals(read(be16, 0x81, 0x00), 0x8100);
  });

  it("refuse what does not fit, which would reach the kernel as another number", () => {
    for (const [codec, most] of [[u8, 0xff], [u16, 0xffff], [be16, 0xffff], [u32, 0xffffffff]] as const) {
      assertEquals(read(codec, ...written(codec, most)), most);
      for (const wrong of [most + 1, -1, 0.5, NaN, Infinity]) assertThrows(() => written(codec, wrong), RangeError);
    }
    for (const wrong of [2 ** 31, -(2 ** 31) - 1]) assertThrows(() => written(s32, wrong), RangeError);
  });
});

describe("64 bits", () => {
  it("are bigints, in the order of bytes that their names say", () => {
    assertEquals(written(u64, 0x1122n), [0x22, 0x11, 0, 0, 0, 0, 0, 0]);
    assertEquals(written(be64, 0x1122n), [0, 0, 0, 0, 0, 0, 0x11, 0x22]);
    assertEquals(written(s64, -2n), [0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]);
    assertEquals(written(be32, 0x89abcdef), [0x89, 0xab, 0xcd, 0xef]);
    for (const value of [0n, 1n, 2n ** 64n - 1n]) {
      assertEquals([read(u64, ...written(u64, value)), read(be64, ...written(be64, value))], [value, value]);
    }
    assertEquals([read(s64, ...written(s64, -5n)), read(be32, ...written(be32, 7))], [-5n, 7]);
  });

  it("refuse what does not fit", () => {
    for (const wrong of [-1n, 2n ** 64n]) assertThrows(() => written(u64, wrong), RangeError, "expected a bigint");
  });
});

describe("presence", () => {
  it("is an attribute without content", () => {
    assertEquals(written(presence, true), []);
    assertEquals([read(presence), read(presence, 1, 2)], [true, true]);
  });
});

describe("text", () => {
  it("ends in NUL, and is read up to the first", () => {
    assertEquals(written(text, "ab"), [97, 98, 0]);
    assertEquals(read(text, 97, 98, 0), "ab");
    assertEquals(read(text, 97, 98), "ab");
    assertEquals(read(text, 97, 0, 98), "a");
    assertEquals(read(text), "");
  });

  it("refuses a NUL, at which the kernel would end it", () => {
    assertThrows(() => written(text, "a\0b"), TypeError);
  });
});

describe("bytes", () => {
  it("are as they are, and a copy", () => {
    const raw = Uint8Array.of(1, 2);
    const value = messageCodec(bytes).decode(raw);
    raw[0] = 9;
    assertEquals(value, Uint8Array.of(1, 2));
  });
});

describe("octets", () => {
  it("are as they are", () => {
    assertEquals(written(octets, [1, 255, 0]), [1, 255, 0]);
    assertEquals(read(octets, 1, 255, 0), [1, 255, 0]);
  });
});

describe("flag", () => {
  it("is a byte", () => {
    assertEquals([written(flag, true), written(flag, false)], [[1], [0]]);
    assertEquals([read(flag, 0), read(flag, 1), read(flag, 7)], [false, true, true]);
  });
});

const NAMES = { a: 1, b: 2 };

describe("named()", () => {
  it("is the number of a name, and a number that has none", () => {
    const codec = named(u16, NAMES);
    assertEquals([written(codec, "b"), written(codec, 258)], [[2, 0], [2, 1]]);
    assertEquals([read(codec, 2, 0), read(codec, 2, 1)], ["b", 258]);
  });
});

describe("nameOf(), numberOf()", () => {
  it("give the name of a number and the number of a name, or a number as it is", () => {
    assertEquals([nameOf(NAMES, 2), nameOf(NAMES, 3)], ["b", 3]);
    assertEquals([numberOf(NAMES, "b"), numberOf(NAMES, 3)], [2, 3]);
  });

  it("names the names that there are", () => {
    const names: Readonly<Record<string, number>> = NAMES;
    for (const wrong of ["c", "toString"]) {
      assertThrows(() => numberOf(names, wrong, "mode"), TypeError, `Cannot use "${wrong}" as mode: expected a, b`);
    }
  });
});
