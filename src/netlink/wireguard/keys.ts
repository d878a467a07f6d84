/** The keys of WireGuard: 32 bytes, as text in base64 as `wg` prints them. No error has one in its text. */
import type { Codec } from "../wire/codec.ts";
import { MalformedMessageError } from "../wire/malformed.ts";

/** WG_KEY_LEN */
export const KEY_BYTES = 32;
/** 32 bytes in base64: the last digit but the padding has two bits that are zero. */
const KEY = /^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/;

/**
 * The bytes of a key.
 *
 * @param name What an error calls it: `"privateKey"`.
 * @throws {TypeError} It is no key; the error does not show it.
 */
export function keyBytes(key: string, name: string): Uint8Array<ArrayBuffer> {
  if (typeof key !== "string" || !KEY.test(key)) { // untyped code may give anything
    throw new TypeError(`Cannot use what was given as ${name}: expected 44 digits of base64, as wg genkey prints them`);
  }
  return Uint8Array.from(atob(key), (character) => character.charCodeAt(0));
}

/** A private key as the kernel keeps it: without the bits of which Curve25519 makes no use. See RFC 7748, 5. */
export function clampedKey(key: string): string {
  const bytes = keyBytes(key, "privateKey");
  bytes[0] = (bytes[0] ?? 0) & 0xf8;
  bytes[KEY_BYTES - 1] = (bytes[KEY_BYTES - 1] ?? 0) & 0x7f | 0x40;
  return keyText(bytes);
}

/** The text of a key. */
export function keyText(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}

/** A key as text. */
export const key: Codec<string> = {
  write: (out, value, name = "a key") => out.append(keyBytes(value, name)),
  read: (input) => {
    const at = input.offset;
    const bytes = input.rest();
    if (bytes.length !== KEY_BYTES) throw new MalformedMessageError(`a key of ${bytes.length} bytes`, at);
    return keyText(bytes);
  },
};

/** The key that means none: all bytes are zero. */
export const NO_KEY: string = keyText(new Uint8Array(KEY_BYTES));
