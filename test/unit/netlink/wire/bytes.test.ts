import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { bytes, octets } from "../../../../src/netlink/wire/bytes.ts";
import { messageCodec } from "../../../../src/netlink/wire/codec.ts";
import { read, written } from "../check.ts";

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
