/** IP addresses: the only parser of their text. */
import { formatAddress } from "./format.ts";

/** An IP address. */
export interface IpAddress {
  /** The version of the protocol. */
  readonly family: 4 | 6;
  /** 4 or 16 bytes, in network order. */
  readonly bytes: readonly number[];
  /** The canonical text, as {@linkcode formatAddress} writes it. */
  readonly text: string;
}

const [ZERO, NINE, DOT, COLON] = [0x30, 0x39, 0x2e, 0x3a];
const IPV6_LENGTH = 16;

/**
 * Reads an address: four decimal numbers, or RFC 4291 without a zone. Strict as inet_pton(3): octal, hexadecimal and
 * shortened IPv4 forms are refused, since tools disagree on what they mean.
 */
export function parseIp(text: string): IpAddress | undefined {
  const bytes = addressBytes(text);
  if (bytes === undefined) return undefined;
  return bytes.length === 4
    ? { family: 4, bytes, text } // strict dotted decimal has one form
    : ipAddress(bytes);
}

/** The address with these 4 or 16 bytes. */
export function ipAddress(bytes: readonly number[]): IpAddress {
  return { family: bytes.length === 4 ? 4 : 6, bytes, text: formatAddress(bytes) };
}

/** The 4 or 16 bytes of an address, as {@linkcode parseIp} reads it. */
export function addressBytes(text: string): readonly number[] | undefined {
  return familyOf(text) === 4 ? ipv4Bytes(text, 0) : ipv6Bytes(text);
}

/** The family of a text that is an address or a prefix. */
export function familyOf(text: string): 4 | 6 {
  return text.includes(":") ? 6 : 4;
}

/** Four decimal numbers from `start` to the end of `text`. A file can have ten thousands, so no text is cut out. */
function ipv4Bytes(text: string, start: number): number[] | undefined {
  const bytes: number[] = [];
  let byte: number | undefined;
  for (let i = start; i < text.length; i++) {
    const char = text.charCodeAt(i);
    if (char >= ZERO && char <= NINE) {
      if (byte === 0) return undefined; // inet_aton(3) reads "010" as octal
      byte = (byte ?? 0) * 10 + char - ZERO;
      if (byte > 255) return undefined;
    } else if (char === DOT && byte !== undefined && bytes.length < 3) {
      bytes.push(byte);
      byte = undefined;
    } else return undefined;
  }
  if (byte === undefined || bytes.length !== 3) return undefined;
  bytes.push(byte);
  return bytes;
}

/** Words of one to four hexadecimal digits, `::` once for one zero word or more, dotted decimal for the last two words. */
function ipv6Bytes(text: string): number[] | undefined {
  const bytes: number[] = [];
  let gap = -1; // the bytes before "::"
  let at = 0;
  if (text.startsWith("::")) {
    gap = 0;
    at = 2;
  }
  while (at < text.length) {
    const start = at;
    let word = 0;
    for (let digit = hexDigit(text, at); digit >= 0; digit = hexDigit(text, ++at)) word = word << 4 | digit;
    if (text.charCodeAt(at) === DOT) {
      const last = ipv4Bytes(text, start);
      if (last === undefined) return undefined;
      bytes.push(...last);
      break;
    }
    if (at === start || at > start + 4) return undefined;
    bytes.push(word >> 8, word & 0xff);
    if (at === text.length) break;
    if (text.charCodeAt(at++) !== COLON || at === text.length) return undefined;
    if (text.charCodeAt(at) === COLON) {
      if (gap >= 0) return undefined;
      gap = bytes.length;
      at++;
    }
  }
  const missing = IPV6_LENGTH - bytes.length;
  if (gap < 0) return missing === 0 ? bytes : undefined;
  if (missing < 2) return undefined;
  const whole = new Array<number>(IPV6_LENGTH).fill(0);
  bytes.forEach((byte, i) => whole[i < gap ? i : i + missing] = byte);
  return whole;
}

/** The value of the hexadecimal digit at `at`, or -1. */
function hexDigit(text: string, at: number): number {
  const char = text.charCodeAt(at);
  if (char >= ZERO && char <= NINE) return char - ZERO;
  const letter = char | 0x20; // lower case
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}
