import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { Reader, Writer } from "../../../../src/netlink/wire/buffers.ts";
import { MalformedMessageError } from "../../../../src/netlink/wire/malformed.ts";
import { pad, struct } from "../../../../src/netlink/wire/struct.ts";
import { s32, u8 } from "../../../../src/netlink/wire/numbers.ts";

describe("struct()", () => {
  const header = struct({ a: u8, gap: pad(3), b: s32 });

  it("has the size of its fields, and leaves padding out of the value", () => {
    assertEquals(header.size, 8);
    const out = new Writer();
    header.write(out, { a: 1, b: -1 });
    assertEquals(out.bytes(), Uint8Array.of(1, 0, 0, 0, 255, 255, 255, 255));
    assertEquals(header.read(new Reader(out.bytes())), { a: 1, b: -1 });
  });

  it("has the offset at which bytes are missing", () => {
    const error = assertThrows(() => header.read(new Reader(new Uint8Array(7))), MalformedMessageError);
    assertEquals([error.name, error.offset], ["MalformedMessageError", 4]);
  });
});
