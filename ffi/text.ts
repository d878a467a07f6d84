/** Text for C and from C, and for terminals. */
import { memoize } from "./memoize.ts";
import { bytesOfName } from "./raw_names.ts";

/** The most bytes that UTF-8 takes for a unit of UTF-16. */
const MOST_BYTES_PER_UNIT = 3;

const encoder = new TextEncoder();

/**
 * `text` as a C string in UTF-8.
 *
 * @throws {TypeError} It contains a NUL, at which C would end it.
 */
export function cstring(text: string): Uint8Array<ArrayBuffer> {
  checkText(text);
  const bytes = new Uint8Array(text.length + 1);
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit === 0 || unit > 0x7f) return encoded(text);
    bytes[i] = unit; // nearly all text is ASCII, for which this is faster than an encoder
  }
  return bytes;
}

/**
 * A path as a C string: its names may have bytes that are not UTF-8, as {@linkcode nameOfBytes} shows them.
 *
 * @throws {TypeError} It contains a NUL, at which C would end it.
 */
export function cpath(path: string): Uint8Array<ArrayBuffer> {
  checkText(path);
  if (!path.includes("\\x") || path.includes("\0")) return cstring(path);
  return Uint8Array.of(...bytesOfName(path), 0);
}

/** {@linkcode cpath} for paths that come again and again. C must not write to the result. */
export const keptCpath: (path: string) => Uint8Array<ArrayBuffer> = memoize(cpath);

/** Untyped code may give anything. */
function checkText(text: unknown): void {
  if (typeof text !== "string") {
    throw new TypeError(`Cannot pass a value of type ${typeof text} as text to the kernel: expected text without NUL`);
  }
}

function encoded(text: string): Uint8Array<ArrayBuffer> {
  if (text.includes("\0")) {
    throw new TypeError(`Cannot pass ${printable(text)} to the kernel: expected text without NUL`);
  }
  const bytes = new Uint8Array(text.length * MOST_BYTES_PER_UNIT + 1);
  const { written } = encoder.encodeInto(text, bytes);
  return bytes.subarray(0, written + 1);
}

/** How many bytes `text` has in UTF-8. For ASCII, which nearly all text is, the check is faster than an encoder. */
export function utf8Length(text: string): number {
  return /^[\0-\x7f]*$/.test(text) ? text.length : encoder.encode(text).length;
}

/** `text` for a terminal: unchanged if every character is visible, otherwise {@linkcode quoted}. */
export function printable(text: string): string {
  return text === "" || text !== text.trim() || /[\p{C}\u2028\u2029"]/u.test(text) ? quoted(text) : text;
}

/**
 * `text` between quotation marks, with control characters, line ends and bidirectional controls escaped: no name can
 * end a line, forge one, or control the terminal.
 */
export function quoted(text: string): string {
  return visible(JSON.stringify(text));
}

/** `text` escaped as {@linkcode quoted} does, without quotation marks: for text that contains other text. */
export function visible(text: string): string {
  return text.replace(
    /[\p{C}\u2028\u2029]/gu,
    (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
}
