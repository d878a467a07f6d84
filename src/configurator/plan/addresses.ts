/** The addresses of a link: exactly those of the file, the kernel's own link-local ones aside. */
import { groupBy } from "../../collections.ts";
import { familyOf } from "../../ip/address.ts";
import { isLinkLocal6, networkOf } from "../../ip/arithmetic.ts";
import { parseIpPrefix } from "../../ip/prefix.ts";
import type { LinuxInterface } from "../../models/interface/linux_interface.ts";
import { addressesOf, linkAt } from "../observed/lookup.ts";
import type { ObservedAddress, ObservedNamespace, ObservedRoute } from "../observed/observed_namespace.ts";
import type { AddressBefore } from "../ownership/prior_state.ts";
import { isAsBefore } from "../ownership/snapshot.ts";
import { interfaceItem } from "../report.ts";
import { lostNetworks, restoreLostRoutes } from "./lost_routes.ts";
import type { Ownership, PlanBuilder } from "./plan_builder.ts";
import type { PlannedLink } from "./planned_link.ts";
import { routeFields, routeKey } from "./route_fields.ts";

/** What is added to a link, then deleted from it, then added again; texts with prefixes. */
interface AddressChange {
  /** What can be there beside what is deleted: with it the link is never without an IPv4 address. */
  readonly addFirst: readonly string[];
  /** What is deleted. */
  readonly remove: readonly string[];
  /** What is added after that. */
  readonly add: readonly string[];
}

/** What is given back, and how. */
interface GivenBack {
  readonly former?: ReadonlyMap<string, AddressBefore>;
  readonly ends?: Ownership;
  readonly change: typeof changeOfAddresses;
}

const NO_CHANGE: AddressChange = { addFirst: [], remove: [], add: [] };

const isIpv4 = (text: string): boolean => familyOf(text) === 4;
const isIpv6 = (text: string): boolean => familyOf(text) === 6;

/**
 * Plans the addresses of an interface.
 *
 * @param present What the link has when its addresses are configured. @default {the addresses that it has now}
 */
export function planAddresses(
  builder: PlanBuilder,
  model: LinuxInterface,
  link: PlannedLink,
  present: readonly ObservedAddress[] = link.index === undefined ? [] : addressesOf(link.namespace, link.index),
): void {
  const { name, ipAddresses } = model;
  const formerly = present.length === 0 ? [] : formerAddresses(builder, link);
  if (!link.goesDown && ipAddresses !== undefined && isAsWanted(present, ipAddresses, formerly)) {
    return builder.effects.setAddresses(link, present.map(({ text }) => text), []);
  }
  planExactAddresses(builder, interfaceItem(name), link, ipAddresses, present, formerly);
}

/** True of a link that has addresses: exactly these, which are of IPv4, and link-local ones of the kernel's own. */
function isAsWanted(
  present: readonly ObservedAddress[],
  wanted: readonly string[],
  formerly: readonly string[],
): boolean {
  let found = 0;
  for (const { text } of present) {
    if (text === wanted[found] && isIpv4(text)) found++;
    else if (!isLinkLocal6(text) || formerly.includes(text)) return false;
  }
  return present.length > 0 && found === wanted.length;
}

/**
 * Plans that a link has the addresses that it had before, in their order.
 *
 * @param now `present`: what it has when its addresses are configured; `name`: its name now; `ends`: the record that ends
 *   when it has them.
 */
export function planFormerAddresses(
  builder: PlanBuilder,
  item: string,
  link: PlannedLink,
  before: readonly AddressBefore[],
  { present, name, ends }: {
    readonly present: readonly ObservedAddress[];
    readonly name: string;
    readonly ends: Ownership;
  },
): void {
  const former = new Map(before.map((one) => [one.address, one]));
  const isAltered = (one: ObservedAddress): boolean => {
    const was = former.get(one.text);
    return was !== undefined && !isAsBefore(one, name, was);
  };
  const change = present.some(isAltered) ? allAnew : changeOfAddresses;
  planExactAddresses(builder, item, link, [...former.keys()], present, [], { former, change, ends });
}

