/** Tables of nf_tables: what `nat`, `forwards` and `firewall` describe, one table for each namespace. */
import { printable } from "../../../ffi/mod.ts";
import type { NetworkConfig } from "../../models/config.ts";
import { linkReference } from "../../models/filters.ts";
import { namespaceOfItem, type Reference } from "../../models/references.ts";
import { uplinkHostLink, uplinkName } from "../../models/uplinks.ts";
import { type Namespace, namespaceToString } from "../../namespace.ts";
import type { NftObject } from "../../netlink/nftables/types.ts";
import { isAvailable, type ObservedNamespace, type UnavailableNamespace } from "../observed/observed_namespace.ts";
import type { TableRecord } from "../ownership/records.ts";
import { firewallItem, forwardItem, natItem, tableItem, uplinkItem } from "../report.ts";
import { forwardDrops } from "./forward_drops.ts";
import type { PlanBuilder } from "./plan_builder.ts";
import { commentIn, contentOf, type DescribedTable, describedTable, TABLE_FAMILY, tableText } from "./table_rules.ts";

/** The items of `nat`, `forwards` and `firewall`, in reports. */
export function filterItems({ nat = [], forwards = [], firewall = [] }: NetworkConfig): string[] {
  return [
    ...nat.map(({ name }) => natItem(name)),
    ...forwards.map(({ name }) => forwardItem(name)),
    ...firewall.map(({ name }) => firewallItem(name)),
  ];
}

/** The items of one namespace. */
interface Group {
  /** How the file names the namespace first. */
  readonly label: string;
  readonly namespace: ObservedNamespace | UnavailableNamespace;
  readonly nat: NonNullable<NetworkConfig["nat"]>[number][];
  readonly forwards: NonNullable<NetworkConfig["forwards"]>[number][];
  readonly firewall: NonNullable<NetworkConfig["firewall"]>[number][];
  readonly uplinks: NonNullable<NetworkConfig["uplinks"]>[number][];
}

/** Plans the table of each namespace that has items. */
export function planTables(builder: PlanBuilder): void {
  for (const group of groups(builder)) {
    const items = [
      ...filterItems({ ...builder.input.config, ...group }),
      ...group.uplinks.map((one) => uplinkItem(uplinkName(one))),
    ];
    const { namespace } = group;
    if (isAvailable(namespace)) planTable(builder, namespace, group, items);
    else {
      for (const item of items) builder.cannotEnter(item, namespace);
      builder.outOfReach(tableItem(group.label), namespace);
    }
  }
}

function groups({ input, descriptions: { index } }: PlanBuilder): Iterable<Group> {
  const found = new Map<ObservedNamespace | UnavailableNamespace, Group>();
  const at = (ns: Namespace | undefined): Group => {
    const namespace = input.namespaceOf(ns);
    const group = found.get(namespace) ??
      { label: labelOf(ns), namespace, nat: [], forwards: [], firewall: [], uplinks: [] };
    found.set(namespace, group);
    return group;
  };
  const { nat = [], forwards = [], firewall = [], uplinks = [] } = input.config;
  for (const one of nat) at(index.namespaceOf(linkReference(one))).nat.push(one);
  for (const one of forwards) at(index.namespaceOf(linkReference(one))).forwards.push(one);
  for (const one of firewall) at(namespaceOfItem(one)).firewall.push(one);
  for (const one of uplinks) at(undefined).uplinks.push(one);
  return found.values();
}

