/** The picture of a file: what it describes, without a look at what is there. */
import { arpItem, interfaceItem, namespaceItem, type Plan, routeItem } from "../../configurator/report.ts";
import type { NetworkConfig } from "../../models/config.ts";
import type { LinuxInterface } from "../../models/interface.ts";
import { InterfaceIndex, namespaceOfItem } from "../../models/references.ts";
import { namedNs, type Namespace, namespaceKey } from "../../namespace.ts";
import { RT_TABLE_MAIN } from "../../netlink/constants/route.ts";
import {
  DEFAULT_NAMESPACE,
  type DrawnEdge,
  type DrawnEnd,
  type DrawnLink,
  type DrawnNamespace,
  type DrawnNeighbour,
  type DrawnRoute,
  type Picture,
} from "../picture.ts";

type Growing = DrawnNamespace & {
  readonly links: DrawnLink[];
  readonly routes: DrawnRoute[];
  readonly neighbours: DrawnNeighbour[];
};

/**
 * Draws what `config` describes.
 *
 * @param plan What is known of items that cannot be as described yet. Without it only that is pending which must be by
 * the file alone: an interface whose peer is not described.
 */
export function pictureOfConfig(config: NetworkConfig, plan?: Pick<Plan, "pending" | "failed">): Picture {
  const reasons = new Map([...plan?.pending ?? [], ...plan?.failed ?? []].map(({ item, reason }) => [item, reason]));
  const pendingOf = (item: string): { readonly pending?: string } => {
    const pending = reasons.get(item);
    return pending === undefined ? {} : { pending };
  };
  const index = new InterfaceIndex(config.interfaces);
  const namespaces = new Map<string, Growing>();
  const namespaceOf = (ns?: Namespace): Growing => {
    const key = namespaceKey(ns);
    const found = namespaces.get(key) ?? emptyNamespace(ns);
    namespaces.set(key, found);
    return found;
  };

  for (const name of config.namespaces) {
    const ns = namedNs(name);
    namespaces.set(namespaceKey(ns), { ...emptyNamespace(ns), ...pendingOf(namespaceItem(name)) });
  }
  for (const model of config.interfaces) {
    namespaceOf(namespaceOfItem(model)).links.push({
      ...linkOf(model),
      ...lonely(model, index),
      ...pendingOf(interfaceItem(model.name)),
    });
  }
  for (const route of config.routes) {
    const target = index.find(route);
    namespaceOf(index.namespaceOf(route)).routes.push({
      destination: route.dstIpAddr,
      ...route.gwAddr === undefined ? {} : { gateway: route.gwAddr },
      link: target?.hostIfName ?? route.interface,
      ...!route.table || route.table === RT_TABLE_MAIN ? {} : { table: route.table },
      ...pendingOf(routeItem(route.name)),
    });
  }
  for (const entry of config.arpEntries) {
    const target = index.find(entry);
    namespaceOf(index.namespaceOf(entry)).neighbours.push({
      ip: entry.ipAddr,
      address: entry.hwAddress,
      link: target?.hostIfName ?? entry.interface,
      ...pendingOf(arpItem(entry.name)),
    });
  }
  const listed = new Set(config.namespaces);
  return {
    namespaces: [...namespaces.values()].map((ns) => listed.has(ns.name) ? ns : withoutPlace(ns)),
    edges: edgesOf(config.interfaces, index, (model) => namespaceOf(namespaceOfItem(model)).name, pendingOf),
  };
}

/** An end without its peer is pending, whatever is there. */
function lonely({ veth }: LinuxInterface, index: InterfaceIndex): { readonly pending?: string } {
  if (veth === undefined || index.named(veth.peerIfName) !== undefined) return {};
  return { pending: `its peer ${veth.peerIfName} is not described` };
}

function emptyNamespace(ns?: Namespace): Growing {
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

/** A namespace that nothing but its links asks for is not there as long as none of them is. */
function withoutPlace(ns: DrawnNamespace): DrawnNamespace {
  const [first] = ns.links;
  const waits = ns.name !== DEFAULT_NAMESPACE && ns.links.every(({ pending }) => pending !== undefined);
  return waits && first?.pending !== undefined ? { ...ns, pending: first.pending } : ns;
}

function linkOf({ hostIfName, type, enabled, mtu, ipAddresses = [], tap }: LinuxInterface): DrawnLink {
  return {
    name: hostIfName,
    kind: type === "VETH" ? "veth" : "tap",
    state: enabled ? "up" : "down",
    ...mtu === undefined ? {} : { mtu },
    addresses: ipAddresses,
    ...tap?.tempIfName === undefined ? {} : { note: `made as ${tap.tempIfName} in the default namespace` },
  };
}

/** Every pair whose ends are both described, once. */
function edgesOf(
  interfaces: readonly LinuxInterface[],
  index: InterfaceIndex,
  nameOf: (model: LinuxInterface) => string,
  pendingOf: (item: string) => { readonly pending?: string },
): DrawnEdge[] {
  const drawn = new Set<string>();
  const end = (model: LinuxInterface): DrawnEnd => ({ namespace: nameOf(model), link: model.hostIfName });
  return interfaces.flatMap((model) => {
    const peer = model.veth === undefined ? undefined : index.named(model.veth.peerIfName);
    if (peer === undefined || drawn.has(model.name)) return [];
    drawn.add(peer.name);
    const pending = { ...pendingOf(interfaceItem(peer.name)), ...pendingOf(interfaceItem(model.name)) };
    return [{ from: end(model), to: end(peer), kind: "veth", ...pending }];
  });
}
