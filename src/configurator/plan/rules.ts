/** Rules: what the file describes against what exists. */
import * as v from "npm:valibot@1.5.0";
import { defined } from "../../collections.ts";
import { printable } from "../../../ffi/mod.ts";
import {
  effectiveRule,
  type LinuxRule,
  type RuleInput,
  type RuleProtocol,
  ruleSchema,
  withHostNames,
} from "../../models/rule.ts";
import { namespaceOfItem } from "../../models/references.ts";
import { RTPROT_NETNS } from "../../netlink/constants/route.ts";
import type { RuleAction } from "../../netlink/constants/rule.ts";
import type { Rule } from "../../netlink/rule/types.ts";
import { isAvailable, type ObservedNamespace } from "../observed/observed_namespace.ts";
import { type RuleFields, ruleKey, type RuleRecord } from "../ownership/records.ts";
import { ownedByOther } from "../ownership/refusal.ts";
import { ruleItem } from "../report.ts";
import { NamespaceSets } from "./effects.ts";
import type { PlanBuilder } from "./plan_builder.ts";
import { describeRule } from "./rule_text.ts";

/** The actions of the file, as the kernel names them. */
const ACTIONS = {
  BLACKHOLE: "blackhole",
  UNREACHABLE: "unreachable",
  PROHIBIT: "prohibit",
} as const satisfies Readonly<
  Record<NonNullable<LinuxRule["action"]>, RuleAction>
>;
/** The protocols of the file, and their numbers, IPPROTO_…: see protocols(5). */
const PROTOCOLS: readonly (readonly [RuleProtocol, number])[] = [
  ["tcp", 6],
  ["udp", 17],
  ["sctp", 132],
  ["icmp", 1],
  ["icmpv6", 58],
];
/** All bits of a mark: what the kernel lists where no mask was given. */
export const WHOLE_MARK = 0xffffffff;
/** The priority of the first of the kernel's own rules that looks the main table up. */
const MAIN_PRIORITY = 32_766;

/** What the rules of a file that are planned already have taken in each namespace. */
interface Taken {
  /** Rules that are there, each for one item. */
  readonly rules: NamespaceSets<Rule>;
  /** The priorities of those that are to be made, by family. */
  readonly priorities: Readonly<Record<4 | 6, Map<ObservedNamespace, Set<number>>>>;
}

/**
 * Plans every rule of the file. Those with a priority come first: one without may be any of the rules that ask for the same,
 * and would take the one that another item describes.
 */
export function planRules(builder: PlanBuilder): void {
  const taken: Taken = { rules: new NamespaceSets(), priorities: { 4: new Map(), 6: new Map() } };
  const hasNone = ({ priority }: LinuxRule): number => Number(priority === undefined);
  for (const model of [...builder.input.config.rules ?? []].sort((a, b) => hasNone(a) - hasNone(b))) {
    const item = ruleItem(model.name);
    const namespace = builder.input.namespaceOf(namespaceOfItem(model));
    if (!isAvailable(namespace)) {
      builder.cannotEnter(item, namespace);
      continue;
    }
    builder.need(namespace, item);
    planRule(builder, item, namespace, withHostNames(model, builder.descriptions.index), taken);
  }
}

function planRule(
  builder: PlanBuilder,
  item: string,
  namespace: ObservedNamespace,
  model: LinuxRule,
  taken: Taken,
): void {
  const { claims } = builder.input;
  const wanted = ruleFields(model);
  const there = namespace.rules(wanted.family).filter((rule) => (
    isAsDescribed(rule, wanted) && !taken.rules.has(namespace, rule)
  ));
  const other = there.map((rule) => claims.others.ownerOfRule(namespace, ruleFieldsOf(rule))).find((one) =>
    one !== undefined
  );
  if (other !== undefined) {
    return builder.fail(item, ownedByOther(`the rule ${describeRule(wanted)} in ${printable(namespace.label)}`, other));
  }
  const claimed = there.flatMap((rule) => {
    const record = claims.ruleRecord(namespace, ruleFieldsOf(rule));
    return record === undefined || builder.isKept(record) ? [] : [{ rule, record }];
  });
  const own = claimed.find(({ record }) => record.item === item) ?? claimed[0];
  const found = own?.rule ?? there[0];
  if (found !== undefined) taken.rules.add(namespace, found);
  if (own !== undefined) return builder.keep(own.record, { ...own.record, item });
  if (found !== undefined) {
    return builder.match({ kind: "rule", item, namespace: namespace.cookie ?? "0", rule: ruleFieldsOf(found) });
  }
  const rule = { ...wanted, priority: wanted.priority ?? freePriority(namespace, wanted.family, taken.priorities) };
  takenIn(taken.priorities, namespace, wanted.family).add(rule.priority);
  const former = claims.ruleRecord(namespace, rule);
  if (former !== undefined) builder.keep(former); // what is made takes its place
  const makes = (): RuleRecord => ({ kind: "rule", item, namespace: namespace.cookie ?? "0", rule });
  builder.add("configure", item, { kind: "add-rule", namespace, rule }, { makes });
}

