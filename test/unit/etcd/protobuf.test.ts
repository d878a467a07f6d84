import { describe, it } from "@std/testing/bdd";
import { assertEquals, assertThrows } from "@std/assert";
import { rangeRequest, rangeResponse, txnRequest, watchResponse } from "../../../src/etcd/messages.ts";
import { MalformedMessageError } from "../../../src/etcd/protobuf.ts";

const bytesOf = (hex: string): Uint8Array =>
  Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
const hexOf = (bytes: Uint8Array): string => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");

/** What etcd 3.4 answers to a range of the key a, which is b. */
const ANSWER = "0a1a0895a2b49b8bcff6e48c0110b0a786f6f0fda5beac0118022002120c0a01611002180220012a01622001";
/** What its watch of that key sends. */
const EVENT = "0a1a0895a2b49b8bcff6e48c0110b0a786f6f0fda5beac011802200210055a0e120c0a01611002180220012a0162";

describe("message()", () => {
  it("writes the bytes of etcdctl's request for all keys", () => {
    assertEquals(hexOf(rangeRequest.encode({ key: Uint8Array.of(0), rangeEnd: Uint8Array.of(0) })), "0a0100120100");
  });

  it("reads numbers of 64 bits, and skips fields that it does not know", () => {
    const { header, kvs } = rangeResponse.decode(bytesOf(ANSWER));
    assertEquals(header?.revision, 2);
    assertEquals(header?.clusterId, 10144879847569953045n);
    assertEquals(kvs.map(({ key, value, modRevision }) => [hexOf(key), hexOf(value), modRevision]), [["61", "62", 2]]);
  });

  it("reads an event of a watch", () => {
    const { watchId, canceled, events } = watchResponse.decode(bytesOf(EVENT));
    assertEquals([watchId, canceled, events.length], [5, false, 1]);
    assertEquals([events[0]?.type, hexOf(events[0]?.kv?.value ?? new Uint8Array())], [0, "62"]);
  });

  it("reads what it writes", () => {
    const key = new TextEncoder().encode("k");
    const success = [
      { put: { key, value: new Uint8Array(), lease: -1n }, delete: undefined },
      { put: undefined, delete: { key } },
    ];
    const read = txnRequest.decode(txnRequest.encode({ success })).success;
    assertEquals(read[0]?.put?.lease, 2n ** 64n - 1n);
    assertEquals(read[1]?.delete?.key, key);
    assertEquals(read.length, 2);
  });

  it("refuses a message that ends early, wherever that is, and never reads beyond it", () => {
    const whole = bytesOf(ANSWER);
    for (let length = 1; length < whole.length; length++) {
      try {
        rangeResponse.decode(whole.subarray(0, length));
      } catch (error) {
        assertEquals(error instanceof MalformedMessageError, true, `${error}`);
      }
    }
  });

  it("refuses numbers without an end, lengths beyond the message, and wire types that there are not", () => {
    for (const hex of ["ff".repeat(12), "0affffffffffffffff7f", "0b", "0a0512"]) {
      assertThrows(() => watchResponse.decode(bytesOf(hex)), MalformedMessageError);
    }
  });
});
