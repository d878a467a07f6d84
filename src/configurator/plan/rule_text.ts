/** Rules in words. */
import { printable } from "../../../ffi/mod.ts";
import type { RuleFields } from "../ownership/records.ts";

/** A rule for people: `"from 10.0.0.0/8 table 100"`. */
export function describeRule(rule: Omit<RuleFields, "priority">): string {
  const { action, table, src, dst, fwmark, iif, oif, uidrange, family } = rule;
  const parts: readonly (readonly [string, string | number | undefined])[] = [
    ["from", src ?? (dst === undefined && family === 6 ? "::/0" : undefined)],
    ["to", dst],
    ["fwmark", fwmark],
    ["iif", iif === undefined ? undefined : printable(iif)],
    ["oif", oif === undefined ? undefined : printable(oif)],
    ["uidrange", uidrange?.join("-")],
    ["table", table],
  ];
  const words = parts.flatMap(([word, value]) => value === undefined ? [] : [`${word} ${value}`]);
  return [...words, ...action === "lookup" ? [] : [action]].join(" ");
}
