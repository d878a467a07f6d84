/** The addresses of a link: exactly those of the file, the kernel's own link-local ones aside. */
import { isLinkLocal6 } from "../../ip/arithmetic.ts";
import { parseIpPrefix } from "../../ip/prefix.ts";
import type { LinuxInterface } from "../../models/interface/linux_interface.ts";
import { keptWhenDown } from "../observed/kept_addresses.ts";
import { addressesOf, givenAddressesOf, linkAt } from "../observed/lookup.ts";
import type { ObservedAddress, ObservedNamespace, ObservedRoute } from "../observed/observed_namespace.ts";
import type { AddressBefore } from "../ownership/prior_state.ts";
import { isAsBefore } from "../ownership/snapshot.ts";
import { interfaceItem } from "../report.ts";
import { allAnew, changeOfAddresses, inOrderOfAdding, isIpv4, isIpv6 } from "./address_change.ts";
import { lostNetworks, restoreLostRoutes } from "./lost_routes.ts";
import type { Ownership, PlanBuilder } from "./plan_builder.ts";
import type { PlannedLink } from "./planned_link.ts";
import { routeFields, routeKey } from "./route_fields.ts";

/** What is given back, and how. */
interface GivenBack {
  readonly former?: ReadonlyMap<string, AddressBefore>;
  readonly ends?: Ownership;
  readonly change: typeof changeOfAddresses;
}

/**
 * Plans the addresses of an interface.
 *
 * @param present What the link has when its addresses are configured. @default {the addresses that it has now}
 */
export function planAddresses(
  builder: PlanBuilder,
  model: LinuxInterface,
  link: PlannedLink,
  present: readonly ObservedAddress[] = link.index === undefined
    ? []
    : givenAddressesOf(link.namespace, link.index, model.ipAddresses),
): void {
  const { name, ipAddresses } = model;
  const formerly = present.length === 0 ? [] : formerAddresses(builder, link);
  if (!link.goesDown && ipAddresses !== undefined && isAsWanted(present, ipAddresses, formerly)) {
    return builder.effects.setAddresses(link, [...present.map(({ text }) => text), ...advertisedOn(link, present)], []);
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
    builder.effects.setAddresses(link, [...wanted ?? [], ...advertisedOn(link, present)], wanted ?? [], former);
    for (const address of inOrderOfAdding(wanted ?? [], (text) => text)) add(address);
    return;
  }
  // A link that gets too small for them loses its IPv6 addresses, and most lose them when they are set down.
  const isKept = link.index === undefined ? isOfIpv4 : keptWhenDown(link.namespace, link.index);
  const stays = (one: ObservedAddress): boolean => (
    !(link.ipv6Goes && isIpv6(one.text)) && !(link.goesDown && !isKept(one))
  );
  const change = changeOf(present.filter(stays), wanted, formerly);
  const gone = new Set([...present.filter((one) => !stays(one)).map(({ text }) => text), ...change.remove]);
  const held = [
    ...present.map(({ text }) => text).filter((text) => !gone.has(text)),
    ...advertisedOn(link, present),
    ...change.addFirst,
  ];
  noteLosses(builder, item, link, gone, held);
  builder.effects.setAddresses(link, [...held, ...change.add], [...change.addFirst, ...change.add], former);
  for (const address of change.addFirst) add(address);
  const peers = new Map(present.map(({ text, peer }) => [text, peer]));
  for (const address of change.remove) {
    builder.add("configure", item, { kind: "delete-address", link, address, peer: peers.get(address) }, ends);
  }
  const had = new Set(present.map(({ text }) => text));
  for (const address of change.add) {
    add(address, had.has(address) ? { why: reasonAddedAgain(link, address) } : undefined);
  }
  if (change.remove.some(isIpv6)) loseNetworks(builder, item, link, change.remove, [...held, ...change.add], ends);
}

const isOfIpv4 = ({ text }: ObservedAddress): boolean => isIpv4(text);

/** What a link keeps of what the kernel made by itself, beside what is `present`. */
function advertisedOn(link: PlannedLink, present: readonly ObservedAddress[]): readonly string[] {
  if (link.index === undefined || link.goesDown || link.ipv6Goes) return [];
  return addressesOf(link.namespace, link.index).filter((one) => one.advertised === true && !present.includes(one))
    .map(({ text }) => text);
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

/** Why an address that the link has is added. */
const reasonAddedAgain = ({ goesDown }: PlannedLink, address: string): string => (
  goesDown && isIpv6(address) ? "goes when its link is set down" : "for the order of the addresses"
);

/** The addresses that an earlier apply gave the link because the file said so. */
function formerAddresses({ input: { claims } }: PlanBuilder, { namespace, index }: PlannedLink): readonly string[] {
  const observed = index === undefined ? undefined : linkAt(namespace, index);
  const claimed = observed && claims.linkAt(namespace, observed);
  const position = claimed?.ends.findIndex((end) => end?.namespace === namespace && end.link.index === index) ?? -1;
  return claimed?.record.ends[position]?.described ?? [];
}

/** True if a link that exists has exactly the addresses of the interface, in a good order. */
export function hasDescribedAddresses(model: LinuxInterface, namespace: ObservedNamespace, index: number): boolean {
  const { addFirst, remove, add } = changeOfAddresses(
    givenAddressesOf(namespace, index, model.ipAddresses),
    model.ipAddresses,
    [],
  );
  return addFirst.length + remove.length + add.length === 0;
}

/** Records what else goes with the addresses that are `gone`, while the link has those that are `held`. */
function noteLosses(
  builder: PlanBuilder,
  item: string,
  { namespace, index }: PlannedLink,
  gone: ReadonlySet<string>,
  held: readonly string[],
): void {
  if (gone.size === 0) return;
  const heldIps = new Set(held.map(ipOf));
  for (const ip of [...gone].map(ipOf)) if (!heldIps.has(ip)) builder.effects.loseAddress(namespace, ip, item);
  if (index !== undefined && [...gone].some(isIpv4) && !held.some(isIpv4)) builder.effects.loseIpv4(namespace, index);
}

const ipOf = (text: string): string => parseIpPrefix(text)?.address.text ?? text;
