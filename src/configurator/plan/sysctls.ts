/** The sysctls of namespaces: what the file sets against what the kernel has. */
import { printable } from "../../../ffi/mod.ts";
import { defined } from "../../collections.ts";
import { nameOfEntry, namespaceOfEntry, type Sysctl, sysctlsOfEntry } from "../../models/sysctls.ts";
import { isIpv6Sysctl, isSecretSysctl, spreadKey, sysctlByLink } from "../../sysctl/link_sysctls.ts";
import { linkOfKey, rankOfSysctl, spreadKeys, spreadsTo, spreadValue } from "../../sysctl/spreading.ts";
import { linkNamed } from "../observed/lookup.ts";
import { isAvailable, type ObservedNamespace } from "../observed/observed_namespace.ts";
import type { SysctlRecord } from "../ownership/records.ts";
import { ownedByOther, type Refusal } from "../ownership/refusal.ts";
import { namespaceItem } from "../report.ts";
import { isAsSet } from "../ownership/formerly.ts";
import { keyNow, linkOfSysctl } from "../ownership/sysctl_link.ts";
import type { ActionOf, Stage } from "./actions.ts";
import { FORWARDING, isFarEnd } from "./uplinks.ts";
import { INITIAL_LINKS } from "./initial_links.ts";
import type { PlanBuilder } from "./plan_builder.ts";
import { PlannedLink } from "./planned_link.ts";
import { keepsAdvertised, refusedSysctl } from "./refused_sysctls.ts";
import { describedNamespaces } from "./remove_namespaces.ts";

/** When a key is set. The MTU of IPv6 of a link comes when that is up: the kernel sets it then, too. */
export function stageOfSysctl(key: string): Stage {
  if (linkOfKey(key) === undefined) return "sysctls";
  return sysctlByLink(key, { mtu: 0 }) === undefined ? "link-sysctls" : "after-carrier";
}

/** What is said of a key that a namespace does not have. */
export const missingSysctl = (namespace: ObservedNamespace, key: string): string =>
  `${printable(namespace.label)} has no ${key}: the kernel lacks it, or has one for the whole machine`;
/** What to do then. */
export const OF_MISSING = "a module may have to be loaded: see modprobe(8)";

const missing = (namespace: ObservedNamespace, key: string): Refusal => (
  { reason: missingSysctl(namespace, key), hint: OF_MISSING }
);

/** Why a secret is not set where there is none: once set, it can be changed, but not taken away. */
const withoutSecret = (namespace: ObservedNamespace, key: string): Refusal => ({
  reason: `${key} of ${printable(namespace.label)} is not set: it has no secret, and nothing could take it away again`,
  owner: null,
  hint: "set it yourself, or have this configuration make the namespace",
});

/**
 * Plans every sysctl of the file. Those of links are set when these are there, the others before; and of these, what sets others
 * comes before them, in whatever order the file has them.
 */
export function planSysctls(builder: PlanBuilder): void {
  for (const entry of builder.input.config.namespaces) {
    const namespace = builder.input.namespaceOf(namespaceOfEntry(entry));
    if (!isAvailable(namespace)) continue;
    const rank = (one: Sysctl): number => keepsAdvertised(one) ? -1 : rankOfSysctl(one.key);
    const sysctls = sysctlsOfEntry(entry).toSorted((a, b) => rank(a) - rank(b));
    const values = namespace.sysctls(sysctls.map(({ key }) => key));
    const set = sysctls.filter(({ key, value }) => values.get(key) !== value);
    for (const one of sysctls) planSysctl(builder, namespaceItem(nameOfEntry(entry)), namespace, one, values, set);
  }
}

