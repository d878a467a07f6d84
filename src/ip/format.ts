/** Addresses as text. */

/** 16-bit words of an IPv6 address. */
const WORDS = 8;

/**
 * The canonical text of the 4 or 16 bytes of an address: what inet_ntop(3) writes, and so `ip`. That is RFC 5952, but
 * IPv4-mapped and IPv4-compatible addresses end in dotted decimal: `"::ffff:10.0.0.1"`, `"::0.1.0.2"`.
 *
 * Two addresses are the same exactly when their canonical texts are.
 */
export function formatAddress(bytes: ArrayLike<number>): string {
  if (bytes.length === 4) return ipv4Text(bytes, 0);
  const { start, length } = longestZeros(bytes);
  const holdsIpv4 = start === 0 && (length === 6 || length === 5 && wordAt(bytes, 5) === 0xffff);
  const hexWords = holdsIpv4 ? WORDS - 2 : WORDS;
  let text = "";
  for (let i = 0; i < hexWords;) {
    if (i === start) {
      text += "::";
      i += length;
    } else {
      if (i > 0 && i !== start + length) text += ":";
      text += wordAt(bytes, i++).toString(16);
    }
  }
  if (!holdsIpv4) return text;
  return `${text}${length === 6 ? "" : ":"}${ipv4Text(bytes, 12)}`;
}

function ipv4Text(bytes: ArrayLike<number>, at: number): string {
  return `${bytes[at]}.${bytes[at + 1]}.${bytes[at + 2]}.${bytes[at + 3]}`;
}

function wordAt(bytes: ArrayLike<number>, word: number): number {
  return (bytes[2 * word] ?? 0) << 8 | (bytes[2 * word + 1] ?? 0);
}

/** The first of the longest runs of zero words that `::` replaces; a single zero word is written out. */
function longestZeros(bytes: ArrayLike<number>): { readonly start: number; readonly length: number } {
  let [start, length] = [-1, 1];
  for (let first = 0; first < WORDS; first++) {
    let end = first;
    while (end < WORDS && wordAt(bytes, end) === 0) end++;
    if (end - first > length) [start, length] = [first, end - first];
    first = end;
  }
  return { start, length };
}
