/**
 * Names of links and files that need not be UTF-8. Each byte that is not is shown as `\x` and two hexadecimal digits,
 * and that text finds the name again. A backslash that would be read as the start of such a byte is itself shown so:
 * `\x5c`.
 */

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** A byte that is not UTF-8, or a backslash: `\x80` to `\xff`, `\x5c`. */
const ESCAPED = /\\x([89a-f][0-9a-f]|5c)/g;

/** The text of a name. */
export function nameOfBytes(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes).replace(ESCAPED, "\\x5cx$1");
  } catch {
    return shownBytes(bytes);
  }
}

/** The bytes of a name, as {@linkcode nameOfBytes} shows it. */
export function bytesOfName(name: string): Uint8Array<ArrayBuffer> {
  if (!name.includes("\\x")) return encoder.encode(name);
  const bytes: number[] = [];
  let at = 0;
  for (const match of name.matchAll(ESCAPED)) {
    bytes.push(...encoder.encode(name.slice(at, match.index)), Number.parseInt(match[1] ?? "", 16));
    at = match.index + match[0].length;
  }
  return Uint8Array.of(...bytes, ...encoder.encode(name.slice(at)));
}

/** The most bytes of a character in UTF-8. */
const LONGEST = 4;

/** The text of bytes of which some are not UTF-8: the characters that there are, and the other bytes one by one. */
function shownBytes(bytes: Uint8Array): string {
  let text = "";
  let valid = 0; // where the run of characters begins
  const flush = (end: number): void => {
    if (end > valid) text += decoder.decode(bytes.subarray(valid, end)).replace(ESCAPED, "\\x5cx$1");
  };
  for (let at = 0; at < bytes.length;) {
    const length = characterLength(bytes, at);
    if (length === 0) {
      flush(at);
      text += `\\x${(bytes[at] ?? 0).toString(16)}`;
      valid = at + 1;
    }
    at += length || 1;
  }
  flush(bytes.length);
  return text;
}

/** How many bytes the character at `at` has; 0 if there is none. */
function characterLength(bytes: Uint8Array, at: number): number {
  for (let length = 1; length <= LONGEST && at + length <= bytes.length; length++) {
    try {
      decoder.decode(bytes.subarray(at, at + length));
      return length;
    } catch {
      // another byte may make it a character
    }
  }
  return 0;
}
