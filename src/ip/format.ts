/** How addresses are written. */

/** Words of an IPv6 address. */
const WORDS = 8;

/**
 * The text of the 4 or 16 bytes of an address as inet_ntop(3) gives it, and so `ip`: RFC 5952, but for the addresses
 * that hold one of IPv4 in their last four bytes, which is written as such (`"::ffff:10.0.0.1"`, `"::10.0.0.1"`).
 */
export function formatAddress(bytes: ArrayLike<number>): string {
  if (bytes.length === 4) return `${bytes[0]}.${bytes[1]}.${bytes[2]}.${bytes[3]}`;
  const words = Array.from({ length: WORDS }, (_, i) => (bytes[2 * i] ?? 0) << 8 | (bytes[2 * i + 1] ?? 0));
  const { start, length } = longestZeros(words);
  const embedded = start === 0 && (length === 6 || length === 5 && words[5] === 0xffff);
  const shown = words.map((word) => word.toString(16));
  if (embedded) shown.splice(WORDS - 2, 2, [bytes[12], bytes[13], bytes[14], bytes[15]].join("."));
  if (length < 2) return shown.join(":"); // a single zero is not left out
  return `${shown.slice(0, start).join(":")}::${shown.slice(start + length).join(":")}`;
}

/** The longest run of zeros, the first of equal ones. */
function longestZeros(words: readonly number[]): { readonly start: number; readonly length: number } {
  let best = { start: 0, length: 0 };
  for (let start = 0; start < words.length; start++) {
    let end = start;
    while (words[end] === 0) end++;
    if (end - start > best.length) best = { start, length: end - start };
  }
  return best;
}
