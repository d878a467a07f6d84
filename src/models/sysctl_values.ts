/** Values of sysctls as the kernel lists them: it takes more spellings than it writes. */
import { addressBytes } from "../ip/address.ts";

/** The value that the kernel lists after `value` was written to `key`; `value` itself where it lists what it was given. */
export function listedValue(key: string, value: string): string {
  switch (key.slice(key.lastIndexOf(".") + 1)) {
    case "ip_local_reserved_ports":
      return joinedRanges(value);
    case "stable_secret":
      return longAddress(value);
    case "tcp_fastopen_key":
      return value.split(",").map((one) => one.split("-").map((part) => part.padStart(8, "0")).join("-")).join(",");
    case "rps_default_mask":
      return value;
    default:
      return value.split(" ").map(decimal).join(" ");
  }
}

/** Ports and ranges of them that neither overlap nor touch, in order; what is none of this as it is. */
function joinedRanges(value: string): string {
  if (!/^\d{1,5}(-\d{1,5})?(,\d{1,5}(-\d{1,5})?)*$/.test(value)) return value;
  const ranges = value.split(",").map((one) => one.split("-").map(Number))
    .map(([first = 0, last = first]) => ({ first, last }))
    .sort((a, b) => a.first - b.first);
  const joined: { readonly first: number; last: number }[] = [];
  for (const { first, last } of ranges) {
    if (last < first) return value;
    const before = joined.at(-1);
    if (before !== undefined && first <= before.last + 1) before.last = Math.max(before.last, last);
    else joined.push({ first, last });
  }
  return joined.map(({ first, last }) => first === last ? `${first}` : `${first}-${last}`).join(",");
}

/** An IPv6 address with all of its digits; what is none as it is. */
function longAddress(value: string): string {
  const bytes = addressBytes(value);
  if (bytes?.length !== 16) return value;
  return bytes.map((byte, i) => (i > 0 && i % 2 === 0 ? ":" : "") + byte.toString(16).padStart(2, "0")).join("");
}

/** A number that is written in base 16 or 8, as C has them, in base 10; anything else as it is. */
function decimal(value: string): string {
  const [, sign, hex, octal] = /^(-?)(?:0[xX]([0-9a-fA-F]{1,16})|0([0-7]{1,21}))$/.exec(value) ?? [];
  if (sign === undefined) return value;
  const number = BigInt(hex === undefined ? `0o${octal}` : `0x${hex}`);
  return number === 0n ? "0" : `${sign}${number}`;
}
