/** The addresses of a link: exactly those of the file, the kernel's own link-local ones aside. */
import type { LinuxInterface } from "../models/interface.ts";
import { isLinkLocal6, networkOf, parseIpPrefix } from "../models/ip.ts";
import type { Slot } from "./actions.ts";
import { type Draft, interfaceItem } from "./draft.ts";
import { type ActualAddress, addressesOf } from "./space.ts";

/** What must be taken from a link and given to it, in this order. */
export interface AddressChange {
  /** Texts with prefixes. */
  readonly remove: readonly string[];
  /** Texts with prefixes. */
  readonly add: readonly string[];
}

/** Plans the addresses of an interface whose link is `slot`. */
export function planAddresses(draft: Draft, model: LinuxInterface, slot: Slot): void {
  const formerly = draft.formerly(model)?.ipAddresses ?? [];
  const there = slot.index === undefined ? [] : addressesOf(slot.space, slot.index);
  // A link that is set down loses its IPv6 addresses.
  const lost = slot.goesDown ? there.filter(({ text }) => isIpv6(text)) : [];
  const { remove, add } = changeOfAddresses(there.filter((one) => !lost.includes(one)), model.ipAddresses, formerly);
  const item = interfaceItem(model.name);
  for (const text of [...lost.map(({ text }) => text), ...remove]) {
    const ip = parseIpPrefix(text)?.address.text;
    if (ip !== undefined) draft.loseAddress(slot.space, ip);
  }
  for (const address of remove) draft.do("configure", item, { kind: "delete-address", slot, address });
  for (const address of add) draft.do("configure", item, { kind: "add-address", slot, address });
}

/**
 * What makes `wanted` of `actual`. If the file does not say what is wanted, only what it said before is taken away.
 */
export function changeOfAddresses(
  actual: readonly ActualAddress[],
  wanted: readonly string[] | undefined,
  formerly: readonly string[],
): AddressChange {
  if (wanted === undefined) {
    const gone = new Set(formerly);
    return { remove: actual.flatMap(({ text }) => gone.has(text) ? [text] : []), add: [] };
  }
  const ipv6 = changeOfIpv6(actual.filter(({ text }) => isIpv6(text)), wanted.filter(isIpv6), formerly);
  const ipv4 = changeOfIpv4(actual.filter(({ text }) => !isIpv6(text)), wanted.filter((text) => !isIpv6(text)));
  return { remove: [...ipv4.remove, ...ipv6.remove], add: [...ipv4.add, ...ipv6.add] };
}

const isIpv6 = (text: string): boolean => text.includes(":");

function changeOfIpv6(
  actual: readonly ActualAddress[],
  wanted: readonly string[],
  formerly: readonly string[],
): AddressChange {
  const has = new Set(actual.map(({ text }) => text));
  const keeps = (text: string): boolean => wanted.includes(text) || (isOfTheKernel(text) && !formerly.includes(text));
  return {
    remove: [...has].filter((text) => !keeps(text)),
    add: wanted.filter((text) => !has.has(text)),
  };
}

/** The kernel gives each IPv6 link an address of fe80::/64. */
function isOfTheKernel(text: string): boolean {
  const prefix = parseIpPrefix(text);
  return prefix !== undefined && isLinkLocal6(prefix.address);
}

/**
 * IPv4 by networks: the first address of a network is the source of what is sent there, and when it goes the kernel
 * takes the others along. So a network whose first addresses are in the order of the file grows at its end; any other
 * is taken away and made again.
 */
function changeOfIpv4(actual: readonly ActualAddress[], wanted: readonly string[]): AddressChange {
  const [before, after] = [byNetwork(actual.map(({ text }) => text)), byNetwork(wanted)];
  const remove: string[] = [];
  const add: string[] = [];
  for (const network of new Set([...before.keys(), ...after.keys()])) {
    const [has, wants] = [before.get(network) ?? [], after.get(network) ?? []];
    const kept = has.filter((text) => wants.includes(text));
    const inOrder = kept.every((text, index) => text === wants[index]) && (kept.length === 0 || has[0] === kept[0]);
    // The secondary ones first: with the first one they would be gone already.
    remove.push(...has.filter((text) => !inOrder || !wants.includes(text)).reverse());
    add.push(...inOrder ? wants.slice(kept.length) : wants);
  }
  return { remove, add };
}

function byNetwork(addresses: readonly string[]): Map<string, string[]> {
  const networks = new Map<string, string[]>();
  for (const text of addresses) {
    const prefix = parseIpPrefix(text);
    const network = prefix === undefined ? text : networkOf(prefix).text;
    const members = networks.get(network);
    if (members === undefined) networks.set(network, [text]);
    else members.push(text);
  }
  return networks;
}
