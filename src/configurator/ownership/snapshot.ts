/** What an object is before this configuration changes it: enough to give it back. */
import { defined } from "../../collections.ts";
import { familyOf, parseIp } from "../../ip/address.ts";
import { isLinkLocal6, isMulticast } from "../../ip/arithmetic.ts";
import { IFAPROT_KERNEL_LL } from "../../netlink/constants/address.ts";
import { RTPROT_KERNEL, RTPROT_RA, RTPROT_REDIRECT } from "../../netlink/constants/route.ts";
import { lookup } from "../observed/indexes.ts";
import { addressesOf, givenAddressesOf, lowerIndex, wayOut } from "../observed/lookup.ts";
import type {
  ObservedAddress,
  ObservedLink,
  ObservedNamespace,
  ObservedNeighbour,
  ObservedRoute,
} from "../observed/observed_namespace.ts";
import type {
  AddressBefore,
  FullRoute,
  LinkBefore,
  NeighbourBefore,
  OptionsBefore,
  RouteBefore,
  UpperBefore,
  VxlanEntryBefore,
} from "./prior_state.ts";

/** Who made the routes that the kernel and the network make again. */
const MADE_BY_THE_NETWORK: ReadonlySet<number> = new Set([RTPROT_REDIRECT, RTPROT_KERNEL, RTPROT_RA]);

/** A link with what it carries: its addresses, its routes, its permanent neighbours. */
export function linkBefore(namespace: ObservedNamespace, link: ObservedLink): LinkBefore {
  const { index, name, kind, up, mtu, address, master, alias, txQueueLength, txQueues, rxQueues, data, port } = link;
  return defined({
    namespace: namespace.cookie ?? "0",
    index,
    name,
    kind,
    up,
    mtu,
    address,
    master,
    alias,
    txQueueLength,
    txQueues,
    rxQueues,
    options: optionsBefore(data),
    parent: wayOut(link),
    port: optionsBefore(port),
    vlans: vlansBefore(namespace, link),
    forwarding: forwardingBefore(namespace, link),
    entries: link.kind === "vxlan" ? vxlanEntries(namespace, link) : undefined,
    uppers: uppersBefore(namespace, link),
    addresses: givenAddressesOf(namespace, index).filter(({ text }) => !isLinkLocal6(text))
      .map((one) => addressBefore(one, name)),
    routes: namespace.routesOf(index).filter(isKept).map(fullRoute),
    neighbours: [...namespace.neighbours(4), ...namespace.neighbours(6)]
      .filter((one) => one.index === index && isSetNeighbour(one, link))
      .map(neighbourBefore),
  });
}

/** A neighbour, as it is given back. */
const neighbourBefore = ({ ip, address, state, protocol, flags }: ObservedNeighbour): NeighbourBefore =>
  defined({ ip, address, state: state === "noarp" ? state : undefined, protocol, flags });

/** The VLANs that a port of a bridge is in; undefined where the kernel knows of none. */
function vlansBefore(namespace: ObservedNamespace, { index, port }: ObservedLink): LinkBefore["vlans"] {
  const vlans = port === undefined ? [] : namespace.bridgeVlans(index);
  return vlans.length === 0 ? undefined : vlans.map(({ id, pvid, untagged }) => ({ id, pvid, untagged }));
}

/** The entries of a bridge for a port that do not age; its own addresses the kernel puts there by itself. */
function forwardingBefore(namespace: ObservedNamespace, link: ObservedLink): LinkBefore["forwarding"] {
  const { index, port, address: own } = link;
  const entries = port === undefined
    ? []
    : namespace.forwarding(index).filter(({ self, state, address, externLearn }) => (
      !self && (externLearn || state === "static" || state === "permanent") && address !== own
    ));
  return entries.length === 0 ? undefined : entries.map(({ address, vlan, state, sticky, externLearn }) => (
    defined({
      address,
      vlan,
      state: typeof state === "number" ? "static" : state,
      sticky: sticky || undefined,
      externLearn: externLearn || undefined,
    })
  ));
}

/** What identifies an entry of a VXLAN, so far as a file says it. */
export const entryKey = ({ mac, remote }: Pick<VxlanEntryBefore, "mac" | "remote">): string => `${mac} ${remote}`;

/** The permanent entries of a VXLAN. */
export function vxlanEntries(namespace: ObservedNamespace, { index }: Pick<ObservedLink, "index">): VxlanEntryBefore[] {
  return namespace.forwarding(index).flatMap(({ address: mac, ip, state, port, vni, srcVni, viaIndex }) => (
    ip === undefined || state !== "permanent" ? [] : [defined({ mac, remote: ip, port, vni, srcVni, viaIndex })]
  ));
}

const linksByLower = lookup((link: ObservedLink) => lowerIndex(link) ?? 0);

/** What stands on a link in its namespace, and on that. */
export function uppersOf(
  namespace: ObservedNamespace,
  { index }: Pick<ObservedLink, "index">,
): readonly ObservedLink[] {
  const uppers = new Set<ObservedLink>();
  const pending = [index];
  for (let below = pending.pop(); below !== undefined; below = pending.pop()) {
    for (const upper of linksByLower(namespace, namespace.links(), below)) {
      if (upper.peerNamespaceId !== undefined || uppers.has(upper)) continue;
      uppers.add(upper);
      pending.push(upper.index);
    }
  }
  return [...uppers];
}

function uppersBefore(namespace: ObservedNamespace, link: ObservedLink): LinkBefore["uppers"] {
  const uppers = uppersOf(namespace, link).map(({ index, kind = "", mtu }): UpperBefore => ({ index, kind, mtu }));
  return uppers.length === 0 ? undefined : uppers;
}

