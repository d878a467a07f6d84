import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { type Codec, messageCodec } from "../../../../src/netlink/wire/codec.ts";
import { MalformedMessageError } from "../../../../src/netlink/wire/malformed.ts";
import { be16, bytes, ip, mac, parsePrefix, s32, text, u16, u32, u8 } from "../../../../src/netlink/wire/values.ts";

const written = <T>(codec: Codec<T>, value: T): number[] => [...messageCodec(codec).encode(value)];
const read = <T>(codec: Codec<T>, ...raw: readonly number[]): T => messageCodec(codec).decode(Uint8Array.from(raw));

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

describe("mac", () => {
  it("reads and writes addresses of any link", () => {
    assertEquals(written(mac, "02:00:00:00:00:FF"), [2, 0, 0, 0, 0, 255]);
    assertEquals(read(mac, 2, 0, 0, 0, 0, 255), "02:00:00:00:00:ff");
    assertEquals(read(mac, 10, 0, 0, 1), "0a:00:00:01"); // of an IPv4 tunnel
  });

  it("refuses what is none", () => {
    for (const wrong of ["", "02", "2:0:0:0:0:1", "02-00-00-00-00-01", "02:00:00:00:00:0g", "02:00:00:00:00:01:"]) {
      assertThrows(() => written(mac, wrong), TypeError, "02:00:00:00:00:01", wrong);
    }
  });
});

describe("ip", () => {
  it("is IPv4 or IPv6 by its length", () => {
    assertEquals(read(ip, 10, 0, 0, 1), "10.0.0.1");
    assertEquals(read(ip, 0x20, 1, 0xd, 0xb8, ...Array(11).fill(0), 1), "2001:db8::1");
    for (const length of [0, 1, 3, 5, 8, 15, 17]) {
      assertThrows(() => read(ip, ...Array(length).fill(1)), MalformedMessageError, `${length} bytes`);
    }
  });

  it("is written as inet_ntop(3) writes it", () => {
    // Each as inet_ntop(3) of glibc writes it, and so `ip`.
    for (
      const text of [
        "::",
        "::1",
        "fe80::1",
        "2001:db8::1:0:0:1", // the first of equal runs
        "2001:db8:0:1:1:1:1:1", // a single zero stays
        "2001:0:0:1::1", // the longest run
        "1:2:3:4:5:6:7:8",
        "1:2:3:4:5:6:7:0",
        "0:2:3:4:5:6:7:8",
        "::ffff:10.0.0.1",
        "::ffff:0:a00:1",
        "::0.2.0.3",
        "64:ff9b::a00:1",
        "ff02::1",
        "1::",
        "::1:2:3",
      ]
    ) {
      assertEquals(read(ip, ...written(ip, text)), text);
    }
    assertEquals(read(ip, ...written(ip, "2001:0DB8:0000::0001")), "2001:db8::1");
  });

  it("refuses what other tools would guess at", () => {
    for (
      const wrong of [
        "",
        "10.1",
        "010.0.0.1",
        "0x0a.0.0.1",
        "256.0.0.1",
        "fe80::1%eth0",
        "1::2::3",
        "a",
        "::010.0.0.1",
        "::1.2.3",
      ]
    ) {
      assertThrows(() => written(ip, wrong), TypeError, "expected", wrong);
    }
  });
});

describe("parsePrefix()", () => {
  it("reads an address with its length, or alone", () => {
    assertEquals(parsePrefix("10.0.0.1/24"), { address: "10.0.0.1", prefixLength: 24, family: 2 });
    assertEquals(parsePrefix("10.0.0.1"), { address: "10.0.0.1", prefixLength: 32, family: 2 });
    assertEquals(parsePrefix("2001:db8::1/0"), { address: "2001:db8::1", prefixLength: 0, family: 10 });
    assertEquals(parsePrefix("::").prefixLength, 128);
  });

  it("refuses lengths that cannot be", () => {
    for (const wrong of ["10.0.0.1/", "10.0.0.1/33", "10.0.0.1/ 8", "10.0.0.1/8/9", "::1/129", "/8", "::1/0x8"]) {
      assertThrows(() => parsePrefix(wrong), TypeError, "expected", wrong);
    }
  });
});
