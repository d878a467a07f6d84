/** `--atomic`: the links that an apply changed or deleted are as they were. */
import { IPV6_MIN_MTU } from "../../netlink/constants/link.ts";
import { defined } from "../../collections.ts";
import { familyOf } from "../../ip/address.ts";
import { isLinkLocal6 } from "../../ip/arithmetic.ts";
import { RTPROT_KERNEL } from "../../netlink/constants/route.ts";
import type { LinkKind } from "../../netlink/link/kinds/link_spec.ts";
import { NO_KEY } from "../../netlink/wireguard/keys.ts";
import type { WireguardDevice } from "../../netlink/wireguard/types.ts";
import { changeBack } from "../link_types/change_back.ts";
import { cycleOf, withCycle } from "../link_types/master.ts";
import { planNewPortTables } from "../link_types/port_vlans.ts";
import { addEntries, addSourced } from "../link_types/entries_back.ts";
import { fillLink, type LinkToRestore, planPort, RestoredLinks } from "../link_types/restore.ts";
import { raiseUppers } from "../link_types/upper_mtus.ts";
import { ipOf } from "../link_types/used_addresses.ts";
import { fillEntries } from "../link_types/vxlan_entries.ts";
import type { NamespaceSets } from "../plan/effects.ts";
import { keptWhenDown } from "../observed/kept_addresses.ts";
import { addressesOf, givenAddressesOf, linkAt, linkNamed, lowerIndex } from "../observed/lookup.ts";
import type {
  LinkLocation,
  ObservedAddress,
  ObservedLink,
  ObservedNamespace,
  ObservedRoute,
} from "../observed/observed_namespace.ts";
import type { Cookie } from "../ownership/cookie.ts";
import type { AddressBefore, FullRoute, LinkBefore, NeighbourBefore } from "../ownership/prior_state.ts";
import { extrasBefore } from "../ownership/recorded_extras.ts";
import { fullRoute, givenLinkLocals, linkBefore, sourcedRoutes } from "../ownership/snapshot.ts";
import { formerInOrderOfAdding, networkTextOf } from "../plan/address_change.ts";
import { lostNetworks, restoreLostRoutes } from "../plan/lost_routes.ts";
import { carrierOf, PlannedLink } from "../plan/planned_link.ts";
import { routeKey } from "../plan/route_fields.ts";
import { stageOfSysctl } from "../plan/sysctls.ts";
import { isIpv6Sysctl } from "../../sysctl/link_sysctls.ts";
import type { UndoPlan } from "./undo_plan.ts";

/** A link as it was, where it was. */
export interface LinkAsItWas {
  readonly namespace: ObservedNamespace;
  readonly before: LinkBefore;
  /** The options of its kind, all of them. */
  readonly data: LinkKind | undefined;
  /** Where it was made, if that is another namespace than its own: there is the link that it stands on, or its socket. */
  readonly origin?: ObservedNamespace | undefined;
  /** The index of the link that it stands on, where it was made. */
  readonly parent?: number | undefined;
  /** The keys and peers of a WireGuard link. */
  readonly wireguard?: WireguardDevice | undefined;
}

/** What tells where a link was made. */
export interface Surroundings {
  /** Every namespace that can be looked at. */
  namespaces(): Iterable<ObservedNamespace>;
  /** The namespace in which this configuration made a link, if that is not its own; the kernel does not say it of a socket. */
  birthOf(namespace: ObservedNamespace, link: ObservedLink): Cookie | undefined;
}

/** A link as it is now, if it is there. */
export function linkAsItIs({ namespace, index }: LinkLocation): LinkAsItWas | undefined {
  const link = linkAt(namespace, index);
  if (link === undefined) return undefined;
  const sourced = sourcedRoutes(namespace, link).map(fullRoute);
  const before = { ...linkBefore(namespace, link), ...sourced.length === 0 ? {} : { sourced } };
  return { namespace, before, data: link.data };
}

/** A link that is about to get too small for IPv6, with what it loses of that. */
export function linkWithIpv6AsItIs(location: LinkLocation): LinkAsItWas | undefined {
  const as = linkAsItIs(location);
  const { namespace, index } = location;
  const link = linkAt(namespace, index);
  if (as === undefined || link === undefined) return as;
  const addresses = [...as.before.addresses, ...givenLinkLocals(namespace, link)];
  const { sysctls = {} } = extrasBefore(namespace, link) ?? {};
  const ofIpv6 = Object.fromEntries(Object.entries(sysctls).filter(([key]) => isIpv6Sysctl(key)));
  return { ...as, before: { ...as.before, addresses, extras: { sysctls: ofIpv6 } } };
}

