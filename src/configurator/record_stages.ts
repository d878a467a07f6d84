/** What a record says before a change, while that is made, and after it. */
import { defined } from "../collections.ts";
import { allUsed } from "./ownership/formerly.ts";
import { isLost, type LinkEnd, type ObjectRecord, ruleKey } from "./ownership/records.ts";
import type { Task } from "./plan/actions.ts";

/** What a task is about to make. A route that is left to the kernel may be there already, as somebody else's. */
export const intended = ({ action }: Task, record: ObjectRecord): ObjectRecord => (
  record.kind === "route" && action.kind === "add-route" && action.isUnseen
    ? { ...record, link: action.link.index, intent: true }
    : { ...record, intent: true }
);

/** True if a record becomes that of a link which is gone. */
export const becomesLost = (record: ObjectRecord, next: ObjectRecord): boolean =>
  (record.kind === "link" || record.kind === "borrowed") && (next.kind === "link" || next.kind === "borrowed") &&
  isLost(next) && !isLost(record);

/** A record with what it said before, too: it may still be so, and would be taken for somebody else's. */
export function withFormer(record: ObjectRecord, before: ObjectRecord): ObjectRecord {
  if (record.kind === "link" && before.kind === "link") return { ...record, ends: endsWithFormer(record, before) };
  if (record.kind !== "borrowed" || before.kind !== "borrowed") return record;
  const used = record.used && { ...before.used, ...record.used };
  const isChanged = JSON.stringify(used) !== JSON.stringify(before.used);
  const formerly = isChanged ? allUsed(before) : before.formerly;
  return defined({ ...record, ends: endsWithFormer(record, before), used, formerly });
}

const endsWithFormer = <R extends { readonly ends: readonly LinkEnd[] }>(record: R, before: R): LinkEnd[] =>
  record.ends.map((end, position) => {
    const { described, entries } = before.ends[position] ?? {};
    return defined({
      ...end,
      described: bothOf(end.described, described),
      entries: bothOf(end.entries, entries),
    });
  });

const bothOf = (now: readonly string[] = [], before: readonly string[] = []): readonly string[] | undefined =>
  now.length + before.length === 0 ? undefined : [...new Set([...now, ...before])];

/** True if the record names something: a link has an index or an address of its own. */
export function isNamed(record: ObjectRecord): boolean {
  if (record.kind !== "link" && record.kind !== "borrowed") return true;
  return record.ends.every(({ index, address }) => index !== undefined || address !== undefined);
}

/** What identifies a record among others of its kind. */
export function keyOf(record: ObjectRecord): string {
  switch (record.kind) {
    case "link":
    case "borrowed":
      return `${record.ends.map(({ namespace, index }) => `link ${namespace} ${index}`)}`;
    case "route":
      return `route ${record.namespace} ${record.destination} ${record.table} ${record.metric}`;
    case "neighbour":
      return `neighbour ${record.namespace} ${record.link} ${record.ip}`;
    case "rule":
      return `rule ${record.namespace} ${ruleKey(record.rule)}`;
    case "sysctl":
      return `sysctl ${record.namespace} ${record.key}`;
    case "file":
      return `file ${record.path}`;
    case "table":
      return `table ${record.namespace} ${record.family} ${record.table}`;
    case "qdisc":
      return `qdisc ${record.namespace} ${record.link}`;
  }
}

function withoutFormerly(record: ObjectRecord): ObjectRecord {
  if (!("formerly" in record)) return record;
  const { formerly: _, ...rest } = record;
  return rest;
}

/** The record of an object that is as it says: nothing is intended any more. Mostly it is the same one. */
export function settled(record: ObjectRecord): ObjectRecord {
  const isLink = record.kind === "link" || record.kind === "borrowed";
  const hasFormer = isLink && record.ends.some(({ former }) => former !== undefined) ||
    "formerly" in record && record.formerly !== undefined;
  if (record.intent === undefined && !hasFormer) return record;
  const { intent: _, ...withoutIntent } = record;
  const rest = withoutFormerly(withoutIntent);
  if (rest.kind === "route") {
    const { link: _, ...route } = rest;
    return route;
  }
  if (rest.kind !== "link" && rest.kind !== "borrowed") return rest;
  return { ...rest, ends: rest.ends.map(({ former: _, ...end }): LinkEnd => end) };
}
