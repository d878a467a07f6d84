/** The picture of a topology file: what it describes, whatever exists. */
import { defined } from "../../collections.ts";
import { LINK_TYPES } from "../../configurator/link_types/registry.ts";
import { arpItem, interfaceItem, namespaceItem, type Plan, routeItem } from "../../configurator/report.ts";
import type { NetworkConfig } from "../../models/config.ts";
import type { LinuxInterface } from "../../models/interface.ts";
import { InterfaceIndex, namespaceOfItem } from "../../models/references.ts";
import { nameOfEntry, namespaceOfEntry } from "../../models/sysctls.ts";
import { type Namespace, namespaceKey } from "../../namespace.ts";
import { RT_TABLE_MAIN } from "../../netlink/constants/route.ts";
import {
  DEFAULT_NAMESPACE,
  type Picture,
  type PictureEdge,
  type PictureEnd,
  type PictureLink,
  type PictureNamespace,
  type PictureNeighbour,
  type PictureRoute,
} from "../picture.ts";

/** A namespace that gets its links, routes and neighbours one by one. */
type NamespaceBuilder = PictureNamespace & {
  readonly links: PictureLink[];
  readonly routes: PictureRoute[];
  readonly neighbours: PictureNeighbour[];
};

/**
 * The picture of what `config` describes.
 *
 * @param plan Its pending and failed items are pending in the picture. Without a plan, only an interface whose peer is
 * not in the file is.
 */
export function pictureOfConfig(config: NetworkConfig, plan?: Pick<Plan, "pending" | "failed">): Picture {
  const reasons = new Map([...plan?.pending ?? [], ...plan?.failed ?? []].map(({ item, reason }) => [item, reason]));
  const index = new InterfaceIndex(config.interfaces);
  const namespaces = new Map<string, NamespaceBuilder>();
  const namespaceOf = (ns?: Namespace): NamespaceBuilder => {
    const key = namespaceKey(ns);
    const found = namespaces.get(key) ?? emptyNamespace(ns);
    namespaces.set(key, found);
    return found;
  };

  for (const entry of config.namespaces) {
    const ns = namespaceOfEntry(entry);
    const pending = reasons.get(namespaceItem(nameOfEntry(entry)));
    namespaces.set(namespaceKey(ns), defined({ ...emptyNamespace(ns), pending }));
  }
  for (const model of config.interfaces) {
    const pending = reasons.get(interfaceItem(model.name)) ?? missingPeer(model, index);
    namespaceOf(namespaceOfItem(model)).links.push(linkOf(model, pending));
  }
  for (const route of config.routes) {
    namespaceOf(index.namespaceOf(route)).routes.push(defined({
      destination: route.dstIpAddr,
      gateway: route.gwAddr,
      link: index.find(route)?.hostIfName ?? route.interface,
      table: !route.table || route.table === RT_TABLE_MAIN ? undefined : route.table,
      pending: reasons.get(routeItem(route.name)),
    }));
  }
  for (const entry of config.arpEntries) {
    namespaceOf(index.namespaceOf(entry)).neighbours.push(defined({
      ip: entry.ipAddr,
      address: entry.hwAddress,
      link: index.find(entry)?.hostIfName ?? entry.interface,
      pending: reasons.get(arpItem(entry.name)),
    }));
  }
  const listed = new Set(config.namespaces.map(nameOfEntry));
  return {
    namespaces: [...namespaces.values()].map((ns) => listed.has(ns.name) ? ns : withPendingOfLinks(ns)),
    edges: edgesOf(config.interfaces, index, (model) => namespaceOf(namespaceOfItem(model)).name, reasons),
  };
}

function missingPeer({ veth }: LinuxInterface, index: InterfaceIndex): string | undefined {
  if (veth === undefined || index.named(veth.peerIfName) !== undefined) return undefined;
  return `its peer ${veth.peerIfName} is not described`;
}

function emptyNamespace(ns?: Namespace): NamespaceBuilder {
  return {
    name: namespaceKey(ns),
    aliases: [],
    containers: ns?.type === "microservice" ? [ns.label] : [],
    processes: [],
    links: [],
    routes: [],
    neighbours: [],
  };
}

/** A namespace that the file does not list is made for its links: it is pending while all of them are. */
function withPendingOfLinks(ns: PictureNamespace): PictureNamespace {
  const [first] = ns.links;
  const isPending = ns.name !== DEFAULT_NAMESPACE && ns.links.every(({ pending }) => pending !== undefined);
  return isPending && first?.pending !== undefined ? { ...ns, pending: first.pending } : ns;
}

function linkOf(
  { hostIfName, type, enabled, mtu, ipAddresses = [], tap }: LinuxInterface,
  pending: string | undefined,
): PictureLink {
  return defined({
    name: hostIfName,
    kind: LINK_TYPES[type].kind,
    state: enabled ? "up" : "down",
    mtu,
    addresses: ipAddresses,
    note: tap?.tempIfName === undefined ? undefined : `made as ${tap.tempIfName} in the default namespace`,
    pending,
  });
}

/** Each pair whose two ends are in the file, once. */
function edgesOf(
  interfaces: readonly LinuxInterface[],
  index: InterfaceIndex,
  nameOf: (model: LinuxInterface) => string,
  reasons: ReadonlyMap<string, string>,
): PictureEdge[] {
  const done = new Set<string>();
  const end = (model: LinuxInterface): PictureEnd => ({ namespace: nameOf(model), link: model.hostIfName });
  return interfaces.flatMap((model) => {
    const peer = model.veth === undefined ? undefined : index.named(model.veth.peerIfName);
    if (peer === undefined || done.has(model.name)) return [];
    done.add(peer.name);
    const pending = reasons.get(interfaceItem(model.name)) ?? reasons.get(interfaceItem(peer.name));
    return [defined({ from: end(model), to: end(peer), kind: "veth", pending })];
  });
}
