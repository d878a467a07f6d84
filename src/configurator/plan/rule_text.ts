/** Rules in words. */
import { printable } from "../../../ffi/mod.ts";
import type { RuleFields } from "../ownership/records.ts";

const inWords = (range: readonly [number, number] | undefined): string | undefined =>
  range && (range[0] === range[1] ? `${range[0]}` : range.join("-"));

/** A rule for people: `"from 10.0.0.0/8 table 100"`. */
export function describeRule(rule: Omit<RuleFields, "priority">): string {
  const { action, table, src, dst, not, fwmark, fwmask, iif, oif, uidrange, family } = rule;
  const { ipproto, sport, dport, suppressPrefixlength } = rule;
  const parts: readonly (readonly [string, string | number | undefined])[] = [
    ["from", src ?? (dst === undefined && family === 6 ? "::/0" : undefined)],
    ["to", dst],
    ["fwmark", fwmask === undefined ? fwmark : `${fwmark}/${fwmask}`],
    ["iif", iif === undefined ? undefined : printable(iif)],
    ["oif", oif === undefined ? undefined : printable(oif)],
    ["uidrange", uidrange?.join("-")],
    ["ipproto", ipproto],
    ["sport", inWords(sport)],
    ["dport", inWords(dport)],
    ["table", table],
    ["suppress_prefixlength", suppressPrefixlength],
  ];
  const words = parts.flatMap(([word, value]) => value === undefined ? [] : [`${word} ${value}`]);
  return [...not ? ["not"] : [], ...words, ...action === "lookup" ? [] : [action]].join(" ");
}
