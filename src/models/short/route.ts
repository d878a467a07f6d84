/** A route as text: `NAMESPACE [TYPE] DST [via GW] [dev LINK] [src A] [metric N] [table N] [onlink]`. */
import * as v from "npm:valibot@1.5.0";
import { parseIp } from "../../ip/address.ts";
import { HOST_IP_PATTERN, HOST_IPV4_PATTERN, IP_OR_PREFIX_PATTERN } from "../../ip/pattern.ts";
import { parseIpPrefix } from "../../ip/prefix.ts";
import type { Field } from "../fields.ts";
import { NAMESPACE_WORD_PATTERN } from "../namespace_pattern.ts";
import { type LinuxRoute, routeSchema } from "../route.ts";
import { namespaceWord, type Read, textItem } from "./text_item.ts";

/** The types, as `ip route` writes them. */
const TYPES: ReadonlySet<string> = new Set(["unicast", "blackhole", "unreachable", "prohibit", "throw", "local"]);

/** The field of a route in full for each keyword. */
const KEYWORDS: ReadonlyMap<string, string> = new Map([
  ["via", "gwAddr"],
  ["dev", "interface"],
  ["src", "srcIpAddr"],
  ["metric", "metric"],
  ["table", "table"],
]);

/** The words by which `ip route` marks a gateway of the other family, and what that is. */
const FAMILIES: ReadonlyMap<string, 4 | 6> = new Map([["inet", 4], ["inet6", 6]]);

const FORM = 'a route as text, "NAMESPACE [TYPE] DST [via GW] [dev LINK] [src A] [metric N] [table N] [onlink]"';

/** {@linkcode FORM} as a regular expression; a route that sends packets on has `via` or `dev`. */
const FORM_PATTERN = ((): string => {
  const address = `\\s+${HOST_IP_PATTERN}`;
  const options = [
    `via${address}`,
    `via\\s+inet\\s+${HOST_IPV4_PATTERN}`,
    `via\\s+inet6\\s+(?=\\S*:)${HOST_IP_PATTERN}`,
    `src${address}`,
    "dev\\s+\\S+",
    "(?:metric|table)\\s+\\d{1,10}",
    "onlink",
  ];
  const withoutWay = [...TYPES].filter((one) => one !== "unicast" && one !== "local").join("|");
  const type = `(?:local|(?:${withoutWay})(?![^]*\\s(?:via|dev|onlink)(?:\\s|$)))\\s+`;
  const sendsOn = "(?:unicast\\s+)?(?=[^]*\\s(?:via|dev)\\s)";
  const destination = `(?:default|${IP_OR_PREFIX_PATTERN})`;
  return `^\\s*${NAMESPACE_WORD_PATTERN}\\s+(?:${type}|${sendsOn})${destination}(?:\\s+(?:${options.join("|")}))*\\s*$`;
})();

const textRoute = textItem(FORM, readRoute, FORM_PATTERN);

/** Reads a route as text. Its name is the text. */
export const shortRoute: Field<LinuxRoute> = v.pipe(
  textRoute,
  v.rawTransform(({ dataset: { value }, addIssue, NEVER }) => {
    const result = v.safeParse(routeSchema, value);
    if (result.success) return result.output;
    for (const { message, path } of result.issues) {
      addIssue({ message: `${message}${optionAt(path?.[0]?.key, value)}`, input: value["name"] });
    }
    return NEVER;
  }),
);

/** The option of the text that became the field `key`, if one did. */
function optionAt(key: unknown, fields: Readonly<Record<string, unknown>>): string {
  const [keyword, field = ""] = [...KEYWORDS].find(([, field]) => field === key) ?? [];
  return keyword === undefined ? "" : `; ${keyword} is ${String(fields[field])}`;
}

function readRoute(words: readonly string[]): Read<Readonly<Record<string, unknown>>> {
  const [first = "", ...rest] = words;
  const namespace = namespaceWord(first);
  if ("expected" in namespace) return namespace;
  const hasType = TYPES.has(rest[0] ?? "");
  const type = hasType ? { type: rest[0]?.toUpperCase() } : {};
  const [destination = "", ...options] = hasType ? rest.slice(1) : rest;
  const dst = readDestination(destination, / via inet6( |$)/.test(` ${options.join(" ")}`));
  if ("expected" in dst) return dst;
  const fields = readOptions(options);
  if ("expected" in fields) return fields;
  const sendsOn = !hasType || rest[0] === "unicast";
  if (sendsOn && !options.includes("via") && !options.includes("dev")) {
    return { expected: "via GW or dev LINK is missing" };
  }
  const route = { name: words.join(" "), namespace: namespace.value, ...type, ...dst.value, ...fields.value };
  return { value: route };
}

/** @param isMarked The gateway is marked as one of the other family, as it is for IPv4 alone. */
function readDestination(word: string, isMarked: boolean): Read<Readonly<Record<string, unknown>>> {
  if (word === "default") return { value: isMarked ? { default: true, dstIpAddr: "0.0.0.0/0" } : { default: true } };
  if (parseIpPrefix(word) !== undefined) return { value: { dstIpAddr: word } };
  const host = parseIp(word);
  if (host === undefined) return { expected: word === "" ? "the destination is missing" : `${word} is no destination` };
  return { value: { dstIpAddr: `${host.text}/${host.family === 4 ? 32 : 128}` } };
}

function readOptions(words: readonly string[]): Read<Readonly<Record<string, unknown>>> {
  const fields: Record<string, unknown> = {};
  for (let position = 0; position < words.length; position++) {
    const word = words[position] ?? "";
    const field = word === "onlink" ? "onLink" : KEYWORDS.get(word);
    if (field === undefined) return { expected: `${word} is none of ${[...KEYWORDS.keys()].join(", ")} and onlink` };
    if (field in fields) return { expected: `${word} is there twice` };
    const family = word === "via" ? FAMILIES.get(words[position + 1] ?? "") : undefined;
    if (family !== undefined) position++;
    const value = word === "onlink" ? true : words[++position];
    if (value === undefined) return { expected: `nothing follows ${word}` };
    if (family !== undefined && parseIp(`${value}`)?.family !== family) {
      return { expected: `${value} is no address of ${words[position - 1]}` };
    }
    fields[field] = value;
  }
  return { value: fields };
}