/**
 * Plans the addresses of a link that stays somebody else's.
 *
 * @param present What it has now.
 * @param wanted What it has then, in the order in which the kernel lists it.
 * @param others How those were given that are not described: some have to be made again, with their network.
 */
export function planUsedAddresses(
  builder: PlanBuilder,
  item: string,
  link: PlannedLink,
  present: readonly ObservedAddress[],
  wanted: readonly string[],
  others: readonly AddressBefore[],
): void {
  const former = new Map(others.map((one) => [one.address, one]));
  planExactAddresses(builder, item, link, wanted, present, [], { former, change: changeOfAddresses });
}

/**
 * Plans that a link has exactly these addresses, in this order in each family: the kernel prefers the first as a source.
 *
 * @param wanted If undefined, all that it has now but for those of `formerly`.
 * @param present What it has when its addresses are configured.
 * @param formerly Those that this configuration gave it.
 * @param back How those were that are given back, and what gives them back.
 */
function planExactAddresses(
  builder: PlanBuilder,
  item: string,
  link: PlannedLink,
  wanted: readonly string[] | undefined,
  present: readonly ObservedAddress[],
  formerly: readonly string[],
  { former, ends, change: changeOf }: GivenBack = { change: changeOfAddresses },
): void {
  const add = (address: string, why?: Ownership): void => {
    const ownership = ends === undefined ? why : { ...ends, ...why };
    builder.add("configure", item, { kind: "add-address", link, address, before: former?.get(address) }, ownership);
  };
  if (present.length === 0) { // as every link that the plan makes
    builder.effects.setAddresses(link, wanted ?? [], wanted ?? [], former);
    for (const address of inOrderOfAdding(wanted ?? [], (text) => text)) add(address);
    return;
  }
  // A link that is set down loses its IPv6 addresses.
  const stays = ({ text }: ObservedAddress): boolean => !(link.goesDown && isIpv6(text));
  const change = changeOf(present.filter(stays), wanted, formerly);
  const gone = new Set([...present.filter((one) => !stays(one)).map(({ text }) => text), ...change.remove]);
  const held = [...present.map(({ text }) => text).filter((text) => !gone.has(text)), ...change.addFirst];
  noteLosses(builder, link, gone, held);
  builder.effects.setAddresses(link, [...held, ...change.add], [...change.addFirst, ...change.add], former);
  for (const address of change.addFirst) add(address);
  for (const address of change.remove) builder.add("configure", item, { kind: "delete-address", link, address }, ends);
  const had = new Set(present.map(({ text }) => text));
  for (const address of change.add) {
    add(address, had.has(address) ? { why: reasonAddedAgain(link, address) } : undefined);
  }
  if (change.remove.some(isIpv6)) loseNetworks(builder, item, link, change.remove, [...held, ...change.add], ends);
}

/** Records which IPv6 networks a link loses, and plans that the routes of others to them come back. */
function loseNetworks(
  builder: PlanBuilder,
  item: string,
  link: PlannedLink,
  removed: readonly string[],
  staying: readonly string[],
  ends: Ownership | undefined,
): void {
  const { effects, input: { claims, config } } = builder;
  const { namespace, index = 0 } = link;
  const lost = lostNetworks(removed, staying);
  for (const network of lost) effects.loseNetwork(namespace, index, network);
  const isOwn = (one: ObservedRoute): boolean => claims.routeAt(namespace, one) !== undefined;
  // What is no longer described is deleted before the addresses are.
  const isDescribed = (one: ObservedRoute): boolean =>
    config.routes.some((route) => routeKey(routeFields(route)) === routeKey(one));
  restoreLostRoutes(builder, item, link, lost, { isThere: (one) => !isOwn(one) || isDescribed(one), isOwn, ends });
}