function planSysctl(
  builder: PlanBuilder,
  item: string,
  namespace: ObservedNamespace,
  { key, value }: Sysctl,
  values: ReadonlyMap<string, string>,
  set: readonly Sysctl[],
): void {
  const { claims } = builder.input;
  const before = values.get(key);
  const link = linkOfKey(key);
  const linkIndex = (): number | undefined => (
    (link === undefined ? undefined : plannedLink(builder, namespace, link)?.index) ??
      linkOfSysctl(namespace, key)?.index
  );
  const record = claims.sysctlRecord(namespace, key, linkIndex());
  const other = claims.others.ownerOfSysctl(namespace, key);
  if (other !== undefined) {
    return builder.fail(item, ownedByOther(`${key} of ${printable(namespace.label)}`, other));
  }
  if (record !== undefined) builder.keep(record, { ...record, item, ...before === value ? { value } : {} });
  const isNew = link !== undefined && comes(builder, namespace, link, key);
  const isOverridden = namespace.exists &&
    set.some((one) => spreadsTo(one.key, key) && spreadValue(key, one.value) !== value);
  if (before === value && !isNew && !isOverridden && !isReset(builder, namespace, link, { key, value })) return;
  if (before === undefined && link !== undefined && !isNew && !isThere(namespace, link)) {
    return builder.wait(item, `there is no link ${printable(link)} in ${printable(namespace.label)}`);
  }
  if (before === undefined && namespace.exists && !isNew && !(isSecretSysctl(key) && claims.namespaceMade(namespace))) {
    return builder.fail(item, isSecretSysctl(key) ? withoutSecret(namespace, key) : missing(namespace, key));
  }
  const refusal = before === value
    ? undefined
    : refusedSysctl(builder, namespace, { key, value }, (one) => describedValue(builder, namespace, one));
  if (refusal !== undefined) return builder.fail(item, refusal);
  const action: ActionOf<"set-sysctl"> = { kind: "set-sysctl", namespace, key, value, before };
  const spread = { ...before === undefined ? {} : differingOf(builder, namespace, key, before), ...record?.spread };
  const makes = (): SysctlRecord => {
    // A link that is made anew has the kernel's values again; that of one that is there may be set with that of all.
    const former = record !== undefined && !isNew ? record.before : (isNew ? action.former : undefined) ?? before;
    const at = record !== undefined && record.link === undefined ? undefined : linkIndex();
    const own = { key, link: at, value, before: former ?? action.former };
    return defined({
      kind: "sysctl",
      item,
      namespace: namespace.cookie ?? "0",
      ...own,
      spread: Object.keys(spread).length === 0 ? undefined : spread,
    });
  };
  const comesFirst = keepsAdvertised({ key, value }) && !isNew && link !== undefined && isThere(namespace, link);
  builder.add(comesFirst ? "sysctls" : stageOfSysctl(key), item, action, { makes });
}

/** What the kernel sets with a key of all, by key. */
export function spreadOf(namespace: ObservedNamespace, key: string): ReadonlyMap<string, string> {
  if (!namespace.exists || spreadKey(key, "default") === undefined) return new Map();
  return namespace.sysctls(spreadKeys(key, namespace.links().map(({ name }) => name)));
}

/** Those of them that would not be as the key of all makes them, without this configuration. */
function differingOf(
  { input: { claims } }: PlanBuilder,
  namespace: ObservedNamespace,
  key: string,
  value: string,
): Readonly<Record<string, string>> {
  const own = [...spreadOf(namespace, key)].map(([one, now]) => {
    const record = claims.sysctlRecord(namespace, one);
    return [one, record?.value === now ? record.before ?? now : now] as const;
  });
  return Object.fromEntries(own.filter(([one, now]) => now !== spreadValue(one, value)));
}

/** True of a link that is in the namespace, or will be when that is made. */
function isThere(namespace: ObservedNamespace, link: string): boolean {
  return namespace.exists ? linkNamed(namespace, link) !== undefined : INITIAL_LINKS.has(link);
}

/** True if the plan makes the link, moves it there or renames it; or if the key comes to it with IPv6. */
function comes(builder: PlanBuilder, namespace: ObservedNamespace, name: string, key: string): boolean {
  const link = plannedLink(builder, namespace, name);
  if (link === undefined) return false;
  return link.isNew || linkNamed(namespace, name)?.index !== link.index || link.ipv6Comes && isIpv6Sysctl(key);
}

