/** The addresses of a link: exactly those of the file, the kernel's own link-local ones aside. */
import type { LinuxInterface } from "../../models/interface.ts";
import { isLinkLocal6, networkOf } from "../../ip/arithmetic.ts";
import { parseIpPrefix } from "../../ip/prefix.ts";
import type { PlannedLink } from "./actions.ts";
import { interfaceItem, type PlanBuilder } from "./plan_builder.ts";
import { addressesOf, type ObservedAddress } from "../observed/observed_namespace.ts";

/** What is given to a link first, taken from it then, and given to it at last; texts with prefixes. */
interface AddressChange {
  /** What can be had beside what goes: with it the link is never without an IPv4 address. */
  readonly addFirst: readonly string[];
  /** What goes. */
  readonly remove: readonly string[];
  /** What comes after that. */
  readonly add: readonly string[];
}

const NO_CHANGE: AddressChange = { addFirst: [], remove: [], add: [] };

/** Plans the addresses of an interface whose link is `link`; `there` is what that has by then. */
export function planAddresses(
  builder: PlanBuilder,
  model: LinuxInterface,
  link: PlannedLink,
  there: readonly ObservedAddress[] = link.index === undefined ? [] : addressesOf(link.namespace, link.index),
): void {
  const item = interfaceItem(model.name);
  if (there.length === 0) { // as of each link that the plan makes
    const { ipAddresses: wanted = [] } = model;
    builder.setAddresses(link, wanted);
    for (const address of wanted) builder.do("configure", item, { kind: "add-address", link, address });
    return;
  }
  const formerly = builder.formerly(model)?.ipAddresses ?? [];
  // A link that is set down loses its IPv6 addresses.
  const stays = ({ text }: ObservedAddress): boolean => !(link.goesDown && isIpv6(text));
  const change = changeOfAddresses(there.filter(stays), model.ipAddresses, formerly);
  const gone = new Set([...there.filter((one) => !stays(one)).map(({ text }) => text), ...change.remove]);
  const held = [...there.map(({ text }) => text).filter((text) => !gone.has(text)), ...change.addFirst];
  noteLosses(builder, link, gone, held);
  builder.setAddresses(link, [...held, ...change.add]);
  for (const address of change.addFirst) builder.do("configure", item, { kind: "add-address", link, address });
  for (const address of change.remove) builder.do("configure", item, { kind: "delete-address", link, address });
  for (const address of change.add) builder.do("configure", item, { kind: "add-address", link, address });
}

/** Remembers what else goes with the addresses that are `gone`, while the link has those that are `held`. */
function noteLosses(
  builder: PlanBuilder,
  { namespace, index }: PlannedLink,
  gone: ReadonlySet<string>,
  held: readonly string[],
): void {
  if (gone.size === 0) return;
  const heldIps = new Set(held.map(ipOf));
  for (const ip of [...gone].map(ipOf)) if (!heldIps.has(ip)) builder.loseAddress(namespace, ip);
  const isIpv4 = (text: string): boolean => !isIpv6(text);
  if (index !== undefined && [...gone].some(isIpv4) && !held.some(isIpv4)) builder.loseIpv4(namespace, index);
}

const ipOf = (text: string): string => parseIpPrefix(text)?.address.text ?? text;

/**
 * What makes `wanted` of `actual`. If the file does not say what is wanted, only what it said before is taken away.
 */
function changeOfAddresses(
  actual: readonly ObservedAddress[],
  wanted: readonly string[] | undefined,
  formerly: readonly string[],
): AddressChange {
  const has = actual.map(({ text }) => text);
  const wants = wanted ?? has.filter((text) => !formerly.includes(text));
  const ipv4 = changeOfIpv4(has.filter((text) => !isIpv6(text)), wants.filter((text) => !isIpv6(text)));
  const ipv6 = changeOfIpv6(has.filter(isIpv6), wants.filter(isIpv6), formerly);
  return {
    addFirst: ipv4.addFirst,
    remove: [...ipv4.remove, ...ipv6.remove],
    add: [...ipv4.add, ...ipv6.add],
  };
}

const isIpv6 = (text: string): boolean => text.includes(":");

function changeOfIpv6(
  actual: readonly string[],
  wanted: readonly string[],
  formerly: readonly string[],
): Omit<AddressChange, "addFirst"> {
  const keeps = (text: string): boolean => wanted.includes(text) || (isLinkLocal6(text) && !formerly.includes(text));
  return {
    remove: actual.filter((text) => !keeps(text)),
    add: wanted.filter((text) => !actual.includes(text)),
  };
}

/**
 * IPv4 by networks: the first address of a network is the source of what is sent there, and when it goes the kernel
 * takes the others along. So a network whose first addresses are in the order of the file grows at its end; any other
 * is taken away and made again. A new network comes before anything goes: with its last address a link would lose all
 * its IPv4 routes and neighbours.
 */
function changeOfIpv4(actual: readonly string[], wanted: readonly string[]): AddressChange {
  // As it is with nearly all links that an earlier plan made. Not worth a look at networks.
  if (actual.length === 0) return { addFirst: wanted, remove: [], add: [] };
  if (actual.length === wanted.length && actual.every((text, index) => text === wanted[index])) return NO_CHANGE;
  const [before, after] = [byNetwork(actual), byNetwork(wanted)];
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