/** Options that say how a link is doing: nobody sets them, or they change by themselves. */
const LISTED: ReadonlySet<string> = new Set([
  ...["kind", "link", "bridgeId", "rootId", "rootPort", "rootPathCost", "topologyChange", "topologyChangeDetected"],
  ...["fdbNLearned", "state", "id", "no", "designatedPort", "designatedCost", "topologyChangeAck", "configPending"],
  ...["mcastEhtHostsCnt", "mcastNGroups"],
]);

/** Options that a link has; undefined for none. */
export function optionsBefore(options: object | undefined): OptionsBefore | undefined {
  const entries = Object.entries<unknown>({ ...options }).filter(([name]) => !LISTED.has(name));
  const before: Record<string, boolean | number | string> = {};
  for (const [name, value] of entries) {
    if (typeof value === "boolean" || typeof value === "number" || typeof value === "string") before[name] = value;
  }
  return Object.keys(before).length === 0 ? undefined : before;
}

/** True if an address that is there was given the same as before, but for how long it is valid. */
export function isAsBefore(now: ObservedAddress, link: string, before: AddressBefore): boolean {
  const given = (
    { broadcast, scope, label, noPrefixRoute, noDad, home, managedTemporaries, metric, peer, protocol }: AddressBefore,
  ): unknown[] => [broadcast, scope, label, noPrefixRoute, noDad, home, managedTemporaries, metric, peer, protocol];
  return JSON.stringify(given(addressBefore(now, link))) === JSON.stringify(given(before));
}

/** An address, as it is given back. */
export function addressBefore({ text, peer, options = {} }: ObservedAddress, link: string): AddressBefore {
  const { broadcast, scope, label, noPrefixRoute, noDad, home, managedTemporaries } = options;
  const { metric, preferredLifetime, validLifetime, protocol } = options;
  return defined({
    address: text,
    peer,
    broadcast,
    scope: scope || undefined,
    label: label === link ? undefined : label,
    noPrefixRoute,
    noDad,
    home,
    managedTemporaries,
    metric,
    preferredLifetime,
    validLifetime,
    protocol: protocol || undefined,
  });
}

/** True of a route by links that can be made again as it is, and that the kernel and the network do not make by themselves. */
export const isMadeByHand = ({ protocol, type, hops, isEncapsulating }: ObservedRoute): boolean => (
  (type === "unicast" || type === "local") && hops.length > 0 && !isEncapsulating && !MADE_BY_THE_NETWORK.has(protocol)
);

/** Of a route by several links the kernel keeps what goes by the others. */
const isKept = (route: ObservedRoute): boolean =>
  isMadeByHand(route) && route.hops.every((hop) => hop.index === route.index);

/** The routes by other links whose source is an address of this one: the kernel takes those of IPv4 with that. */
export function sourcedRoutes(namespace: ObservedNamespace, { index }: Pick<ObservedLink, "index">): ObservedRoute[] {
  const ips = new Set(
    addressesOf(namespace, index).map(({ text }) => text).filter((text) => familyOf(text) === 4)
      .map((text) => text.slice(0, text.indexOf("/"))),
  );
  if (ips.size === 0) return [];
  return namespace.allRoutes(4).filter((one) => (
    one.source !== undefined && ips.has(one.source) && isMadeByHand(one) && one.hops.some((hop) => hop.index !== index)
  ));
}

/** True of a neighbour that somebody set, and that stays until it is deleted. The kernel sets those of groups by itself. */
export function isSetNeighbour(
  { state, ip, address }: Pick<ObservedNeighbour, "state" | "ip" | "address">,
  link: Pick<ObservedLink, "arp"> | undefined,
): boolean {
  if (state !== "noarp") return state === "permanent";
  const parsed = parseIp(ip);
  const isGroup = parsed !== undefined && isMulticast(parsed) || address === BROADCAST;
  return !isGroup && link?.arp === true;
}

/** The hardware address of everybody. */
const BROADCAST = "ff:ff:ff:ff:ff:ff";

/** True of a route that goes with its link, or loses a next hop with it, and is not recorded. */
export const isLastingRoute = (route: ObservedRoute): boolean => (
  !isKept(route) && !MADE_BY_THE_NETWORK.has(route.protocol)
);

/** The link-local addresses of IPv6 that somebody gave a link; none where the kernel marks no addresses as its own. */
export function givenLinkLocals(namespace: ObservedNamespace, { index, name }: ObservedLink): AddressBefore[] {
  const all = addressesOf(namespace, index).filter(({ text }) => isLinkLocal6(text));
  const isMarking = [...all, ...namespace.addresses()].some(({ options }) => options?.protocol !== undefined);
  return isMarking
    ? all.filter(({ options }) => options?.protocol !== IFAPROT_KERNEL_LL).map((one) => addressBefore(one, name))
    : [];
}

/** A route, as it is given back. */
export function routeBefore(
  { index, gateway, source, scope, type, protocol, onLink, mtu, hops, options }: ObservedRoute,
): RouteBefore {
  const several = hops.length < 2
    ? undefined
    : hops.map(({ index, gateway, weight }) => defined({ link: index, gateway, weight }));
  return defined({
    link: index,
    gateway,
    source,
    scope: String(scope),
    type: String(type),
    protocol,
    onLink,
    mtu,
    hops: several,
    options,
  });
}

/** A route in full, as it is given back. */
export const fullRoute = (route: ObservedRoute): FullRoute => (
  { ...routeBefore(route), destination: route.destination, table: route.table, metric: route.metric }
);