/** A link that is about to be deleted or moved, with all that it loses by that. */
export function wholeLinkAsItIs(location: LinkLocation, surroundings: Surroundings): LinkAsItWas | undefined {
  const as = linkAsItIs(location);
  const { namespace, index } = location;
  const link = linkAt(namespace, index);
  if (as === undefined || link === undefined) return undefined;
  const addresses = [...as.before.addresses, ...givenLinkLocals(namespace, link)];
  return {
    ...as,
    before: defined({ ...as.before, addresses, extras: extrasBefore(namespace, link) }),
    origin: originOf(namespace, link, surroundings),
    parent: parentIndex(link),
    wireguard: link.kind === "wireguard" ? namespace.wireguard(index) : undefined,
  };
}

/** The other namespace in which a link was made. */
function originOf(
  namespace: ObservedNamespace,
  link: ObservedLink,
  surroundings: Surroundings,
): ObservedNamespace | undefined {
  const { kind, peerNamespaceId } = link;
  if (kind === "veth") return undefined;
  const birth = surroundings.birthOf(namespace, link);
  for (const one of surroundings.namespaces()) {
    if (one === namespace || !one.exists) continue;
    if (peerNamespaceId === undefined ? one.cookie === birth : namespace.namespaceId(one) === peerNamespaceId) {
      return one;
    }
  }
  return undefined;
}

/** The index of the link that one is made on: a tunnel too names it in an option. */
function parentIndex(link: ObservedLink): number | undefined {
  const { data } = link;
  const index = data !== undefined && "link" in data ? data.link : lowerIndex(link);
  return typeof index === "number" && index > 0 ? index : undefined;
}

/** A link that is there, for tasks on it. */
export function linkOf(namespace: ObservedNamespace, index: number): PlannedLink {
  const { name = `${index}`, up = true, carrier = true } = linkAt(namespace, index) ?? {};
  return new PlannedLink({ namespace, name, index, up, carrier: carrierOf(carrier, up && carrier) });
}

/** Links that one task deleted: one, or both ends of a pair. */
export interface DeletedLinks {
  readonly item: string;
  readonly links: readonly LinkAsItWas[];
}

/** Plans that links are made again which were deleted, with what they had; what others stand on comes first. */
export function makeAgain(plan: UndoPlan, deleted: readonly DeletedLinks[]): void {
  const keyOf = ({ cookie }: ObservedNamespace, index: number): string => `${cookie} ${index}`;
  const parentKey = ({ namespace, origin = namespace, parent }: LinkAsItWas): string | undefined =>
    parent === undefined ? undefined : keyOf(origin, parent);
  const all = new Map(
    deleted.flatMap(({ links }) => links).map((one) => [keyOf(one.namespace, one.before.index), one]),
  );
  const depthOf = (one: LinkAsItWas): number => {
    const below = all.get(parentKey(one) ?? "");
    return below === undefined ? 0 : 1 + depthOf(below);
  };
  const depth = ({ links: [first] }: DeletedLinks): number => first === undefined ? 0 : depthOf(first);
  const again = new Map<string, PlannedLink>();
  const filled: (LinkAsItWas & { readonly item: string; readonly link: PlannedLink })[] = [];
  for (const { item, links } of [...deleted].sort((a, b) => depth(a) - depth(b))) {
    const [near] = links;
    if (near === undefined) continue;
    const { origin, parent } = near;
    const below = parent === undefined
      ? undefined
      : again.get(parentKey(near) ?? "") ?? linkOf(origin ?? near.namespace, parent);
    const restored = links.map((was): LinkToRestore & LinkAsItWas => {
      const { namespace, before } = was;
      const link = new PlannedLink({ namespace, name: before.name, up: before.up, carrier: "comes" });
      again.set(keyOf(namespace, before.index), link);
      return { ...was, link };
    });
    plan.add("create", item, { kind: "create-link", creation: new RestoredLinks(item, restored, origin, below) });
    for (const one of restored) {
      const { before: { sourced: _, ...before }, link, wireguard } = one;
      filled.push({ ...one, item });
      fillLink(plan, item, link, before);
      fillEntries(plan, item, link, before);
      if (wireguard !== undefined) planWireguard(plan, item, link, wireguard);
    }
  }
  for (const { item, namespace, link, data, before: { sourced } } of filled) {
    const anew = (index: number): PlannedLink | undefined => again.get(keyOf(namespace, index));
    const port = data?.kind === "bond" && typeof data.primary === "number" ? data.primary : 0;
    const primary = anew(port) ?? (linkAt(namespace, port) === undefined ? undefined : linkOf(namespace, port));
    if (primary !== undefined) {
      plan.add("configure", item, { kind: "change-link", link, name: link.name, change: { primary } });
    }
    if (sourced !== undefined) {
      addSourced(plan, item, namespace, sourced, { gone: plan.addressesGone(namespace), anew });
    }
  }
}

