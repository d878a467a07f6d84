/** What a configuration owns, and what of it is somebody else's by now: for people. */
import { familyOf } from "../../ip/address.ts";
import { RTPROT_NETNS } from "../../netlink/constants/route.ts";
import { textAt } from "../observed/owned_file.ts";
import { linkNamed, rootQdisc } from "../observed/lookup.ts";
import type { Claims } from "./claims.ts";
import {
  type BorrowedRecord,
  IMPAIR_HANDLE,
  isLost,
  type LinkRecord,
  type NeighbourRecord,
  type ObjectRecord,
  type QdiscRecord,
  type RouteRecord,
  type SysctlRecord,
  type TableRecord,
} from "./records.ts";
import { linkLabel } from "./refusal.ts";
import { keyNow } from "./sysctl_link.ts";

/** What a configuration owns. */
export interface Survey {
  /** How many of each kind it owns and are there. */
  readonly namespaces: number;
  readonly links: number;
  readonly routes: number;
  readonly neighbours: number;
  readonly tables: number;
  readonly rules: number;
  readonly sysctls: number;
  readonly qdiscs: number;
  readonly files: number;
  /** What it made and somebody took away. */
  readonly gone: readonly string[];
  /** What stands now under the name of something that it made, and is not that: `"eth0 in blue"`. */
  readonly foreign: readonly string[];
}

/** Compares the records of a configuration with what is there. What cannot be looked at counts as owned. */
export function survey(claims: Claims): Survey {
  const gone: string[] = [];
  const foreign: string[] = [];
  const counts = {
    namespaces: 0,
    links: 0,
    routes: 0,
    neighbours: 0,
    tables: 0,
    rules: 0,
    sysctls: 0,
    qdiscs: 0,
    files: 0,
  };
  for (const { cookie, made, reference } of claims.namespaces) {
    if (!made) continue;
    if (claims.namespace(cookie) === undefined) gone.push(`the namespace ${reference}`);
    else counts.namespaces++;
  }
  for (const record of claims.records) {
    if (claims.isUnknown(record) || isThere(record, claims)) counts[COUNTED[record.kind]]++;
    else if (record.kind === "link" || record.kind === "borrowed") {
      if (isLost(record)) continue;
      const others = inItsPlace(record, claims);
      if (others.length > 0) foreign.push(...others);
      else gone.push(record.ends.map(({ name }) => `the link ${name}`).join(" and "));
    } else gone.push(record.item);
  }
  return { ...counts, gone, foreign };
}

const COUNTED = {
  link: "links",
  borrowed: "links",
  route: "routes",
  neighbour: "neighbours",
  table: "tables",
  rule: "rules",
  sysctl: "sysctls",
  qdisc: "qdiscs",
  file: "files",
} as const;

function isThere(record: ObjectRecord, claims: Claims): boolean {
  switch (record.kind) {
    case "link":
    case "borrowed":
      return claims.claimed(record) !== undefined;
    case "route":
      return isRouteThere(record, claims);
    case "neighbour":
      return isNeighbourThere(record, claims);
    case "file":
      return textAt(record.path) !== undefined;
    case "table":
      return isTableThere(record, claims);
    case "rule":
      return claims.namespace(record.namespace)?.rules(record.rule.family)
        .some(({ priority, protocol }) => priority === record.rule.priority && protocol === RTPROT_NETNS) ?? false;
    case "sysctl":
      return isSysctlThere(record, claims);
    case "qdisc":
      return isQdiscThere(record, claims);
  }
}

function isSysctlThere(record: SysctlRecord, claims: Claims): boolean {
  const namespace = claims.namespace(record.namespace);
  const key = namespace && keyNow(namespace, record);
  return key !== undefined && namespace?.sysctls([key]).get(key) === record.value;
}

function isRouteThere(record: RouteRecord, claims: Claims): boolean {
  const namespace = claims.namespace(record.namespace);
  if (namespace === undefined) return false;
  const family = familyOf(record.destination);
  return namespace.routes(family, record.table).some((route) => claims.routeAt(namespace, route) === record);
}

function isNeighbourThere(record: NeighbourRecord, claims: Claims): boolean {
  const namespace = claims.namespace(record.namespace);
  if (namespace === undefined) return false;
  const family = familyOf(record.ip);
  return namespace.neighbours(family).some((neighbour) => claims.neighbourAt(namespace, neighbour) === record);
}

function isTableThere({ namespace: cookie, family, table, comment }: TableRecord, claims: Claims): boolean {
  return claims.namespace(cookie)?.tables()?.some((one) => (
    "table" in one && one.table.family === family && one.table.name === table && one.table.comment === comment
  )) ?? false;
}

function isQdiscThere({ namespace: cookie, link }: QdiscRecord, claims: Claims): boolean {
  const namespace = claims.namespace(cookie);
  return namespace !== undefined && rootQdisc(namespace, link)?.handle === IMPAIR_HANDLE;
}

/** The links that have the name of an end of `record` where that was. */
function inItsPlace({ ends }: LinkRecord | BorrowedRecord, claims: Claims): string[] {
  return ends.flatMap((end) => {
    const namespace = claims.namespace(end.namespace);
    const link = namespace === undefined ? undefined : linkNamed(namespace, end.name);
    return namespace === undefined || link === undefined ? [] : [linkLabel(namespace, link)];
  });
}
