/** The public key that belongs to a private one. */
import process from "node:process";
import { keyBytes, keyText } from "./keys.ts";

/** How PKCS #8 begins for a private key of Curve25519. See RFC 8410, 7. */
const PKCS8 = [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x6e, 0x04, 0x22, 0x04, 0x20];
const KEY_BYTES = 32;

/**
 * The public key of a private key, as `wg pubkey` prints it; undefined in a Node before 20.16.
 *
 * @throws {TypeError} It is no key; the error does not show it.
 */
export function publicKeyOf(privateKey: string): string | undefined {
  // An import would slow every start down.
  const crypto = process.getBuiltinModule?.("node:crypto");
  if (crypto === undefined) return undefined;
  const key = new Uint8Array(PKCS8.length + KEY_BYTES);
  key.set(PKCS8);
  key.set(keyBytes(privateKey, "privateKey"), PKCS8.length);
  const spki = crypto.createPublicKey(crypto.createPrivateKey({ key, format: "der", type: "pkcs8" }))
    .export({ format: "der", type: "spki" });
  return keyText(spki.subarray(-KEY_BYTES));
}
