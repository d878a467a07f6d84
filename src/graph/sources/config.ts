/** The picture of a topology file: what it describes, whatever exists. */
import { defined } from "../../collections.ts";
import { LINK_TYPES } from "../../configurator/link_types/all_link_types.ts";
import { impairmentText } from "../../configurator/plan/impair_qdisc.ts";
import { NEAR_LINK as UPLINK } from "../../configurator/plan/uplinks.ts";
import {
  arpItem,
  firewallItem,
  forwardItem,
  interfaceItem,
  namespaceItem,
  natItem,
  type Plan,
  routeItem,
  ruleItem,
  uplinkItem,
} from "../../configurator/report.ts";
import type { NetworkConfig } from "../../models/config.ts";
import { linkReference } from "../../models/filters.ts";
import { DIRECTIONS } from "../../models/firewall.ts";
import type { LinuxInterface } from "../../models/interface/linux_interface.ts";
import { parentOf } from "../../models/interface/interface_types.ts";
import { InterfaceIndex, namespaceOfItem } from "../../models/references.ts";
import { type LinuxRule, withHostNames } from "../../models/rule.ts";
import { nameOfEntry, namespaceOfEntry, sysctlsOfEntry } from "../../models/sysctls.ts";
import { uplinkHostLink, uplinkName } from "../../models/uplinks.ts";
import { type Namespace, namespaceKey } from "../../namespace.ts";
import { RT_TABLE_MAIN } from "../../netlink/constants/route.ts";
import {
  DEFAULT_NAMESPACE,
  type Picture,
  type PictureEdge,
  type PictureEnd,
  type PictureEntry,
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
  rules?: PictureEntry[];
  filters?: PictureEntry[];
  sysctls?: PictureEntry[];
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
    const sysctls = sysctlsOfEntry(entry).map(({ key, value }) => defined({ text: `${key} ${value}`, pending }));
    const some = sysctls.length === 0 ? undefined : sysctls;
    namespaces.set(namespaceKey(ns), defined({ ...emptyNamespace(ns), sysctls: some, pending }));
  }
  for (const model of config.interfaces) {
    const pending = reasons.get(interfaceItem(model.name)) ?? missingPeer(model, index);
    namespaceOf(namespaceOfItem(model)).links.push(linkOf(model, index, pending));
  }
  for (const route of config.routes) {
    const { routes } = namespaceOf(index.namespaceOf(route));
    const { gwAddr, namespace, nextHops = [defined({ gwAddr, interface: route.interface })] } = route;
    for (const hop of nextHops) {
      routes.push(defined({
        destination: route.dstIpAddr,
        type: route.type?.toLowerCase(),
        gateway: hop.gwAddr,
        link: index.find(defined({ namespace, interface: hop.interface }))?.hostIfName ?? hop.interface,
        table: !route.table || route.table === RT_TABLE_MAIN ? undefined : route.table,
        pending: reasons.get(routeItem(route.name)),
      }));
    }
  }
  for (const rule of config.rules ?? []) {
    const namespace = namespaceOf(namespaceOfItem(rule));
    (namespace.rules ??= []).push(
      defined({ text: ruleText(withHostNames(rule, index)), pending: reasons.get(ruleItem(rule.name)) }),
    );
  }
  addFilters(config, index, namespaceOf, reasons);
  for (const entry of config.arpEntries) {
    namespaceOf(index.namespaceOf(entry)).neighbours.push(defined({
      ip: entry.ipAddr,
      address: entry.hwAddress,
      link: index.find(entry)?.hostIfName ?? entry.interface,
      pending: reasons.get(arpItem(entry.name)),
    }));
  }
  const listed = new Set(config.namespaces.map(nameOfEntry));
  const edges = [
    ...edgesOf(config.interfaces, index, (model) => namespaceOf(namespaceOfItem(model)).name, reasons),
    ...uplinkEdges(config, namespaceOf, reasons),
  ];
  return {
    namespaces: [...namespaces.values()].map((ns) => listed.has(ns.name) ? ns : withPendingOfLinks(ns)),
    edges,
  };
}

/** A rule in words, as `ip rule` has them. */
function ruleText(rule: LinuxRule): string {
  const { priority, from, to, not, fwMark, fwMask, iif, oif, uidRange, table, action, ipFamily } = rule;
  const fwmark = fwMask === undefined ? fwMark : `${fwMark}/${fwMask}`;
  const { protocol: ipproto, sourcePort: sport, destinationPort: dport, suppressPrefixlength } = rule;
  const narrowing = { from, to, fwmark, iif, oif, uidrange: uidRange, ipproto, sport, dport };
  const words = [
    ...not ? ["not"] : [],
    ...Object.entries(defined(narrowing)).map(([word, value]) => `${word} ${value}`),
  ];
  const all = ipFamily === "IPV6" ? "from ::/0" : "from all";
  const without = suppressPrefixlength === undefined ? "" : ` suppress_prefixlength ${suppressPrefixlength}`;
  const what = action?.toLowerCase() ?? `table ${table ?? "main"}${without}`;
  return [...priority === undefined ? [] : [`${priority}:`], ...words.length === 0 ? [all] : words, what].join(" ");
}

