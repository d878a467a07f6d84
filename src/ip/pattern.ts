/** Regular expressions of what {@linkcode parseIp} and {@linkcode parseIpPrefix} read, for JSON Schema. */

const BYTE = "(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
const WORD = "[0-9a-fA-F]{1,4}";
const MOST_WORDS = 7; // beside "::", which stands for one word at least

/** An IPv4 address. */
export const IPV4_PATTERN: string = `${BYTE}(?:\\.${BYTE}){3}`;

const LAST_TWO = `(?:${WORD}:${WORD}|${IPV4_PATTERN})`;
/** `count` words behind `::`, with at most as many before it as there is room for. */
const withGap = (count: number): string => {
  const before = MOST_WORDS - count;
  const left = before === 0 ? "" : `(?:${WORD}(?::${WORD}){0,${before - 1}})?`;
  return `${left}::${count < 2 ? count === 0 ? "" : WORD : `(?:${WORD}:){${count - 2}}${LAST_TWO}`}`;
};

/** An IPv6 address, without a zone. */
export const IPV6_PATTERN: string = `(?:${
  [`(?:${WORD}:){6}${LAST_TWO}`, ...Array.from({ length: MOST_WORDS + 1 }, (_, count) => withGap(MOST_WORDS - count))]
    .join("|")
})`;

const LENGTH_4 = "/(?:3[0-2]|[12]\\d|\\d)";
const LENGTH_6 = "/(?:12[0-8]|1[01]\\d|[1-9]\\d|\\d)";

/** Not an address of a group, and not all zeros. */
const IS_HOST = "(?![0:.]+(?:[^0-9a-fA-F:.]|$))(?!2(?:2[4-9]|3\\d)\\.)(?![fF]{2}[0-9a-fA-F]{2}:)";

/** The address of a host. */
export const HOST_IP_PATTERN: string = `${IS_HOST}(?:${IPV4_PATTERN}|${IPV6_PATTERN})`;
/** The IPv4 address of a host. */
export const HOST_IPV4_PATTERN: string = `${IS_HOST}${IPV4_PATTERN}`;
/** An address of either family with the length of its prefix. */
export const IP_PREFIX_PATTERN: string = `(?:${IPV4_PATTERN}${LENGTH_4}|${IPV6_PATTERN}${LENGTH_6})`;
/** The address of a host with the length of its prefix. */
export const LINK_IP_PATTERN: string = `${IS_HOST}${IP_PREFIX_PATTERN}`;
/** An address of either family, with the length of a prefix or without. */
export const IP_OR_PREFIX_PATTERN: string = `(?:${IPV4_PATTERN}(?:${LENGTH_4})?|${IPV6_PATTERN}(?:${LENGTH_6})?)`;
