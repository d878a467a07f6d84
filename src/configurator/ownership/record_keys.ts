/** By what a record is found: the key of its object, as text; of a link also one of its hardware addresses. */
import type {
  ObservedLink,
  ObservedNamespace,
  ObservedNeighbour,
  ObservedRoute,
} from "../observed/observed_namespace.ts";
import type { Cookie } from "./cookie.ts";
import {
  type BorrowedRecord,
  type LinkRecord,
  type NeighbourRecord,
  type ObjectRecord,
  type RouteRecord,
  type RuleFields,
  ruleKey,
} from "./records.ts";

/** Of a link. */
export function linkKey(cookie: Cookie, index: number): string {
  return `${cookie} ${index}`;
}

/** Of a route. */
export function routeKey(cookie: Cookie | undefined, destination: string, table: number, metric: number): string {
  return `route ${cookie} ${destination} ${table} ${metric}`;
}

/** Of a neighbour. */
export function neighbourKey(cookie: Cookie | undefined, index: number, ip: string): string {
  return `neighbour ${cookie} ${index} ${ip}`;
}

/** True if a neighbour has the mark of the record, or that has none. */
export const hasMark = (record: NeighbourRecord, { protocol }: ObservedNeighbour): boolean =>
  record.protocol === undefined || record.protocol === protocol;

/** True if a route has the mark of the record, and goes by the link that an intent names. */
export const isRecordedRoute = ({ protocol, link }: RouteRecord, route: ObservedRoute): boolean =>
  protocol === route.protocol && (link === undefined || route.hops.some(({ index }) => index === link));

/** Of a rule. */
export function ruleEntryKey(cookie: Cookie | undefined, rule: RuleFields): string {
  return `rule ${cookie} ${ruleKey(rule)}`;
}

/** Of a sysctl. */
export function sysctlKey(cookie: Cookie | undefined, key: string): string {
  return `sysctl ${cookie} ${key}`;
}

/** Of a file. */
export function fileKey(path: string): string {
  return `file ${path}`;
}

/** Of a table of nf_tables. */
export function tableKey(cookie: Cookie | undefined, name: string): string {
  return `table ${cookie} ${name}`;
}

/** Of the qdisc of a link. */
export function qdiscKey(cookie: Cookie | undefined, index: number): string {
  return `qdisc ${cookie} ${index}`;
}

/** Of the links of a record. */
export function linkKeysOf(record: ObjectRecord): string[] {
  if (record.kind !== "link" && record.kind !== "borrowed") return [];
  return record.ends.flatMap(({ namespace, index }) => index === undefined ? [] : [linkKey(namespace, index)]);
}

/** Of what a record is for, unless that is links. */
export function entryKeysOf(record: ObjectRecord): string[] {
  switch (record.kind) {
    case "route":
      return [routeKey(record.namespace, record.destination, record.table, record.metric)];
    case "neighbour":
      return [neighbourKey(record.namespace, record.link, record.ip)];
    case "file":
      return [fileKey(record.path)];
    case "table":
      return [tableKey(record.namespace, record.table)];
    case "rule":
      return [ruleEntryKey(record.namespace, record.rule)];
    case "sysctl":
      return [sysctlKey(record.namespace, record.key)];
    case "qdisc":
      return [qdiscKey(record.namespace, record.link)];
    case "link":
    case "borrowed":
      return [];
  }
}

/** True if the link has a hardware address that was recorded for it, or has none to have, or that of one of its ports. */
export function hasRecordedAddress(
  record: LinkRecord | BorrowedRecord,
  namespace: Pick<ObservedNamespace, "links">,
  link: ObservedLink,
): boolean {
  const { address } = link;
  let isRecorded = false; // any at all
  const isIt = (recorded: string | undefined): boolean => {
    isRecorded ||= recorded !== undefined;
    return recorded !== undefined && recorded === address;
  };
  if (record.ends.some((end) => isIt(end.address) || isIt(end.former))) return true;
  const isOwn = (position: number): boolean => record.ends[position]?.address !== undefined;
  if (record.kind === "borrowed" && record.before.some((one, i) => isOwn(i) && isIt(one.address))) return true;
  return !isRecorded || record.kind === "borrowed" && hasAddressOfPorts(namespace, link);
}

/**
 * True if a link may have got its hardware address from the kernel, which gives a bridge or bond that of a port unless somebody
 * gave it one (as this program does with those that it makes), and another when that one goes. A bridge without ports has
 * zeros then, a bond any.
 */
function hasAddressOfPorts(
  namespace: Pick<ObservedNamespace, "links">,
  { kind, index, address }: ObservedLink,
): boolean {
  if (kind !== "bridge" && kind !== "bond") return false;
  const ports = namespace.links().filter(({ master }) => master === index);
  return ports.some((one) => one.address === address) ||
    ports.length === 0 && (kind === "bond" || address === "00:00:00:00:00:00");
}
