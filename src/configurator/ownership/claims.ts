/**
 * Whose is it: the records of the configurations against what is there.
 *
 * A record counts only while its object is the same one: the namespace by its cookie, a link by its index, its kind, its
 * other end and at least one of the hardware addresses that were recorded, a route by its key and its mark. Whatever no
 * record claims belongs to somebody else.
 */
import { linkAt } from "../observed/lookup.ts";
import {
  isAvailable,
  type ObservedLink,
  type ObservedNamespace,
  type ObservedNeighbour,
  type ObservedRoute,
  type UnavailableNamespace,
} from "../observed/observed_namespace.ts";
import { peerIn } from "../observed/other_end.ts";
import type { Cookie } from "./cookie.ts";
import type { OtherClaims } from "./other_claims.ts";
import {
  type BorrowedRecord,
  type FileRecord,
  isLost,
  type LinkEnd,
  type LinkRecord,
  type NamespaceRecord,
  type NeighbourRecord,
  type ObjectRecord,
  type QdiscRecord,
  type RouteRecord,
  type RuleFields,
  type RuleRecord,
  type SysctlRecord,
  type TableRecord,
} from "./records.ts";
import {
  entryKeysOf,
  fileKey,
  hasMark,
  hasRecordedAddress,
  isRecordedRoute,
  linkKey,
  neighbourKey,
  qdiscKey,
  routeKey,
  ruleEntryKey,
  sysctlKey,
  tableKey,
} from "./record_keys.ts";
import { eachOnce } from "./formerly.ts";
import { linkOfSysctl } from "./sysctl_link.ts";
import type { ConfigurationState } from "./state.ts";

/** A link with the record that claims it, and where its ends are now. */
export interface ClaimedLink {
  readonly record: LinkRecord | BorrowedRecord;
  /** The ends in the order of the record; undefined for one whose namespace cannot be looked at. */
  readonly ends: readonly (ClaimedEnd | undefined)[];
}

/** One end of a claimed link. */
export interface ClaimedEnd {
  readonly namespace: ObservedNamespace;
  readonly link: ObservedLink;
}

/** A pair of which somebody moved one end to another namespace. */
export interface StrayPair {
  readonly record: LinkRecord | BorrowedRecord;
  /** The end that was moved, as it is recorded. */
  readonly moved: LinkEnd;
  /** True if the link that was asked for is that end. */
  readonly isMoved: boolean;
}

/** How the namespaces of the records are found. */
export interface NamespaceLookup {
  /** The namespace that a record names: as it is, or why it cannot be looked at; undefined: it is gone. */
  at(record: NamespaceRecord): ObservedNamespace | UnavailableNamespace | undefined;
}

/** What this configuration owns, and {@linkcode others} of the others. */
export class Claims {
  readonly #own: ConfigurationState;
  readonly #namespaces = new Map<Cookie, ObservedNamespace | UnavailableNamespace | undefined>();
  readonly #byLink = new Map<string, LinkRecord | BorrowedRecord>();
  readonly #byItem = new Map<string, LinkRecord | BorrowedRecord>();
  readonly #byKey = new Map<
    string,
    RouteRecord | NeighbourRecord | TableRecord | RuleRecord | SysctlRecord | QdiscRecord | FileRecord
  >();
  readonly #claimed = new Map<LinkRecord | BorrowedRecord, ClaimedLink | undefined>();
  /** The records of links whose index the kernel was to choose. */
  readonly #withoutIndex: LinkRecord[] = [];
  readonly #made = new Map<Cookie, NamespaceRecord>();
  readonly #withRoutes = new Set<Cookie>();
  readonly #records: readonly ObjectRecord[];

  /** What the other configurations own. */
  readonly others: OtherClaims;

