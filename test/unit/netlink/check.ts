/** What every codec must do with captured messages. */
import { assert, assertEquals, assertObjectMatch } from "@std/assert";
import { type Codec, type MessageCodec, messageCodec } from "../../../src/netlink/wire/codec.ts";
import { MalformedMessageError } from "../../../src/netlink/wire/malformed.ts";
import type { Vector } from "./vector.ts";

/** Checks that a message is read as expected, and written as the same bytes. */
export function checkVector(codec: MessageCodec<object>, { bytes }: Vector, expected: object): void {
  const message = codec.decode(bytes);
  assertObjectMatch(message, expected);
  assertEquals(hex(codec.encode(message)), hex(bytes));
}

/** Checks that a message that is cut short, at any byte, gives a value or a MalformedMessageError. */
export function checkTruncated(decode: (bytes: Uint8Array) => unknown, { bytes }: Vector): void {
  let malformed = 0;
  for (let length = 0; length < bytes.length; length++) {
    // A copy: behind a view, a decoder that reads too far would find the rest of the message.
    if (!valueOrTypedError(() => decode(bytes.slice(0, length)))) malformed++;
  }
  assert(malformed > 0, "no cut was noticed");
}

/** True if `decode` gave a value, false if it threw a MalformedMessageError. */
export function valueOrTypedError(decode: () => unknown): boolean {
  try {
    decode();
    return true;
  } catch (error) {
    if (error instanceof MalformedMessageError) return false;
    throw error;
  }
}

/** Bytes in hexadecimal, for readable differences. */
export function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The bytes that a codec writes. */
export function written<T>(codec: Codec<T>, value: T): number[] {
  return [...messageCodec(codec).encode(value)];
}

/** The value that a codec reads. */
export function read<T>(codec: Codec<T>, ...bytes: readonly number[]): T {
  return messageCodec(codec).decode(Uint8Array.from(bytes));
}