/** The change to the addresses before: all of them anew, because one that is there was given otherwise. */
function allAnew(actual: readonly ObservedAddress[], wanted: readonly string[] = []): AddressChange {
  const has = actual.map(({ text }) => text).filter((text) => !isLinkLocal6(text) || wanted.includes(text));
  return { addFirst: [], remove: has.reverse(), add: inOrderOfAdding(wanted, (text) => text) };
}

/** Why an address that the link has is added. */
const reasonAddedAgain = ({ goesDown }: PlannedLink, address: string): string => (
  goesDown && isIpv6(address) ? "goes when its link is set down" : "for the order of the addresses"
);

/** The order in which addresses are added: the kernel lists the newest of IPv6 first. */
function inOrderOfAdding<T>(all: readonly T[], textOf: (one: T) => string): readonly T[] {
  const ofIpv6 = all.filter((one) => isIpv6(textOf(one)));
  return ofIpv6.length === 0 ? all : [...all.filter((one) => isIpv4(textOf(one))), ...ofIpv6.reverse()];
}

/** Addresses that a link had, in the order in which it gets them while it has none. */
export function formerInOrderOfAdding(before: readonly AddressBefore[]): readonly AddressBefore[] {
  return inOrderOfAdding(before, ({ address }) => address);
}

/** The addresses that an earlier apply gave the link because the file said so. */
function formerAddresses({ input: { claims } }: PlanBuilder, { namespace, index }: PlannedLink): readonly string[] {
  const observed = index === undefined ? undefined : linkAt(namespace, index);
  const claimed = observed && claims.linkAt(namespace, observed);
  const position = claimed?.ends.findIndex((end) => end?.namespace === namespace && end.link.index === index) ?? -1;
  return claimed?.record.ends[position]?.described ?? [];
}

/** True if a link that exists has exactly the addresses of the interface, in a good order. */
export function hasDescribedAddresses(model: LinuxInterface, namespace: ObservedNamespace, index: number): boolean {
  const { addFirst, remove, add } = changeOfAddresses(addressesOf(namespace, index), model.ipAddresses, []);
  return addFirst.length + remove.length + add.length === 0;
}

/** Records what else goes with the addresses that are `gone`, while the link has those that are `held`. */
function noteLosses(
  builder: PlanBuilder,
  { namespace, index }: PlannedLink,
  gone: ReadonlySet<string>,
  held: readonly string[],
): void {
  if (gone.size === 0) return;
  const heldIps = new Set(held.map(ipOf));
  for (const ip of [...gone].map(ipOf)) if (!heldIps.has(ip)) builder.effects.loseAddress(namespace, ip);
  if (index !== undefined && [...gone].some(isIpv4) && !held.some(isIpv4)) builder.effects.loseIpv4(namespace, index);
}

const ipOf = (text: string): string => parseIpPrefix(text)?.address.text ?? text;

/**
 * What turns `actual` into `wanted`. If the file does not say what is wanted, only what it said before is deleted.
 */
function changeOfAddresses(
  actual: readonly ObservedAddress[],
  wanted: readonly string[] | undefined,
  formerly: readonly string[],
): AddressChange {
  const has = actual.map(({ text }) => text);
  const wants = wanted ?? has.filter((text) => !formerly.includes(text));
  const ipv4 = changeOfIpv4(has.filter(isIpv4), wants.filter(isIpv4));
  const ipv6 = changeOfIpv6(has.filter(isIpv6), wants.filter(isIpv6), formerly);
  return {
    addFirst: ipv4.addFirst,
    remove: [...ipv4.remove, ...ipv6.remove],
    add: [...ipv4.add, ...ipv6.add],
  };
}