/** Adds what the file does with packets to the namespaces where it does so. */
function addFilters(
  { nat = [], forwards = [], firewall = [] }: NetworkConfig,
  index: InterfaceIndex,
  namespaceOf: (ns?: Namespace) => NamespaceBuilder,
  reasons: ReadonlyMap<string, string>,
): void {
  const add = (ns: Namespace | undefined, item: string, text: string): void => {
    (namespaceOf(ns).filters ??= []).push(defined({ text, pending: reasons.get(item) }));
  };
  for (const one of nat) {
    const from = one.source === undefined ? "" : ` of ${one.source}`;
    add(index.namespaceOf(linkReference(one)), natItem(one.name), `nat${from} by ${one.out}`);
  }
  for (const one of forwards) {
    const text = `${one.protocol} ${one.port} of ${one.in} goes to ${one.to}`;
    add(index.namespaceOf(linkReference(one)), forwardItem(one.name), text);
  }
  for (const one of firewall) {
    const except = one.except.length === 0 ? "" : `, ${one.except.length} except`;
    const policies = DIRECTIONS.flatMap((direction) =>
      one[direction] === undefined ? [] : `${direction} ${one[direction]}`
    );
    add(namespaceOfItem(one), firewallItem(one.name), `${policies.join(", ")}${except}`);
  }
}

/** The pair of each uplink, with its ends in the two namespaces. */
function uplinkEdges(
  { uplinks = [] }: NetworkConfig,
  namespaceOf: (ns?: Namespace) => NamespaceBuilder,
  reasons: ReadonlyMap<string, string>,
): PictureEdge[] {
  return uplinks.map((uplink) => {
    const pending = reasons.get(uplinkItem(uplinkName(uplink)));
    const [near, far] = [namespaceOf(namespaceOfItem(uplink)), namespaceOf()];
    const link = (name: string): PictureLink => (
      defined({ name, kind: "veth", state: "up", addresses: [], note: `uplink of ${uplinkName(uplink)}`, pending })
    );
    const [nearName, farName] = [UPLINK, uplinkHostLink(uplink)];
    near.links.push(link(nearName));
    far.links.push(link(farName));
    near.routes.push(defined({ destination: "0.0.0.0/0", link: nearName, pending }));
    const end = (ns: PictureNamespace, name: string): PictureEnd => ({ namespace: ns.name, link: name });
    return defined({ from: end(near, nearName), to: end(far, farName), kind: "veth", pending });
  });
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

function linkOf(model: LinuxInterface, index: InterfaceIndex, pending: string | undefined): PictureLink {
  const { hostIfName, type, enabled, mtu, ipAddresses = [], tap, master, vlan, impair, tunnel } = model;
  const below = index.parentOf(model);
  const isHere = below === undefined || namespaceKey(namespaceOfItem(below)) === namespaceKey(namespaceOfItem(model));
  const described = typeof master === "string" ? index.in(namespaceOfItem(model), master) : undefined;
  return defined({
    name: hostIfName,
    kind: tunnel?.mode ?? LINK_TYPES[type].kind,
    vlan: vlan?.id,
    state: enabled ? "up" : "down",
    mtu,
    addresses: ipAddresses,
    master: described?.hostIfName ?? master ?? undefined,
    on: isHere ? below?.hostIfName ?? parentOf(model) : undefined,
    impairment: impair === undefined ? undefined : impairmentText(impair),
    note: tap?.tempIfName === undefined ? undefined : `made as ${tap.tempIfName} in the default namespace`,
    pending,
  });
}

/** Each pair whose two ends are in the file, once, and each link with the one in another namespace that it stands on. */
function edgesOf(
  interfaces: readonly LinuxInterface[],
  index: InterfaceIndex,
  nameOf: (model: LinuxInterface) => string,
  reasons: ReadonlyMap<string, string>,
): PictureEdge[] {
  const done = new Set<string>();
  const end = (model: LinuxInterface): PictureEnd => ({ namespace: nameOf(model), link: model.hostIfName });
  return interfaces.flatMap((model) => {
    const below = index.parentOf(model);
    if (below !== undefined && nameOf(below) !== nameOf(model)) {
      const pending = reasons.get(interfaceItem(model.name));
      return [defined({ from: end(model), to: end(below), kind: LINK_TYPES[model.type].kind, pending })];
    }
    const peer = model.veth === undefined ? undefined : index.named(model.veth.peerIfName);
    if (peer === undefined || done.has(model.name)) return [];
    done.add(peer.name);
    const pending = reasons.get(interfaceItem(model.name)) ?? reasons.get(interfaceItem(peer.name));
    return [defined({ from: end(model), to: end(peer), kind: "veth", pending })];
  });
}
