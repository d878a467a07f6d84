/** IP addresses in messages. */
import { AF_INET, AF_INET6 } from "../../../ffi/mod.ts";
import { shown } from "../../errors.ts";
import { addressBytes, familyOf } from "../../ip/address.ts";
import { formatAddress } from "../../ip/format.ts";
import { type IpPrefix, parseIpOrPrefix } from "../../ip/prefix.ts";
import type { Codec } from "./codec.ts";
import { MalformedMessageError } from "./malformed.ts";
import { octets } from "./bytes.ts";

/** An IPv4 or IPv6 address as text; its length says which. */
export const ip: Codec<string> = {
  write: (out, value) => octets.write(out, ipBytes(value)),
  read: (input) => {
    const at = input.offset;
    const bytes = input.rest();
    if (bytes.length === 4 || bytes.length === 16) return formatAddress(bytes);
    throw new MalformedMessageError(`an address of ${bytes.length} bytes`, at);
  },
};

/**
 * The 4 or 16 bytes of an address.
 *
 * @throws {TypeError} It is not an address.
 */
export function ipBytes(value: string): readonly number[] {
  const bytes = typeof value === "string" ? addressBytes(value) : undefined; // untyped code may give anything
  if (bytes !== undefined) return bytes;
  throw new TypeError(`Cannot use ${shown(value)} as an address: expected IPv4 or IPv6`);
}

/**
 * Reads an address with the length of its prefix; an address alone is one host (/32, /128).
 *
 * @throws {TypeError} It is neither.
 */
export function ipPrefixOf(value: string): IpPrefix {
  if (typeof value !== "string") throw new TypeError(`Cannot use ${shown(value)} as a prefix: expected text`);
  const prefix = parseIpOrPrefix(value);
  if (prefix !== undefined) return prefix;
  const most = familyOf(value) === 4 ? 32 : 128;
  throw new TypeError(`Cannot use ${shown(value)} as a prefix: expected an address, "/" and 0 to ${most}`);
}

/**
 * AF_INET or AF_INET6, for the text of an address.
 *
 * @throws {TypeError} It is no text.
 */
export function afOf(address: string): number {
  if (typeof address !== "string") throw new TypeError(`Cannot use ${shown(address)} as an address: expected text`);
  return familyOf(address) === 4 ? AF_INET : AF_INET6;
}

/**
 * True of a message about IPv4 or IPv6, by its first byte. Dumps of all families also hold MPLS and MCTP, whose
 * addresses have other lengths.
 */
export function isIpFamily(body: Uint8Array): boolean {
  return body[0] === AF_INET || body[0] === AF_INET6;
}
