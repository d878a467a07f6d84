/** The states of version 1: descriptions instead of records. What proves true on the machine is taken over, once. */
import { familyOf } from "../ip/address.ts";
import { InterfaceIndex, namespaceOfItem, type Reference } from "../models/references.ts";
import type { NetworkConfig } from "../models/config.ts";
import { type Namespace, namespaceToString } from "../namespace.ts";
import { linkNamed } from "./observed/lookup.ts";
import {
  isAvailable,
  type ObservedLink,
  type ObservedNamespace,
  type UnavailableNamespace,
} from "./observed/observed_namespace.ts";
import { arePeers } from "../netns/peers.ts";
import { ADMINISTRATORS, routeFields, routeKey } from "./plan/route_fields.ts";
import { arpItem, interfaceItem, routeItem } from "./report.ts";
import type { LinkEnd, NamespaceRecord, ObjectRecord } from "./ownership/records.ts";
import type { ConfigurationState, LegacyState } from "./ownership/state.ts";

type NamespaceOf = (ns?: Namespace) => ObservedNamespace | UnavailableNamespace;

/**
 * The records of what an older version made: pairs whose ends are where it put them, named as it named them; routes and
 * neighbours that are exactly as it made them; namespaces that it recorded as its own. Everything else is left.
 */
export function takeOver({ configs, made }: LegacyState, namespaceOf: NamespaceOf): ConfigurationState {
  const records: ObjectRecord[] = [];
  const seen = new Set<string>();
  const add = (key: string, record: ObjectRecord): void => {
    if (!seen.has(key)) records.push(record);
    seen.add(key);
  };
  for (const config of configs) {
    const index = new InterfaceIndex(config.interfaces);
    for (const [key, record] of [...pairsOf(config, index, namespaceOf), ...entriesOf(config, index, namespaceOf)]) {
      add(key, record);
    }
  }
  return { uses: [], namespaces: recordedNamespaces(configs, made, namespaceOf), records };
}

/** The records of the namespaces that interfaces of these configurations are in, and of those that were `made`. */
export function recordedNamespaces(
  configs: readonly NetworkConfig[],
  made: readonly string[],
  namespaceOf: NamespaceOf,
): NamespaceRecord[] {
  const namespaces = new Map<string, NamespaceRecord>();
  const note = (ns: Namespace | undefined, isMade: boolean): void => {
    const namespace = namespaceOf(ns);
    if (!isAvailable(namespace) || namespace.cookie === undefined) return;
    const { cookie, inode = "0" } = namespace;
    const before = namespaces.get(cookie);
    const reference = isMade && ns !== undefined ? namespaceToString(ns) : namespace.reference;
    namespaces.set(cookie, before?.made ? before : { cookie, inode, reference, made: isMade });
  };
  for (const name of made) note({ type: "named", name }, true);
  for (const config of configs) for (const one of config.interfaces) note(namespaceOfItem(one), false);
  return [...namespaces.values()];
}

function* pairsOf(
  { interfaces }: NetworkConfig,
  index: InterfaceIndex,
  namespaceOf: NamespaceOf,
): Generator<[string, ObjectRecord]> {
  for (const model of interfaces) {
    const peer = model.veth && index.named(model.veth.peerIfName);
    if (peer === undefined || peer.name < model.name) continue;
    const ends = [model, peer].flatMap((one) => {
      const namespace = namespaceOf(namespaceOfItem(one));
      const link = isAvailable(namespace) ? linkNamed(namespace, one.hostIfName) : undefined;
      return isAvailable(namespace) && link !== undefined ? [{ model: one, namespace, link }] : [];
    });
    const [a, b] = ends;
    if (a === undefined || b === undefined || !arePeers(a.namespace, a.link, b.namespace, b.link)) continue;
    const recorded = ends.map(({ model: { name, ipAddresses }, namespace, link }): LinkEnd => (
      { ...endOf(interfaceItem(name), namespace, link), described: ipAddresses }
    ));
    yield [`link ${a.namespace.cookie} ${a.link.index}`, { kind: "link", link: "veth", ends: recorded }];
  }
}

function endOf(item: string, { cookie = "0" }: ObservedNamespace, { index, name, address }: ObservedLink): LinkEnd {
  return { item, namespace: cookie, index, name, address };
}

function* entriesOf(
  { routes, arpEntries }: NetworkConfig,
  index: InterfaceIndex,
  namespaceOf: NamespaceOf,
): Generator<[string, ObjectRecord]> {
  const linkOf = (reference: Reference): { namespace: ObservedNamespace; link: ObservedLink } | undefined => {
    const namespace = namespaceOf(index.namespaceOf(reference));
    if (!isAvailable(namespace)) return undefined;
    const link = linkNamed(namespace, index.find(reference)?.hostIfName ?? reference.interface ?? "");
    return link && { namespace, link };
  };
  for (const route of routes) {
    const target = linkOf(
      route.interface === undefined && route.nextHops === undefined ? { ...route, interface: "lo" } : route,
    );
    if (target?.namespace.cookie === undefined) continue;
    const fields = routeFields(route);
    const family = familyOf(fields.destination);
    const actual = target.namespace.routes(family, fields.table).find((one) =>
      routeKey(one) === routeKey(fields) && one.plain && one.index === target.link.index &&
      one.gateway === fields.gateway && ADMINISTRATORS.has(one.protocol)
    );
    if (actual === undefined) continue;
    const { destination, table, metric, protocol } = actual;
    const namespace = target.namespace.cookie;
    yield [
      `route ${namespace} ${routeKey(fields)}`,
      { kind: "route", item: routeItem(route.name), namespace, destination, table, metric, protocol },
    ];
  }
  for (const { name, ipAddr: ip, hwAddress, ...entry } of arpEntries) {
    const target = linkOf({ ...entry });
    if (target?.namespace.cookie === undefined) continue;
    const { namespace: { cookie: namespace }, link: { index: link } } = target;
    const family = familyOf(ip);
    const actual = target.namespace.neighbours(family).find((one) => one.ip === ip && one.index === link);
    if (actual?.address !== hwAddress) continue;
    yield [`neighbour ${namespace} ${link} ${ip}`, { kind: "neighbour", item: arpItem(name), namespace, link, ip }];
  }
}
