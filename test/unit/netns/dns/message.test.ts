import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { A, AAAA, decodeReply, encodeQuestion, isName } from "../../../../src/netns/dns/message.ts";

const bytesOf = (hex: string): Uint8Array<ArrayBuffer> =>
  new Uint8Array(hex.match(/../g)?.map((byte) => Number.parseInt(byte, 16)) ?? []);

/** As RFC 1035, 4.1.4 compresses names: an alias whose end is that of the question, and an address of what it points to. */
const REPLY = "abcd818000010002000000000377777707657861" + "6d706c6503636f6d0000010001" +
  "c00c00050001000000" + "3c000704686f7374c010" + // www.example.com is host.example.com
  "c02d00010001000000" + "3c00040a000001"; // host.example.com is 10.0.0.1
const QUESTION = { id: 0xabcd, name: "www.example.com", type: A } as const;

describe("encodeQuestion()", () => {
  it("asks for the name, and for recursion", () => {
    assertEquals(
      encodeQuestion(QUESTION),
      bytesOf("abcd010000010000000000000377777707657861" + "6d706c6503636f6d0000010001"),
    );
  });
});

describe("decodeReply()", () => {
  it("follows aliases and compressed names", () => {
    const reply = decodeReply(bytesOf(REPLY), QUESTION);
    assertEquals(reply?.addresses.map(({ text }) => text), ["10.0.0.1"]);
    assertEquals([reply?.rcode, reply?.truncated], [0, false]);
  });

  it("takes no reply to another question", () => {
    for (const other of [{ id: 1 }, { name: "www.example.org" }, { type: AAAA } as const]) {
      assertEquals(decodeReply(bytesOf(REPLY), { ...QUESTION, ...other }), undefined);
    }
    assertEquals(decodeReply(encodeQuestion(QUESTION), QUESTION), undefined);
  });

  it("takes no message that ends too early, or whose names go in circles", () => {
    const whole = bytesOf(REPLY);
    for (let length = 0; length < whole.length; length++) {
      assertEquals(decodeReply(whole.subarray(0, length), QUESTION), undefined, `${length} bytes`);
    }
    assertEquals(decodeReply(bytesOf(REPLY.replace("c00c0005", "c0210005")), QUESTION), undefined);
  });
});

describe("isName()", () => {
  it("takes what fits into a message", () => {
    for (const name of ["a", "a.b", "_dmarc.example", "x".repeat(63)]) assert(isName(name), name);
    for (const name of ["", ".", "a..b", "a b", "ä", "x".repeat(64), "a.".repeat(127) + "ab"]) {
      assert(!isName(name), name);
    }
  });
});