/** True if a change of its link takes the value away that a key has. */
function isReset(
  builder: PlanBuilder,
  namespace: ObservedNamespace,
  name: string | undefined,
  { key, value }: Sysctl,
): boolean {
  const mtu = name === undefined ? undefined : plannedLink(builder, namespace, name)?.ipv6Mtu;
  const reset = mtu === undefined ? undefined : sysctlByLink(key, { mtu });
  return reset !== undefined && reset !== value;
}

function plannedLink(builder: PlanBuilder, namespace: ObservedNamespace, name: string): PlannedLink | undefined {
  for (const link of builder.links.values()) {
    if (link instanceof PlannedLink && link.namespace === namespace && link.name === name) return link;
  }
  return undefined;
}

/**
 * Plans that sysctls are as they were which the file sets no longer, unless somebody else has set them since, or their
 * namespace or link goes.
 */
export function removeSysctls(builder: PlanBuilder): void {
  const { claims } = builder.input;
  let described: ReadonlySet<unknown> | undefined;
  const records = claims.records.filter((one) => one.kind === "sysctl");
  // What one sets of others is set anew after it.
  for (const record of records.sort((a, b) => rankOfSysctl(a.key) - rankOfSysctl(b.key))) {
    if (!builder.goes(record)) continue;
    const namespace = claims.namespace(record.namespace);
    const { before, item } = record;
    const key = namespace && keyNow(namespace, record);
    if (namespace === undefined || before === undefined || key === undefined) continue;
    const made = claims.namespaceMade(namespace);
    if (made !== undefined && !(described ??= describedNamespaces(builder)).has(namespace)) continue;
    const now = namespace.sysctls([key]).get(key);
    if (now === undefined || !isAsSet(record, now) || now === before) continue;
    const link = linkOfKey(key);
    const index = link === undefined ? undefined : linkNamed(namespace, link)?.index;
    if (index !== undefined && builder.effects.isGone(namespace, index)) continue;
    const other = key === FORWARDING && namespace === builder.input.namespaceOf()
      ? claims.others.withRecord(isFarEnd)
      : undefined;
    if (other !== undefined) {
      builder.handOver(record, other);
      const reason = `${key} of ${printable(namespace.label)} is left: the configuration ${JSON.stringify(other)} ` +
        "has an uplink";
      builder.leave(item, reason, other);
      continue;
    }
    const action: ActionOf<"set-sysctl"> = { kind: "set-sysctl", namespace, key, value: before, before: now };
    builder.add("delete-entries", item, action, { drops: record });
    giveSpreadBack(builder, namespace, record, before);
  }
}

/** What the file gives a sysctl. */
function describedValue({ input }: PlanBuilder, namespace: ObservedNamespace, key: string): string | undefined {
  return input.config.namespaces.filter((entry) => input.namespaceOf(namespaceOfEntry(entry)) === namespace)
    .flatMap(sysctlsOfEntry).find((one) => one.key === key)?.value;
}

/** Plans that links have what they would have without this configuration, when that of all is as before. */
function giveSpreadBack(
  builder: PlanBuilder,
  namespace: ObservedNamespace,
  record: SysctlRecord,
  before: string,
): void {
  const { claims } = builder.input;
  const valueBack = (key: string, now: string): string => {
    if (claims.others.ownerOfSysctl(namespace, key) !== undefined) return now;
    const own = claims.sysctlRecord(namespace, key);
    if (own !== undefined && !builder.goes(own)) return own.value;
    const usual = spreadValue(key, before);
    if (own !== undefined) return now === own.value ? own.before ?? usual : now; // or what somebody has set since
    const former = now === spreadValue(key, record.value) ? record.spread?.[key] ?? usual : now;
    return describedValue(builder, namespace, key) ?? former;
  };
  for (const [key, now] of spreadOf(namespace, record.key)) {
    const value = valueBack(key, now);
    if (value === spreadValue(key, before)) continue;
    const action: ActionOf<"set-sysctl"> = { kind: "set-sysctl", namespace, key, value, before: now };
    builder.add("delete-entries", record.item, action, { drops: record });
  }
}
