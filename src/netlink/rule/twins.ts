/**
 * Rules of one priority that the kernel takes for each other. RTM_DELRULE deletes the first rule that has what the
 * request says: one that asks for less, as a rule without a mark does, also fits a rule that asks for more. Whether a
 * rule is inverted and where it goes on, the kernel does not compare at all. With NLM_F_EXCL, RTM_NEWRULE takes a rule with
 * a network, a TOS or realms for one without. See rule_find and rule_exists in net/core/fib_rules.c.
 */
import type { Unknown } from "../wire/attributes.ts";
import type { Rule, RuleSpec } from "./types.ts";

/** What the kernel compares only if it is not 0. */
const ZERO_IS_ANY: ReadonlySet<string> = new Set(["table", "fwmark", "fwmask", "tos", "ipproto", "protocol"]);
/** What it compares not at all, or by which it finds the list and the priority. */
const NOT_COMPARED: ReadonlySet<string> = new Set(["goto", "not", "flags", "family", "priority"]);

/** True of a rule as a list gives it, which names that rule alone. */
export function isListed(rule: RuleSpec): rule is Rule {
  return rule.flags !== undefined && rule.family !== undefined && rule.priority !== undefined;
}

/** What there is to do to delete one rule and no twin of it. */
export interface RuleRemoval {
  /** The rules to append again, before anything is deleted: the twins and what lies among them. */
  readonly append: readonly Rule[];
  /** The rules to delete, in order; each is then the first that fits. */
  readonly remove: readonly Rule[];
}

/**
 * How to delete a rule that was listed. If an earlier rule of its priority fits too, all rules of the priority but this one
 * are appended again in their order and the old ones deleted from the first on: no packet finds a rule missing.
 *
 * @param rules The rules of its family, in the kernel's order.
 * @returns undefined if it is not among them.
 */
export function removalOf(rule: Rule, rules: readonly Rule[]): RuleRemoval | undefined {
  const ofPriority = rules.filter(({ family, priority }) => family === rule.family && priority === rule.priority);
  const at = ofPriority.findIndex((one) => sameRule(one, rule));
  const own = ofPriority[at];
  if (own === undefined) return undefined;
  const first = ofPriority.find((one) => fits(own, one));
  if (first === own) return { append: [], remove: [own] };
  return { append: ofPriority.filter((one) => one !== own), remove: ofPriority };
}

/** True if a request to delete `rule` would also delete `other`. */
function fits(rule: Rule, other: Rule): boolean {
  const there: Readonly<Record<string, unknown>> = { ...other };
  return Object.entries(rule).every(([key, value]) => {
    if (NOT_COMPARED.has(key) || value === undefined || value === false) return true;
    if (value === 0 && ZERO_IS_ANY.has(key)) return true;
    return key === "unknown" ? holds(other.unknown, rule.unknown) : textOf(value) === textOf(there[key]);
  });
}

/** True if each attribute of `wanted` is one of `has`. */
function holds(has: Unknown = [], wanted: Unknown = []): boolean {
  return wanted.every((one) => has.some((other) => textOf(one) === textOf(other)));
}

/** True if both are the same rule; flags that say which links there are change by themselves. */
export function sameRule(one: Rule, other: Rule): boolean {
  const keys = new Set([...Object.keys(one), ...Object.keys(other)]);
  const [a, b]: readonly Readonly<Record<string, unknown>>[] = [{ ...one }, { ...other }];
  return [...keys].every((key) => key === "flags" || textOf(a?.[key]) === textOf(b?.[key]));
}

function textOf(value: unknown): string | undefined {
  return JSON.stringify(value, (_, part) => typeof part === "bigint" ? `${part}` : part);
}