  /** Compares the records of `own` with what is there. */
  constructor(own: ConfigurationState, others: OtherClaims, lookup: NamespaceLookup) {
    this.#own = own;
    this.others = others;
    for (const record of own.namespaces) {
      this.#namespaces.set(record.cookie, lookup.at(record));
      if (record.made && !this.#made.has(record.cookie)) this.#made.set(record.cookie, record);
    }
    this.#records = eachOnce(own.records);
    for (const record of this.#records) this.#add(record);
  }

  /** What this configuration owns. */
  get state(): ConfigurationState {
    return this.#own;
  }

  /** Every record of this configuration. */
  get records(): readonly ObjectRecord[] {
    return this.#records;
  }

  /** Every namespace in which this configuration has something. */
  get namespaces(): readonly NamespaceRecord[] {
    return this.#own.namespaces;
  }

  /** The namespace of this cookie, if it can be looked at. */
  namespace(cookie: Cookie): ObservedNamespace | undefined {
    const found = this.#namespaces.get(cookie);
    return found !== undefined && isAvailable(found) ? found : undefined;
  }

  /** True if the namespace cannot be looked at now, but is there: its record is kept. */
  isUnknownNamespace({ cookie }: NamespaceRecord): boolean {
    const found = this.#namespaces.get(cookie);
    return found !== undefined && !isAvailable(found);
  }

  /** Why no namespace of the record can be looked at now, while one may come back: the record is kept. */
  reasonUnknown(record: ObjectRecord): string | undefined {
    const cookies = record.kind === "link" || record.kind === "borrowed"
      ? record.ends.map(({ namespace }) => namespace)
      : [record.namespace];
    let reason: string | undefined;
    for (const cookie of cookies) {
      const found = this.#namespaces.get(cookie);
      if (found === undefined) continue;
      if (isAvailable(found)) return undefined;
      reason ??= found.reason;
    }
    return reason;
  }

  /** True if a record has a {@linkcode Claims.reasonUnknown}. */
  isUnknown(record: ObjectRecord): boolean {
    return this.reasonUnknown(record) !== undefined;
  }

  /** The link of an item of the file, if this configuration made it, moved it or adopted it. */
  linkOfItem(item: string): ClaimedLink | undefined {
    const record = this.#byItem.get(item);
    return record === undefined ? undefined : this.claimed(record);
  }

  /** The record of an item whose link is gone: a crash may have come between its removal and what comes after. */
  lostRecordOfItem(item: string): LinkRecord | undefined {
    const record = this.#byItem.get(item);
    return record?.kind === "link" && !isLost(record) && this.claimed(record) === undefined && !this.isUnknown(record)
      ? record
      : undefined;
  }

  /** The record that claims a link, if it is this configuration's. */
  linkAt(namespace: ObservedNamespace, link: ObservedLink): ClaimedLink | undefined {
    if (namespace.cookie === undefined) return undefined;
    const record = this.#byLink.get(linkKey(namespace.cookie, link.index)) ?? this.#recordByAddress(namespace, link);
    return record === undefined ? undefined : this.claimed(record);
  }

  /** The link of a record, if it is still the same one. */
  claimed(record: LinkRecord | BorrowedRecord): ClaimedLink | undefined {
    const known = this.#claimed.get(record);
    if (known !== undefined || this.#claimed.has(record)) return known;
    const found = this.#find(record);
    this.#claimed.set(record, found);
    return found;
  }

  /** An end of a pair that is where it was, with its hardware address, while the other end is not where that was. */
  strayEnd(record: LinkRecord | BorrowedRecord): ClaimedEnd | undefined {
    if (record.ends.length < 2 || this.claimed(record) !== undefined) return undefined;
    const found = record.ends.map((end) => {
      const there = end.index === undefined ? undefined : this.#endOf(record, end);
      return there !== undefined && end.address !== undefined && there.link.address === end.address ? there : undefined;
    });
    return found.find((end) => end !== undefined);
  }

  /**
   * The record of a pair of which somebody moved one end, for either end: `moved` is what it says of that one, and
   * `isMoved` is true if `link` is it.
   */
  strayAt(namespace: ObservedNamespace, link: ObservedLink): StrayPair | undefined {
    for (const record of link.kind === "veth" ? this.#own.records : []) {
      const stray = record.kind === "link" || record.kind === "borrowed" ? this.strayEnd(record) : undefined;
      if (stray === undefined || record.kind !== "link" && record.kind !== "borrowed") continue;
      const { namespace: at, link: { index } } = stray;
      const moved = record.ends.find((end) => end.namespace !== at.cookie || end.index !== index);
      if (moved === undefined) continue;
      if (at === namespace && index === link.index) return { record, moved, isMoved: false };
      const isOther = moved.address !== undefined && moved.address === link.address;
      if (isOther && peerIn(at, stray.link, namespace)?.index === link.index) return { record, moved, isMoved: true };
    }
    return undefined;
  }

  /** The record of a route with this key, whether the route is there or not. */
  routeRecord(
    namespace: ObservedNamespace,
    key: Pick<RouteRecord, "destination" | "table" | "metric">,
  ): RouteRecord | undefined {
    if (this.#withRoutes.size === 0) return undefined; // the cookie is a system call
    const { cookie } = namespace;
    const record = this.#byKey.get(routeKey(cookie, key.destination, key.table, key.metric));
    return record?.kind === "route" ? record : undefined;
  }

  /** The record of a neighbour with this key, whether the neighbour is there or not. */
  neighbourRecord({ cookie }: ObservedNamespace, index: number, ip: string): NeighbourRecord | undefined {
    const record = this.#byKey.get(neighbourKey(cookie, index, ip));
    return record?.kind === "neighbour" ? record : undefined;
  }

  /** The record of a rule, whether the rule is there or not. */
  ruleRecord({ cookie }: ObservedNamespace, rule: RuleFields): RuleRecord | undefined {
    const record = this.#byKey.get(ruleEntryKey(cookie, rule));
    return record?.kind === "rule" ? record : undefined;
  }

  /**
   * The record of a sysctl that this configuration set.
   *
   * @param link The index of the link whose key it is. @default {that of the link which has the name now}
   */
  sysctlRecord(
    namespace: ObservedNamespace,
    key: string,
    link: number | undefined = linkOfSysctl(namespace, key)?.index,
  ): SysctlRecord | undefined {
    const record = this.#byKey.get(sysctlKey(namespace.cookie, key));
    if (record?.kind !== "sysctl") return undefined;
    return record.link === undefined || link === undefined || record.link === link ? record : undefined;
  }

  /** The record of a table with this name, whether the table is there or not. */
  tableRecord({ cookie }: ObservedNamespace, name: string): TableRecord | undefined {
    const record = this.#byKey.get(tableKey(cookie, name));
    return record?.kind === "table" ? record : undefined;
  }

  /** The record of the qdisc of a link, whether it is there or not. */
  qdiscRecord({ cookie }: ObservedNamespace, index: number): QdiscRecord | undefined {
    const record = this.#byKey.get(qdiscKey(cookie, index));
    return record?.kind === "qdisc" ? record : undefined;
  }

  /** The record of a file, whether that is there or not. */
  fileRecord(path: string): FileRecord | undefined {
    const record = this.#byKey.get(fileKey(path));
    return record?.kind === "file" ? record : undefined;
  }

  /** The record of a route, if this configuration made it and nobody else has replaced it since. */
  routeAt(namespace: ObservedNamespace, route: ObservedRoute): RouteRecord | undefined {
    const record = this.#byKey.get(routeKey(namespace.cookie, route.destination, route.table, route.metric));
    return record?.kind === "route" && isRecordedRoute(record, route) ? record : undefined;
  }

  /** True if this configuration or another has the record of a route in a namespace, whether it is there or not. */
  hasRoutes(namespace: ObservedNamespace): boolean {
    const isOwn = this.#withRoutes.size > 0 && namespace.cookie !== undefined && this.#withRoutes.has(namespace.cookie);
    return isOwn || this.others.hasRoutes(namespace);
  }

  /** The record of a neighbour, if this configuration set it and nobody else has made it anew since. */
  neighbourAt(namespace: ObservedNamespace, neighbour: ObservedNeighbour): NeighbourRecord | undefined {
    const record = this.#byKey.get(neighbourKey(namespace.cookie, neighbour.index, neighbour.ip));
    return record?.kind === "neighbour" && hasMark(record, neighbour) ? record : undefined;
  }

  /** The record of a namespace that this configuration made. */
  namespaceMade(namespace: ObservedNamespace): NamespaceRecord | undefined {
    return namespace.cookie === undefined ? undefined : this.#made.get(namespace.cookie);
  }

  #add(record: ObjectRecord): void {
    if (record.kind !== "link" && record.kind !== "borrowed") {
      for (const key of entryKeysOf(record)) this.#byKey.set(key, record);
      if (record.kind === "route") this.#withRoutes.add(record.namespace);
      return;
    }
    for (const end of record.ends) {
      if (!isLost(record) || !this.#byItem.has(end.item)) this.#byItem.set(end.item, record);
      if (end.index !== undefined) this.#byLink.set(linkKey(end.namespace, end.index), record);
    }
    if (record.kind === "link" && record.ends.some(({ index }) => index === undefined)) this.#withoutIndex.push(record);
  }

  /** A record whose index the kernel was to choose, and a crash came before it was known. */
  #recordByAddress(namespace: ObservedNamespace, link: ObservedLink): LinkRecord | undefined {
    if (link.address === undefined) return undefined;
    return this.#withoutIndex.find(({ ends }) => (
      ends.some((end) => end.index === undefined && end.namespace === namespace.cookie && end.address === link.address)
    ));
  }

  #find(record: LinkRecord | BorrowedRecord): ClaimedLink | undefined {
    const ends = record.ends.map((end, position) => this.#endOf(record, end) ?? this.#homeOf(record, position));
    const isSame = ends.some((end) => end !== undefined && hasRecordedAddress(record, end.namespace, end.link));
    return isSame && isPair(record, ends) ? { record, ends } : undefined;
  }

  #endOf(record: LinkRecord | BorrowedRecord, end: LinkEnd): ClaimedEnd | undefined {
    const namespace = this.namespace(end.namespace);
    if (namespace === undefined) return undefined;
    const link = end.index === undefined
      ? namespace.links().find(({ address }) => address !== undefined && address === end.address)
      : linkAt(namespace, end.index);
    return link === undefined || (link.kind ?? "") !== record.link ? undefined : { namespace, link };
  }

  /** A borrowed link where it came from: a crash, or a failure, came while it was given back. */
  #homeOf(record: LinkRecord | BorrowedRecord, position: number): ClaimedEnd | undefined {
    const before = record.kind === "borrowed" ? record.before[position] : undefined;
    const namespace = before && this.namespace(before.namespace);
    const link = namespace && linkAt(namespace, before?.index ?? 0);
    const isSame = link !== undefined && (link.kind ?? "") === record.link && link.name === before?.name;
    return isSame && namespace !== undefined ? { namespace, link } : undefined;
  }
}

/** True if the ends that can be looked at are those of one pair; a link without another end is one by itself. */
function isPair(
  { ends: recorded, link: kind }: LinkRecord | BorrowedRecord,
  ends: readonly (ClaimedEnd | undefined)[],
) {
  const [a, b] = ends;
  if (recorded.length < 2 || kind !== "veth") return true;
  if (a !== undefined && b !== undefined) return peerIn(a.namespace, a.link, b.namespace)?.index === b.link.index;
  const [alone, other] = a === undefined ? [b, recorded[0]] : [a, recorded[1]];
  return alone !== undefined && (other?.index === undefined || alone.link.peerIndex === other.index);
}