/** Plans that a link has the keys and the peers that it had, and no others. */
export function planWireguard(plan: UndoPlan, item: string, link: PlannedLink, before: WireguardDevice): void {
  const { privateKey = NO_KEY, listenPort, fwmark } = before;
  const peers = before.peers.map((
    { publicKey, presharedKey = NO_KEY, endpoint, persistentKeepalive, allowedIps },
  ) => (
    { publicKey, presharedKey, endpoint, persistentKeepalive, allowedIps, replaceAllowedIps: true }
  ));
  const change = { privateKey, listenPort, fwmark, replacePeers: true, peers };
  plan.add("configure", item, {
    kind: "set-wireguard",
    link,
    change,
    text: "its keys and peers as before",
    from: null,
  });
}

/**
 * Plans that a link which is still there is as it was.
 *
 * @param cycled The links that this sets down and up again, each as its namespace and index; the link is added if it is one.
 */
export function restore(plan: UndoPlan, { namespace, before }: LinkAsItWas, cycled: NamespaceSets<number>): void {
  const now = linkAt(namespace, before.index) ?? linkNamed(namespace, before.name);
  if (now === undefined) return; // deleted, or moved: undone by itself
  const item = before.name;
  const link = new PlannedLink({
    namespace,
    name: before.name,
    index: now.index,
    up: before.up,
    carrier: carrierOf(now.carrier, before.up && now.carrier),
  });
  const masterBack = now.master === before.master ? undefined : before.master ?? 0;
  const { change, port } = changeBack(now, before, masterBack);
  const { master, ...own } = change ?? {};
  const cycle = cycleOf(namespace, now, masterBack, (index) => plan.kindMadeAgain(namespace, index));
  // What the kernel takes of a link that it sets down comes back with all that it had.
  const isBelowCycled = now.kind === "vlan" && cycled.has(namespace, lowerIndex(now) ?? 0);
  const isCycled = (cycle.isCycled || own.downFirst === true || isBelowCycled) && now.up && before.up;
  if (isCycled) cycled.add(namespace, now.index);
  if (Object.keys(own).length > 0) {
    plan.add("change", item, { kind: "change-link", link, name: now.name, change: own });
  }
  // Its master may be made again by this plan.
  if (master !== undefined) {
    const withMaster = withCycle({ master }, cycle, before.up);
    plan.add("enslave", item, { kind: "change-link", link, name: before.name, change: withMaster });
  }
  planPort(plan, item, link, port);
  if (now.master !== before.master) planNewPortTables(plan, item, link, before);
  raiseUppers(plan, item, namespace, now.mtu, before);
  // What the kernel took of IPv6 comes back with the MTU.
  const ipv6Comes = now.mtu < IPV6_MIN_MTU && before.mtu >= IPV6_MIN_MTU;
  for (const [key, value] of ipv6Comes ? Object.entries(before.extras?.sysctls ?? {}) : []) {
    plan.add(stageOfSysctl(key), item, { kind: "set-sysctl", namespace, key, value, before: undefined });
  }
  const addresses = before.addresses.filter(({ address }) => ipv6Comes || !isLinkLocal6(address));
  const { removed, added, losesIpv4 } = restoreAddresses(plan, item, link, now.index, addresses, isCycled);
  const was = new Set(before.routes.map(routeKey));
  const gone = new Set(removed.map(ipOf));
  const stays = ({ destination, source = "" }: ObservedRoute): boolean => (
    !(losesIpv4 && familyOf(destination) === 4) && !gone.has(source)
  );
  // The kernel takes the source of an IPv6 route with that address, and leaves the rest.
  const keyOf = (route: ObservedRoute | FullRoute): string => `${routeKey(route)} ${route.source}`;
  const routes = new Set(isCycled ? [] : namespace.routesOf(now.index).filter(stays).map(keyOf));
  addEntries(plan, item, link, {
    ...before,
    routes: before.routes.filter((route) => !routes.has(keyOf(route))),
    neighbours: before.neighbours.filter((one) => (
      losesIpv4 && familyOf(one.ip) === 4 || own.address !== undefined || isCycled ||
      !hasNeighbour(namespace, now.index, one)
    )),
  });
  if (before.sourced !== undefined) {
    const all = new Set([...gone, ...plan.addressesGone(namespace)]);
    addSourced(plan, item, namespace, before.sourced, { gone: all });
  }
  const present = presentAddresses(namespace, now.index).map(({ text }) => text);
  const staying = [...present.filter((text) => !removed.includes(text)), ...added];
  restoreLostRoutes(plan, item, link, lostNetworks(removed, staying), {
    isThere: (one) => one.protocol === RTPROT_KERNEL || was.has(routeKey(one)), // what the apply made goes before
  });
}

