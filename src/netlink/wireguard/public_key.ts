/** The public key that belongs to a private one. */
import { Buffer } from "node:buffer";
import process from "node:process";
import { KEY_BYTES, keyBytes, keyText } from "./keys.ts";

/** How PKCS #8 begins for a private key of Curve25519. See RFC 8410, 7. */
const PKCS8 = Uint8Array.of(0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x6e, 4, 0x22, 4, 0x20);

/**
 * The public key of a private key, as `wg pubkey` prints it; undefined in a Node before 20.16.
 *
 * @throws {TypeError} It is no key; the error does not show it.
 */
export function publicKeyOf(privateKey: string): string | undefined {
  // An import would slow every start down.
  const crypto = process.getBuiltinModule?.("node:crypto");
  if (crypto === undefined) return undefined;
  const key = Buffer.concat([PKCS8, keyBytes(privateKey, "privateKey")]);
  const spki = crypto.createPublicKey(crypto.createPrivateKey({ key, format: "der", type: "pkcs8" }))
    .export({ format: "der", type: "spki" });
  return keyText(spki.subarray(-KEY_BYTES));
}
