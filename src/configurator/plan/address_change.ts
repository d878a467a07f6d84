/** What turns the addresses of a link into others, in the order that the kernel and the file want. */
import { groupBy } from "../../collections.ts";
import { familyOf } from "../../ip/address.ts";
import { isLinkLocal6, networkOf } from "../../ip/arithmetic.ts";
import { parseIpPrefix } from "../../ip/prefix.ts";
import type { ObservedAddress } from "../observed/observed_namespace.ts";
import type { AddressBefore } from "../ownership/prior_state.ts";

/** What is added to a link, then deleted from it, then added again; texts with prefixes. */
export interface AddressChange {
  /** What can be there beside what is deleted: with it the link is never without an IPv4 address. */
  readonly addFirst: readonly string[];
  /** What is deleted. */
  readonly remove: readonly string[];
  /** What is added after that. */
  readonly add: readonly string[];
}

const NO_CHANGE: AddressChange = { addFirst: [], remove: [], add: [] };

/** True of an address of IPv4, with or without its prefix. */
export const isIpv4 = (text: string): boolean => familyOf(text) === 4;
/** True of one of IPv6. */
export const isIpv6 = (text: string): boolean => familyOf(text) === 6;

/**
 * What turns `actual` into `wanted`. If the file does not say what is wanted, only what it said before is deleted.
 */
export function changeOfAddresses(
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

/** The change to the addresses before: all of them anew, because one that is there was given otherwise. */
export function allAnew(actual: readonly ObservedAddress[], wanted: readonly string[] = []): AddressChange {
  const has = actual.map(({ text }) => text).filter((text) => !isLinkLocal6(text) || wanted.includes(text));
  return { addFirst: [], remove: has.reverse(), add: inOrderOfAdding(wanted, (text) => text) };
}

/** The order in which addresses are added: the kernel lists the newest of IPv6 first. */
export function inOrderOfAdding<T>(all: readonly T[], textOf: (one: T) => string): readonly T[] {
  const ofIpv6 = all.filter((one) => isIpv6(textOf(one)));
  return ofIpv6.length === 0 ? all : [...all.filter((one) => isIpv4(textOf(one))), ...ofIpv6.reverse()];
}

/** Addresses that a link had, in the order in which it gets them while it has none. */
export function formerInOrderOfAdding(before: readonly AddressBefore[]): readonly AddressBefore[] {
  return inOrderOfAdding(before, ({ address }) => address);
}
