/** The rules of a namespace, as items of the file. */
import { AF_INET } from "../../../ffi/mod.ts";
import { defined } from "../../collections.ts";
import { RT_TABLE_LOCAL, RT_TABLE_MAIN, RTPROT_KERNEL } from "../../netlink/constants/route.ts";
import type { RuleInput } from "../../models/rule.ts";
import type { Rule } from "../../netlink/rule/types.ts";
import { isDescribedRule } from "../plan/rules.ts";
import type { Omissions } from "./omissions.ts";
import type { ShownNamespace } from "./shown_namespace.ts";

/** RT_TABLE_DEFAULT of linux/rtnetlink.h */
const RT_TABLE_DEFAULT = 253;
/** The rules that each namespace has of each IP version: the priority of each, and the table that it looks up. */
const INITIAL: readonly (readonly [priority: number, table: number, family: "both" | "IPV4"])[] = [
  [0, RT_TABLE_LOCAL, "both"],
  [32_766, RT_TABLE_MAIN, "both"],
  [32_767, RT_TABLE_DEFAULT, "IPV4"],
];
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
  return rules.filter((rule) => !isInitial(rule)).flatMap((rule): RuleInput[] => {
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
  const { src, dst, fwmark, iif, oif, uidrange, table, priority, action } = rule;
  const item: RuleInput = defined({
    name,
    namespace,
    ipFamily,
    from: src,
    to: dst,
    fwMark: fwmark || undefined,
    iif,
    oif,
    uidRange: uidrange?.join("-"),
    table: action === "lookup" ? table : undefined,
    priority,
    action: ACTIONS.get(action),
  });
  return isDescribedRule(rule, item) ? item : undefined;
}

/** A rule that each namespace has, or that the kernel makes for VRFs. */
function isInitial(rule: Rule): boolean {
  const { priority, table, action, protocol, l3mdev, src, dst, iif, oif, fwmark, uidrange } = rule;
  if (protocol === RTPROT_KERNEL && l3mdev) return true;
  return action === "lookup" && [src, dst, iif, oif, fwmark || undefined, uidrange].every((one) => one === undefined) &&
    INITIAL.some(([at, of]) => priority === at && table === of);
}

/** Reports rules that each namespace has and this one has not. */
function reportMissing(label: string, rules: readonly Rule[], omissions: Omissions): void {
  for (const family of ["IPV4", "IPV6"] as const) {
    const own = rules.filter((rule) => (rule.family === AF_INET ? "IPV4" : "IPV6") === family && isInitial(rule));
    if (own.length === 0) continue; // the kernel lacks this version
    for (const [priority, , of] of INITIAL) {
      if ((of === "both" || of === family) && !own.some((rule) => rule.priority === priority)) {
        omissions.add(`the rule ${priority} of ${family} in ${label}`, "a rule of every namespace that is not there");
      }
    }
  }
}
