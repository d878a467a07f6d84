import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { attributes } from "../../../../src/netlink/wire/attributes.ts";
import { Writer } from "../../../../src/netlink/wire/buffers.ts";
import { messageCodec } from "../../../../src/netlink/wire/codec.ts";
import { u8 } from "../../../../src/netlink/wire/numbers.ts";

describe("Reader", () => {
  it("reads a view that begins in the middle of a buffer", () => {
    const bytes = Uint8Array.of(9, 9, 9, 5, 0, 1, 0, 7, 0, 0, 0).subarray(3);
    assertEquals(messageCodec(attributes({ small: [1, u8] })).decode(bytes), { small: 7 });
  });
});

describe("Writer", () => {
  it("grows", () => {
    const out = new Writer();
    for (let i = 0; i < 20_000; i++) out.append(Uint8Array.of(1, 2, 3));
    out.align();
    assertEquals([out.length, out.bytes()[2999], out.bytes()[59_999]], [60_000, 3, 3]);
  });

  it("does not write to what was taken, whatever is written or forgotten later", () => {
    const out = new Writer();
    const taken: Uint8Array[] = [];
    for (let i = 0; i < 2000; i++) {
      out.append(Uint8Array.of(1, 1, 1));
      out.clear();
      out.append(new Uint8Array(i % 40).fill(i & 0xff));
      out.reserve(3);
      taken.push(out.take());
      out.clear();
    }
    for (const [i, bytes] of taken.entries()) {
      assertEquals([...bytes], [...Array.from({ length: i % 40 }, () => i & 0xff), 0, 0, 0]);
    }
  });
});
