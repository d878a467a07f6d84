import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { be16, be32, be64, s32, s64, u16, u32, u64, u8 } from "../../../../src/netlink/wire/numbers.ts";
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
