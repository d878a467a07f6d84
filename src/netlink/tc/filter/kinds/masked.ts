/** Values with masks, as flower compares them. See tc-flower(8). */
import { shown } from "../../../../errors.ts";
import { ipBytes, ipPrefixOf } from "../../../wire/ip.ts";
import { formatAddress } from "../../../../ip/format.ts";
import { ethernet } from "../../../wire/mac.ts";

/** A value and the bits of it that count. */
export interface Masked {
  readonly value: Uint8Array<ArrayBuffer>;
  readonly mask: Uint8Array<ArrayBuffer>;
}

/**
 * An address with a prefix length (`"10.0.0.0/8"`), a mask (`"10.0.0.1/255.0.0.255"`) or neither.
 *
 * @throws {TypeError} It is none.
 */
export function maskedIp(text: string): Masked {
  const [address = "", mask = ""] = typeof text === "string" ? text.split("/", 2) : [];
  if (mask.includes(".") || mask.includes(":")) {
    const [value, bits] = [Uint8Array.from(ipBytes(address)), Uint8Array.from(ipBytes(mask))];
    if (value.length === bits.length) return { value, mask: bits };
    throw new TypeError(`Cannot use ${shown(text)} as an address with a mask: expected both of one family`);
  }
  const { address: parsed, length } = ipPrefixOf(text);
  const value = Uint8Array.from(ipBytes(parsed.text));
  return { value, mask: prefixMask(length, value.length) };
}

/** The text of an address with its mask: the whole of it needs none. */
export function formatMaskedIp({ value, mask }: Masked): string {
  const address = formatAddress(value);
  const length = prefixOf(mask);
  if (length === undefined) return `${address}/${formatAddress(mask)}`;
  return length === 8 * mask.length ? address : `${address}/${length}`;
}

/**
 * A link-layer address, with or without a mask: `"02:00:00:00:00:01/ff:ff:ff:00:00:00"`.
 *
 * @throws {TypeError} It is none.
 */
export function maskedMac(text: string): Masked {
  const [address = "", mask = "ff:ff:ff:ff:ff:ff"] = typeof text === "string" ? text.split("/", 2) : [];
  return { value: macBytes(address), mask: macBytes(mask) };
}

/** The text of a link-layer address with its mask: the whole of it needs none. */
export function formatMaskedMac({ value, mask }: Masked): string {
  return mask.every((byte) => byte === 0xff) ? formatMac(value) : `${formatMac(value)}/${formatMac(mask)}`;
}

function macBytes(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(ethernet(text).split(":"), (byte) => Number.parseInt(byte, 16));
}

function formatMac(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(":");
}

function prefixMask(length: number, size: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: size }, (_, i) => 0xff00 >> Math.min(8, Math.max(0, length - 8 * i)) & 0xff);
}

function prefixOf(mask: Uint8Array): number | undefined {
  const length = mask.reduce((sum, byte) => sum + byte.toString(2).replaceAll("0", "").length, 0);
  return prefixMask(length, mask.length).every((byte, i) => byte === mask[i]) ? length : undefined;
}
