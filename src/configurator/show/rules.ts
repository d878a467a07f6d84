/** The rules of a namespace, as items of the file. */
import { AF_INET } from "../../../ffi/mod.ts";
import { defined } from "../../collections.ts";
import { INITIAL_RULES, isInitialRule } from "../observed/initial_rules.ts";
import type { RuleInput } from "../../models/rule.ts";
import type { Rule } from "../../netlink/rule/types.ts";
import { isDescribedRule, protocolName, WHOLE_MARK } from "../plan/rules.ts";
import type { Omissions } from "./omissions.ts";
import type { ShownNamespace } from "./shown_namespace.ts";

const ACTIONS: ReadonlyMap<unknown, RuleInput["action"]> = new Map([
  ["lookup", undefined],
  ["blackhole", "BLACKHOLE"],
  ["unreachable", "UNREACHABLE"],
  ["prohibit", "PROHIBIT"],
]);

/** The rules that somebody made. */
export function shownRules({ namespace, rules }: ShownNamespace, omissions: Omissions): RuleInput[] {
  reportMissing(namespace.label, rules, omissions);
  const names = new Set<string>();
  return rules.filter((rule) => !isInitialRule(rule)).flatMap((rule): RuleInput[] => {
    const family = rule.family === AF_INET ? "IPV4" : "IPV6";
    const name = `${namespace.reference} ${family} ${rule.priority}`;
    const item = itemOf(rule, name, namespace.reference, family);
    if (item === undefined) {
      omissions.add(`the rule ${rule.priority} of ${family} in ${namespace.label}`, "a file cannot say all of it");
      return [];
    }
    let [own, number] = [name, 2];
    while (names.has(own)) own = `${name} ${number++}`;
    names.add(own);
    return [{ ...item, name: own }];
  });
}

function itemOf(rule: Rule, name: string, namespace: string, ipFamily: "IPV4" | "IPV6"): RuleInput | undefined {
  const { src, dst, fwmark, fwmask, iif, oif, uidrange, table, priority, action } = rule;
  const { ipproto, sport, dport, suppressPrefixlength } = rule;
  const item: RuleInput = defined({
    name,
    namespace,
    ipFamily,
    from: src,
    to: dst,
    not: rule.not || undefined,
    fwMark: fwmark || undefined,
    fwMask: fwmark && fwmask !== WHOLE_MARK ? fwmask : undefined,
    iif,
    oif,
    uidRange: uidrange?.join("-"),
    protocol: protocolName(ipproto),
    sourcePort: portsOf(sport),
    destinationPort: portsOf(dport),
    suppressPrefixlength,
    table: action === "lookup" ? table : undefined,
    priority,
    action: ACTIONS.get(action),
  });
  return isDescribedRule(rule, item) ? item : undefined;
}

function portsOf(range: Rule["sport"]): RuleInput["sourcePort"] {
  if (range === undefined) return undefined;
  const [first, last] = range;
  return first === last ? first : `${first}-${last}`;
}

/** Reports rules that each namespace has and this one has not. */
function reportMissing(label: string, rules: readonly Rule[], omissions: Omissions): void {
  for (const family of ["IPV4", "IPV6"] as const) {
    const own = rules.filter((rule) => (rule.family === AF_INET ? "IPV4" : "IPV6") === family && isInitialRule(rule));
    if (own.length === 0) continue; // the kernel lacks this version
    for (const [priority, , of] of INITIAL_RULES) {
      if ((of === "both" || of === family) && !own.some((rule) => rule.priority === priority)) {
        omissions.add(`the rule ${priority} of ${family} in ${label}`, "a rule of every namespace that is not there");
      }
    }
  }
}
