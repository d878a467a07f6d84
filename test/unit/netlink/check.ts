/** What every codec must do with what was captured. */
import { assert, assertEquals, assertObjectMatch } from "@std/assert";
import { type Codec, type MessageCodec, messageCodec } from "../../../src/netlink/wire/codec.ts";
import { MalformedMessageError } from "../../../src/netlink/wire/malformed.ts";
import type { Vector } from "./vector.ts";

/** Reads a message, compares it with what was expected of it, and writes the same bytes. */
export function checkVector(codec: MessageCodec<object>, { bytes }: Vector, expected: object): void {
  const message = codec.decode(bytes);
  assertObjectMatch(message, expected);
  assertEquals(hex(codec.encode(message)), hex(bytes));
}

/** Reads a message that is cut short at every byte: that gives a value or says what is wrong, and nothing else. */
export function checkTruncated(decode: (bytes: Uint8Array) => unknown, { bytes }: Vector): void {
  let malformed = 0;
  for (let length = 0; length < bytes.length; length++) {
    // A copy, so that reading on would be seen: behind a view the rest of the message lies in wait.
    if (!valueOrTypedError(() => decode(bytes.slice(0, length)))) malformed++;
  }
  assert(malformed > 0, "no cut was noticed");
}

/** True if `decode` gave a value, false if it threw the error that says what is wrong with the bytes. */
export function valueOrTypedError(decode: () => unknown): boolean {
  try {
    decode();
    return true;
  } catch (error) {
    if (error instanceof MalformedMessageError) return false;
    throw error;
  }
}

/** Bytes as text: a difference is shown where it is. */
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