function changeOfIpv6(
  actual: readonly string[],
  wanted: readonly string[],
  formerly: readonly string[],
): Omit<AddressChange, "addFirst"> {
  const keeps = (text: string): boolean => wanted.includes(text) || (isLinkLocal6(text) && !formerly.includes(text));
  const remove = new Set(actual.filter((text) => !keeps(text)));
  const [globals, locals] = [false, true].map((isLocal) => {
    // The kernel lists those of one scope together, and puts a new one before them: the last of them stay.
    const wants = wanted.filter((text) => isLinkLocal6(text) === isLocal);
    const has = actual.filter((text) => wants.includes(text));
    let staying = 0;
    while (staying < has.length && has.at(-1 - staying) === wants.at(-1 - staying)) staying++;
    for (const text of has.slice(0, has.length - staying)) remove.add(text);
    return wants.slice(0, wants.length - staying).reverse();
  });
  return { remove: [...remove], add: [...globals ?? [], ...locals ?? []] };
}

/**
 * IPv4: networks are in the order of the file, too. The first ones stay as long as they are in order; the others are
 * deleted and made again.
 */
function changeOfIpv4(actual: readonly string[], wanted: readonly string[]): AddressChange {
  const change = changeByNetworks(actual, wanted);
  if (change === NO_CHANGE || actual.length === 0) return change;
  const held = actual.filter((text) => !change.remove.includes(text));
  const order = networksIn(wanted);
  if (isSame(networksIn([...held, ...change.addFirst, ...change.add]), order)) return change;
  const now = networksIn(held);
  let staying = 0;
  while (staying < order.length && now[staying] === order[staying]) staying++;
  const stays = new Set(order.slice(0, staying));
  const isMoved = (text: string): boolean => !stays.has(networkTextOf(text));
  const moved = held.filter((text) => isMoved(text)).reverse();
  return {
    addFirst: [],
    remove: [...change.remove, ...moved],
    add: [...change.add.filter((text) => !isMoved(text)), ...wanted.filter(isMoved)],
  };
}

/** The networks of addresses, in their order. */
const networksIn = (texts: readonly string[]): string[] => [...new Set(texts.map(networkTextOf))];

const isSame = (a: readonly string[], b: readonly string[]): boolean => (
  a.length === b.length && a.every((text, index) => text === b[index])
);

/**
 * IPv4 by networks: the first address of a network is the source of what is sent there, and when it goes the kernel
 * takes the others along. So a network whose first addresses are in the order of the file grows at its end; any other
 * is deleted and made again. A new network is added before anything is deleted: with its last address a link would
 * lose all its IPv4 routes and neighbours.
 */
function changeByNetworks(actual: readonly string[], wanted: readonly string[]): AddressChange {
  // Nearly all links that an earlier plan made end here, so the networks need not be worked out.
  if (actual.length === 0) return { addFirst: wanted, remove: [], add: [] };
  if (isSame(actual, wanted)) return NO_CHANGE;
  const [before, after] = [groupBy(actual, networkTextOf), groupBy(wanted, networkTextOf)];
  const addFirst: string[] = [];
  const remove: string[] = [];
  const add: string[] = [];
  for (const network of new Set([...before.keys(), ...after.keys()])) {
    const [has, wants] = [before.get(network) ?? [], after.get(network) ?? []];
    const kept = has.filter((text) => wants.includes(text));
    const inOrder = kept.every((text, index) => text === wants[index]) && (kept.length === 0 || has[0] === kept[0]);
    // The secondary ones first: with the first one they would be gone already.
    remove.push(...has.filter((text) => !inOrder || !wants.includes(text)).reverse());
    if (has.length === 0) addFirst.push(...wants);
    else add.push(...inOrder ? wants.slice(kept.length) : wants);
  }
  return { addFirst, remove, add };
}

/** The network of an address with its prefix, as text. */
export function networkTextOf(text: string): string {
  const prefix = parseIpPrefix(text);
  return prefix === undefined ? text : networkOf(prefix).text;
}