/** Plans that rules go which this configuration made and no longer describes. */
export function removeRules(builder: PlanBuilder): void {
  const { claims } = builder.input;
  for (const record of claims.records) {
    if (record.kind !== "rule" || !builder.goes(record)) continue;
    const namespace = claims.namespace(record.namespace);
    const { rule, item } = record;
    if (namespace === undefined || !isRuleThere(namespace, record)) continue;
    builder.add("delete-entries", item, { kind: "delete-rule", namespace, rule }, { drops: record });
  }
}

/** True if the rule of a record is there, with the mark of this program. */
function isRuleThere(namespace: ObservedNamespace, { rule }: RuleRecord): boolean {
  return namespace.rules(rule.family).some((one) => one.protocol === RTPROT_NETNS && isAsDescribed(one, rule));
}

/** The rule as it is requested: one {@linkcode withHostNames}. */
export function ruleFields(model: LinuxRule): Omit<RuleFields, "priority"> & { readonly priority?: number } {
  const { ipFamily, from, to, not, fwMark, fwMask, iif, oif, uidRange, table, priority, action } = effectiveRule(model);
  const { protocol, sourcePort, destinationPort, suppressPrefixlength } = model;
  return defined({
    family: ipFamily === "IPV4" ? 4 : 6,
    priority,
    action: action === undefined ? "lookup" : ACTIONS[action],
    table,
    src: from,
    dst: to,
    not,
    fwmark: fwMark,
    fwmask: fwMask,
    iif,
    oif,
    uidrange: rangeOf(uidRange),
    ipproto: PROTOCOLS.find(([name]) => name === protocol)?.[1],
    sport: rangeOf(sourcePort),
    dport: rangeOf(destinationPort),
    suppressPrefixlength,
  });
}

/** How the file names a protocol; undefined if it does not. */
export const protocolName = (ipproto: number | undefined): RuleProtocol | undefined =>
  PROTOCOLS.find(([, number]) => number === ipproto)?.[0];

/** The first and the last of a range, such as `"8000-8010"`; of one number, that twice. */
function rangeOf(range: number | string | undefined): readonly [number, number] | undefined {
  if (range === undefined) return undefined;
  const [first = 0, last = first] = `${range}`.split("-").map(Number);
  return [first, last];
}

/** The fields by which a rule that exists is compared. */
export function ruleFieldsOf(
  { priority, action, table, src, dst, fwmark, fwmask, iif, oif, uidrange, ...rule }: Rule,
): RuleFields {
  const { ipproto, sport, dport, suppressPrefixlength } = rule;
  const family = rule.family === 2 ? 4 : 6;
  const known = ([...Object.values(ACTIONS), "lookup"] as const).find((one) => one === action) ?? "lookup";
  const looks = known === "lookup";
  return defined({
    family,
    priority,
    action: known,
    table: looks ? table : undefined,
    src,
    dst,
    not: rule.not || undefined,
    fwmark,
    fwmask: fwmark && fwmask !== WHOLE_MARK ? fwmask : undefined,
    iif,
    oif,
    uidrange,
    ipproto,
    sport,
    dport,
    suppressPrefixlength,
  });
}

/** True if the file's `item` says all of a rule that exists. */
export function isDescribedRule(rule: Rule, item: RuleInput): boolean {
  const result = v.safeParse(ruleSchema, item);
  return result.success && isAsDescribed(rule, ruleFields(result.output));
}

/** True if a rule asks for exactly this, and nothing else. */
function isAsDescribed(rule: Rule, wanted: Omit<RuleFields, "priority"> & { readonly priority?: number }): boolean {
  const { goto, tunId, dscp, flowLabel, sportMask, dportMask, realm, suppressIfgroup } = rule;
  const others = [goto, tunId, dscp, flowLabel, sportMask, dportMask, realm, suppressIfgroup];
  if (rule.l3mdev || rule.tos || rule.action !== wanted.action || others.some((one) => one !== undefined)) return false;
  const actual = ruleFieldsOf(rule);
  return ruleKey({ ...actual, priority: wanted.priority === undefined ? 0 : actual.priority }) ===
    ruleKey({ ...wanted, priority: wanted.priority ?? 0 });
}

/**
 * The highest priority that is free below all others of the family that are there, as the kernel chooses it. Where there is
 * none, the highest free one: the kernel would choose 0, which its own rule of the local table has, or one that is taken.
 */
function freePriority(namespace: ObservedNamespace, family: 4 | 6, taken: Taken["priorities"]): number {
  const there = namespace.rules(family).map(({ priority }) => priority).filter((priority) => priority > 0);
  const used = new Set([...there, ...takenIn(taken, namespace, family)]);
  const below = (limit: number): number => {
    let free = limit - 1;
    while (used.has(free)) free--;
    return free;
  };
  const lowest = below(Math.min(MAIN_PRIORITY, ...there));
  return lowest > 0 ? lowest : below(MAIN_PRIORITY);
}

function takenIn(taken: Taken["priorities"], namespace: ObservedNamespace, family: 4 | 6): Set<number> {
  const own = taken[family].get(namespace) ?? new Set();
  taken[family].set(namespace, own);
  return own;
}