/** The addresses of a link but for those that the kernel gave it by itself. */
const presentAddresses = (namespace: ObservedNamespace, index: number): readonly ObservedAddress[] =>
  givenAddressesOf(namespace, index).filter(({ text }) => !isLinkLocal6(text));

function hasNeighbour(
  namespace: ObservedNamespace,
  index: number,
  { ip, address, state = "permanent" }: NeighbourBefore,
): boolean {
  return namespace.neighbours(familyOf(ip)).some((one) =>
    one.index === index && one.ip === ip && one.address === address && one.state === state
  );
}

/** What {@linkcode restoreAddresses} plans. */
interface AddressesBack {
  readonly removed: readonly string[];
  readonly added: readonly string[];
  /** True if the link is without an IPv4 address for a moment: the kernel takes its IPv4 routes and neighbours. */
  readonly losesIpv4: boolean;
}

/** Plans that a link has the addresses that it had: only what came goes, if the others are in their order. */
function restoreAddresses(
  plan: UndoPlan,
  item: string,
  link: PlannedLink,
  index: number,
  before: readonly AddressBefore[],
  isCycled: boolean,
): AddressesBack {
  const removed: string[] = [];
  const added: AddressBefore[] = [];
  let losesIpv4 = false;
  const present = presentAddresses(link.namespace, index);
  const isKept = keptWhenDown(link.namespace, index);
  for (const family of [4, 6]) {
    const isOfFamily = (text: string): boolean => familyOf(text) === family;
    const has = present.filter((one) => !isCycled || isKept(one)).map(({ text }) => text).filter(isOfFamily);
    const had = before.filter(({ address }) => isOfFamily(address));
    const texts = had.map(({ address }) => address);
    const extra = has.filter((text) => !texts.includes(text));
    const kept = has.filter((text) => texts.includes(text));
    // With the first IPv4 address of a network the kernel takes the others.
    const isInOrder = kept.join() === texts.join() && (family === 6 || !shareNetworks(extra, kept));
    const goes = isInOrder ? extra : has;
    removed.push(...[...goes].reverse());
    if (!isInOrder) added.push(...had);
    if (family === 4) losesIpv4 = has.length > 0 && goes.length === has.length;
  }
  const peers = new Map(addressesOf(link.namespace, index).map(({ text, peer }) => [text, peer]));
  for (const address of removed) {
    plan.add("configure", item, { kind: "delete-address", link, address, peer: peers.get(address) });
  }
  for (const one of formerInOrderOfAdding(added)) {
    plan.add("configure", item, { kind: "add-address", link, address: one.address, before: one });
  }
  return { removed, added: added.map(({ address }) => address), losesIpv4 };
}

function shareNetworks(some: readonly string[], others: readonly string[]): boolean {
  const networks = new Set(others.map(networkTextOf));
  return some.some((text) => networks.has(networkTextOf(text)));
}