function planTable(
  builder: PlanBuilder,
  namespace: ObservedNamespace,
  group: Group,
  items: readonly string[],
): void {
  const table = describedGroup(builder, group);
  const present = namespace.tables();
  if (present === undefined) {
    const reason = `the kernel has no nf_tables, or not in ${namespace.label}`;
    for (const one of items) builder.fail(one, { reason, hint: "load the module: modprobe nf_tables" });
    return;
  }
  warnOfDrops(builder, group, present, table);
  const existing = contentOf(present, table.name);
  const record = builder.input.claims.tableRecord(namespace, table.name);
  const isOwn = record !== undefined && existing !== undefined && isMarked(existing, record);
  const isSame = existing !== undefined && tableText(existing) === tableText(table.objects);
  const recorded = (): TableRecord => ({
    kind: "table",
    item: tableItem(namespace.label),
    namespace: namespace.cookie ?? "0",
    family: TABLE_FAMILY,
    table: table.name,
    comment: table.comment,
  });
  if (existing !== undefined && !isOwn) {
    if (isSame) return builder.match(recorded()); // as described, and not ours: it stays as it is
    for (const one of items) builder.fail(one, foreignTable(namespace, table, existing));
    return;
  }
  if (isSame && record !== undefined) return builder.keep(record);
  builder.need(namespace, tableItem(namespace.label));
  for (const one of items) builder.touch(one);
  if (record !== undefined) builder.keep(record);
  const action = { kind: "set-table", namespace, table, isThere: existing !== undefined, items } as const;
  builder.add("tables", tableItem(namespace.label), action, { makes: recorded });
}

/** The table of the items of one namespace, with the names that their links have in the kernel. */
function describedGroup(
  { input: { config }, descriptions: { index } }: PlanBuilder,
  { nat, forwards, firewall, uplinks }: Group,
): DescribedTable {
  const hostName = (reference: Reference): string => index.find(reference)?.hostIfName ?? reference.interface ?? "";
  const onLink = <T extends Parameters<typeof linkReference>[0]>(item: T) => (
    { item, link: hostName(linkReference(item)) }
  );
  const [first] = firewall;
  return describedTable(config.name, {
    nat: nat.map(onLink),
    forwards: forwards.map(onLink),
    firewall,
    uplinks: uplinks.flatMap((one) => (
      one.addresses === undefined ? [] : { item: { ...one, addresses: one.addresses }, link: uplinkHostLink(one) }
    )),
    hostNameOf: (link) => hostName({ ...first, interface: link }),
  });
}

/** Warns of tables of others that drop what an uplink passes on. */
function warnOfDrops(
  builder: PlanBuilder,
  { uplinks }: Group,
  present: readonly NftObject[],
  { name }: DescribedTable,
): void {
  for (const one of uplinks) {
    const { addresses = "" } = one;
    const uplink = { item: uplinkItem(uplinkName(one)), link: uplinkHostLink(one), addresses };
    for (const { what, remedy } of forwardDrops(present, uplink, name)) {
      builder.warn(`${what}; to let it through: ${remedy}`);
    }
  }
}

/** True if it is the table that the record is of: one that somebody made anew in its place has another comment. */
const isMarked = (content: readonly NftObject[], { comment }: TableRecord): boolean => commentIn(content) === comment;

function foreignTable(namespace: ObservedNamespace, { name }: DescribedTable, content: readonly NftObject[]) {
  const comment = commentIn(content);
  const whose = comment === undefined ? "" : `; its comment is ${JSON.stringify(comment)}`;
  const label = `the table ${TABLE_FAMILY} ${printable(name)} in ${printable(namespace.label)}`;
  return {
    reason: `${label} is not this configuration's: this configuration did not make it${whose}`,
    owner: null,
    hint: `nft delete table ${TABLE_FAMILY} '${
      printable(name)
    }' takes it away, or give this configuration another name`,
  };
}

/** Plans that tables go which this configuration made and no longer describes. */
export function removeTables(builder: PlanBuilder): void {
  const { claims } = builder.input;
  for (const record of claims.records) {
    if (record.kind !== "table" || !builder.goes(record)) continue;
    const namespace = claims.namespace(record.namespace);
    const content = namespace === undefined ? undefined : contentOf(namespace.tables() ?? [], record.table);
    if (namespace === undefined || content === undefined || !isMarked(content, record)) continue;
    const action = { kind: "delete-table", namespace, name: record.table } as const;
    builder.add("delete-tables", record.item, action, { drops: record });
  }
}

/** The items of the tables that a configuration may have: those of the namespaces that its items name. */
export function tableItemsOf(namespaces: Iterable<Namespace | undefined>): string[] {
  return [...namespaces].map((ns) => tableItem(labelOf(ns)));
}

const labelOf = (ns: Namespace | undefined): string =>
  ns === undefined ? "the default namespace" : namespaceToString(ns);
